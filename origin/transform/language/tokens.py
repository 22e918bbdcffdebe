"""The words of conditions and arithmetic: text in, tokens out, linear in the text (transformations.md §8, §9)."""

import re
from enum import Enum

from attrs import frozen

_LONG_NAMES = {
    "width": "w",
    "height": "h",
    "aspect_ratio": "ar",
    "current_page": "cp",
    "initial_width": "iw",
    "initial_height": "ih",
    "initial_aspect_ratio": "iar",
    "initial_density": "idn",
    "initial_duration": "idu",
    "trimmed_aspect_ratio": "tar",
    "illustration_score": "ils",
    "page_count": "pc",
    "page_x": "px",
    "page_y": "py",
    "page_names": "pgnames",
    "face_count": "fc",
    "faces": "fc",
    "duration": "du",
    "context": "ctx",
    "ow": "iw",
    "oh": "ih",
}
_SHORT_NAMES = "w h ar cp iw ih iar pc fc ccc rc rn tar idn ils px py pgnames du idu"
CHARACTERISTICS = frozenset(_SHORT_NAMES.split())
"""What may be asked of the image; `tags`, `ctx` and `md` are asked as sets."""
SETS = frozenset({"tags", "ctx", "md", "rn", "pgnames"})
OPERATORS = frozenset({"add", "sub", "mul", "div", "mod", "pow"})
_NAMES = "|".join(sorted({*_LONG_NAMES, *CHARACTERISTICS, *SETS}, key=len, reverse=True))
_NUMBER = r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})"
_TOKEN = re.compile(
    rf"""(?:
      (?P<stored>(?:ctx|md):![^!]*!)
    | !(?P<text>[^!]*)!
    | \$(?P<variable>[A-Za-z][A-Za-z0-9]*)
    | (?P<ratio>[0-9]{{1,15}}(?:\.[0-9]{{1,9}})?:[0-9]{{1,15}}(?:\.[0-9]{{1,9}})?)
    | (?P<number>{_NUMBER})
    | (?P<conversion>to_[if])
    | (?P<operator>add|sub|mul|div|mod|pow)
    | (?P<characteristic>{_NAMES})
    | (?P<word>[A-Za-z]+)
    )(?:_(?=.)|\Z)""",
    re.VERBOSE | re.DOTALL,
)
# Where none of this stands in a raw chain, nothing in it waits for its source. An escape may hide anything.
_SIGN = re.compile(
    rf"""[$%:_./,](?:  # a first character to look for makes the search five times as quick
      (?<=[$%])
    | (?<=:)!
    | (?<=_)(?:add|sub|mul|div|mod|pow|to)_
    | (?<=[/,])(?:if|end|w_auto)
    | (?<=[_:.])(?:{_NAMES})(?=[/,:.]|\Z)
    )""",
    re.VERBOSE,
)


class Kind(Enum):
    """What a token is."""

    STORED = "stored"  # ctx:!key! or md:!id!
    TEXT = "text"  # !…!
    VARIABLE = "variable"
    RATIO = "ratio"
    NUMBER = "number"
    CONVERSION = "conversion"
    OPERATOR = "operator"
    CHARACTERISTIC = "characteristic"
    WORD = "word"


@frozen
class Token:
    """One word; `text` without the marks that told its kind."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        match self.kind:
            case Kind.TEXT:
                return f"!{self.text}!"
            case Kind.VARIABLE:
                return f"${self.text}"
            case _:
                return self.text


_KINDS = {kind.value: kind for kind in Kind}


def may_wait(raw: str) -> bool:
    """Whether a raw chain has any sign of a condition, a variable or arithmetic in it; quicker than reading."""
    return raw.startswith(("if", "end", "w_auto")) or _SIGN.search(raw) is not None


def tokens(text: str) -> tuple[Token, ...] | None:
    """The tokens of a decoded text, long names of characteristics shortened; None for what is none of ours."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        word = _TOKEN.match(text, position)
        if word is None or word.lastgroup is None:
            return None
        kind, content = _KINDS[word.lastgroup], word[word.lastgroup]
        if kind is Kind.CHARACTERISTIC:  # a variable may well be called $height
            content = _LONG_NAMES.get(content, content)
        found.append(Token(kind, content))
        position = word.end()
    return tuple(found)
