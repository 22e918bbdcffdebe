"""Words and whole values: what is told apart, what is not, and what stays short enough for an index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.search.words import LONGEST_VALUE, LONGEST_WORD, ends_a_word, whole, words_of

WORDS = {
    "": (),
    "!?._-/": (),
    "Blue_Sweater-2.jpg": ("blue", "sweater", "2", "jpg"),
    "cat CAT Cat": ("cat",),
    "a+b=c<d>|$^~`": ("a", "b", "c", "d"),
    "Straße": ("strasse",),
    "ＢÄCKER«ei»": ("bäcker", "ei"),
    "cafe\u0301": ("café",),
    "हिन्दी भाषा": ("हिन्दी", "भाषा"),
    "日本語、ねこ": ("日本語", "ねこ"),
    "🥐 au beurre": ("🥐", "au", "beurre"),
    "a\0b\ud800c": ("a", "b", "c"),
    "a\u00a0b\u2028c": ("a", "b", "c"),
}


@pytest.mark.parametrize("text", WORDS)
def test_texts_fall_into_words(text: str) -> None:
    """admin-api §13: at white space and punctuation, whatever the case."""
    assert words_of(text) == WORDS[text]


@given(st.text())
def test_words_are_made_of_themselves(text: str) -> None:
    """So a word that was indexed is found by itself; and none is too long, or begins like a whole value."""
    for word in words_of(text):
        assert words_of(word) == (word,)
        assert 0 < len(word) <= LONGEST_WORD
        assert not word.startswith("=")


@given(st.text(st.characters(codec="ascii")))
def test_plain_texts_take_a_short_way_to_the_same_words(text: str) -> None:
    """The general way is taken as soon as one letter is not ASCII."""
    assert words_of(text) == words_of(f"{text} ü")[: len(words_of(text))]


def test_a_word_may_go_on_only_where_the_text_ends_with_one() -> None:
    """`red-*` asks for red, and for nothing that begins somehow."""
    assert [ends_a_word(each) for each in ("red", "red-", "", "🥐", "r ")] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_whole_values_are_short_and_still_differ() -> None:
    """A digest stands for the rest; what begins alike keeps its beginning."""
    long, longer = "x" * LONGEST_VALUE, "x" * 10_000
    assert whole(long) == long
    assert whole(longer).startswith(long)
    assert len(whole(longer)) == LONGEST_VALUE + 64
    assert whole(longer) != whole(longer + "x")
    assert whole("y" * 300 + "\ud800") != whole("y" * 300 + "\ud801")
