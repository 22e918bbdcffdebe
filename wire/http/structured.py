"""Structured field values (RFC 8941, 9651), read strictly: one error anywhere and there is no field."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error

BareItem = int | float | str | bytes | bool
Item = BareItem | tuple[BareItem, ...]


class Token(str):
    """An unquoted word; plain `str` is a String."""

    __slots__ = ()


class StructuredError(ValueError):
    """The text is not the structured field it should be."""


_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")
_DECIMAL = re.compile(r"-?[0-9]{1,12}\.[0-9]{1,3}(?![0-9])")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_DISPLAY = re.compile(r'%"((?:[ !#$&-~]|%[0-9a-f]{2})*)"')
_BLANK = re.compile(r"[ \t]*")


def parse_dictionary(text: str) -> dict[str, Item]:
    """A Dictionary's members without their parameters; the last of equal keys wins."""
    reading = _Reading(text)
    members: dict[str, Item] = {}
    while not reading.at_end:
        key = reading.match(_KEY)[0]
        members.pop(key, None)
        members[key] = reading.item_or_inner_list() if reading.take("=") else True
        reading.parameters()
        reading.next_member()
    return members


def parse_list(text: str) -> tuple[Item, ...]:
    """A List's members without their parameters."""
    reading = _Reading(text)
    members: list[Item] = []
    while not reading.at_end:
        members.append(reading.item_or_inner_list())
        reading.parameters()
        reading.next_member()
    return tuple(members)


def write_string(text: str) -> str:
    """An sf-string; what is not printable ASCII is percent-encoded first."""
    plain = "".join(c if " " <= c <= "~" else "".join(f"%{b:02X}" for b in c.encode()) for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_name(text: str) -> str:
    """A Token where the text is one, else a String."""
    return text if _TOKEN.fullmatch(text) else write_string(text)


def _bytes(encoded: str) -> bytes:
    try:
        return b64decode(encoded)
    except Base64Error as wrong:
        raise StructuredError("not base64") from wrong


class _Reading:
    """A position in the text being read."""

    def __init__(self, text: str) -> None:
        self._text = text.strip(" ")
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def match(self, what: re.Pattern[str]) -> re.Match[str]:
        found = what.match(self._text, self._at)
        if found is None:
            raise StructuredError(f"not a structured field at {self._at}: {self._text[:80]!r}")
        self._at = found.end()
        return found

    def take(self, letter: str) -> bool:
        if self._text.startswith(letter, self._at):
            self._at += len(letter)
            return True
        return False

    def next_member(self) -> None:
        self.match(_BLANK)
        if self.at_end:
            return
        if not self.take(","):
            raise StructuredError(f"no comma at {self._at}: {self._text[:80]!r}")
        self.match(_BLANK)
        if self.at_end:
            raise StructuredError("trailing comma")

    def parameters(self) -> None:
        while self.take(";"):
            while self.take(" "):
                pass
            self.match(_KEY)
            if self.take("="):
                self.bare_item()

    def item_or_inner_list(self) -> Item:
        if not self.take("("):
            return self.bare_item()
        inner: list[BareItem] = []
        while True:
            while self.take(" "):
                pass
            if self.take(")"):
                return tuple(inner)
            inner.append(self.bare_item())
            self.parameters()
            if not self._text.startswith((" ", ")"), self._at):
                raise StructuredError(f"inner list at {self._at}: {self._text[:80]!r}")

    def bare_item(self) -> BareItem:
        letter = self._text[self._at : self._at + 1]
        if letter == '"':
            return re.sub(r"\\(.)", r"\1", self.match(_STRING)[1])
        if letter == "?":
            return self.match(re.compile(r"\?([01])"))[1] == "1"
        if letter == ":":
            return _bytes(self.match(_BYTES)[1])
        if letter == "@":
            self._at += 1
            return int(self.match(_INTEGER)[0])
        if letter == "%":
            return re.sub("%(..)", lambda pair: chr(int(pair[1], 16)), self.match(_DISPLAY)[1])
        if letter == "-" or letter.isdigit():
            if _DECIMAL.match(self._text, self._at):
                return float(self.match(_DECIMAL)[0])
            return int(self.match(_INTEGER)[0])
        return Token(self.match(_TOKEN)[0])
