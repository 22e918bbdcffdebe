"""Texts as the words they are found by, and whole values as the index holds them."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

LONGEST_WORD = 64  # characters; what follows tells nothing
LONGEST_VALUE = 200
_PLAIN = re.compile(r"[0-9a-z]+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, each once: split at white space and punctuation, case folded."""
    if text.isascii():
        found = _PLAIN.findall(text.lower())
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        found = "".join(each if _is_of_words(each) else " " for each in folded).split()
    return tuple(dict.fromkeys(each[:LONGEST_WORD] for each in found))


@lru_cache(maxsize=4096)
def _is_of_words(character: str) -> bool:
    """Letters, digits, marks, and the symbols beyond ASCII (an emoji is a word)."""
    if character.isascii():
        return _PLAIN.fullmatch(character) is not None
    return unicodedata.category(character)[0] not in "PZC"


def ends_a_word(text: str) -> bool:
    """Whether its last character belongs to a word, so that the word may go on."""
    return bool(words_of(text[-1:]))


def whole(value: str) -> str:
    """A value of any length as a text that an index can hold: equal for equal values."""
    if len(value) <= LONGEST_VALUE:
        return value
    return value[:LONGEST_VALUE] + sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
