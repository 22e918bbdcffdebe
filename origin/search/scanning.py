"""The characters of an expression: bare words with their escapes, literals in quotes, and what stands between."""

import re

from attrs import define, frozen

from origin.search.errors import QueryError

OPERATORS = frozenset(":=<>")
SPECIAL = frozenset('!(){}[]*^~?:\\=&><"')  # outside quotes a backslash makes them letters
_SPACE = re.compile(r"\s*")
_LETTERS = re.compile(r"[^\s!(){}\[\]*^~?:\\=&><\"]+")
_QUOTED = re.compile(r'[^"*\\]+')
_MISPLACED = '"*" stands only at the end of a word, after at least one letter'


@frozen
class Text:
    """A value as written: its letters, where it begins, and whether a `*` ends it."""

    letters: str
    position: int
    is_prefix: bool = False
    is_plain: bool = True  # neither quoted nor escaped: may be a keyword


@define
class Scanner:
    """A place in an expression."""

    text: str
    position: int = 0

    def next(self) -> str:
        """The next character that is no white space; empty at the end."""
        found = _SPACE.match(self.text, self.position)
        assert found is not None
        self.position = found.end()
        return self.text[self.position : self.position + 1]

    def is_touching(self) -> bool:
        """Whether something follows at once."""
        following = self.text[self.position : self.position + 1]
        return bool(following) and not following.isspace()

    def take(self, mark: str) -> bool:
        """Step over the mark if it comes next."""
        if self.next() != mark:
            return False
        self.position += 1
        return True

    def take_word(self, word: str) -> bool:
        """Step over a keyword if it comes next, as a word of its own."""
        self.next()
        found = _LETTERS.match(self.text, self.position)
        if found is None or found[0] != word or self.text[found.end() : found.end() + 1] in ("\\", "*"):
            return False
        self.position = found.end()
        return True

    def value(self) -> Text:
        """A word or a quoted literal."""
        following = self.next()
        if following == '"':
            return self._quoted()
        start = self.position
        letters, is_plain = self._letters()
        is_prefix = self.text[self.position : self.position + 1] == "*"
        if is_prefix:
            if not letters or self._goes_on(self.position + 1):
                raise QueryError(self.position, _MISPLACED)
            self.position += 1
        if not letters:
            raise self.unexpected()
        return Text(letters, start, is_prefix, is_plain)

    def _letters(self) -> tuple[str, bool]:
        parts, is_plain = [], True
        while True:
            if (found := _LETTERS.match(self.text, self.position)) is not None:
                parts.append(found[0])
                self.position = found.end()
            elif self.text.startswith("\\", self.position):
                parts.append(self._escaped())
                is_plain = False
            else:
                return "".join(parts), is_plain

    def _quoted(self) -> Text:
        start, parts, is_prefix = self.position, [], False
        self.position += 1
        while not self.text.startswith('"', self.position):
            if (found := _QUOTED.match(self.text, self.position)) is not None:
                parts.append(found[0])
                self.position = found.end()
            elif self.text.startswith("\\", self.position):
                parts.append(self._escaped())
            elif self.text.startswith('*"', self.position) and parts:
                is_prefix = True
                self.position += 1
            elif self.text.startswith("*", self.position):
                raise QueryError(self.position, _MISPLACED)
            else:
                raise QueryError(start, "the quotation mark is never closed")
        self.position += 1
        return Text("".join(parts), start, is_prefix, is_plain=False)

    def _escaped(self) -> str:
        if self.position + 1 >= len(self.text):
            raise QueryError(self.position, "the backslash escapes nothing")
        self.position += 2
        return self.text[self.position - 1]

    def _goes_on(self, position: int) -> bool:
        return position < len(self.text) and (
            self.text[position] in '\\*?"' or _LETTERS.match(self.text, position) is not None
        )

    def unexpected(self) -> QueryError:
        """What stands here should not."""
        found = self.next()
        if not found:
            return QueryError(self.position, "unexpected end of expression")
        if found == "*":
            return QueryError(self.position, _MISPLACED)
        hint = f"; write \\{found} to search for it" if found in SPECIAL else ""
        return QueryError(self.position, f'unexpected "{found}"{hint}')
