"""A YAML document read into frozen attrs values: every problem at once, each with its path and line.

Nothing is coerced: text is text, a number a number, and a key nobody knows is a mistake, not a comment.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import yaml
from attrs import frozen
from cattrs import (
    AttributeValidationNote,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn

T = TypeVar("T")
Path = tuple[str | int, ...]
Readings = Mapping[
    Any, Callable[[Any], Any]
]  # type → how to read it from a plain value; ValueError says what is wrong

NOTHING: Readings = {}
LARGEST = 20_000
COLLECTION_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


def dotted(path: Path) -> str:
    """`pops.fra.listen`, `regions.eu.at[0]`: a path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@frozen
class Problem:
    """One thing wrong with a document, and where."""

    path: Path
    line: int  # 1-based
    message: str

    @property
    def where(self) -> str:
        """The path as people write it."""
        return dotted(self.path)

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.where}: {self.message}"
            if self.path
            else f"line {self.line}: {self.message}"
        )


class DocumentError(Exception):
    """A document that cannot be used, with all that is wrong with it in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, dotted(problem.path))))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@frozen
class Document:
    """What a YAML text says, as plain values, and the line of each of them."""

    plain: object
    lines: Mapping[Path, int]
    problems: tuple[
        Problem, ...
    ] = ()  # what the text itself has wrong: a key given twice, a key that is no text

    def line_of(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str) -> Problem:
        return Problem(path, self.line_of(path), message)

    def keys_at(self, *path: str | int) -> tuple[str, ...]:
        """The keys written at `path`, whether or not what stands under them makes sense."""
        value = self.value_at(*path)
        return tuple(value) if isinstance(value, dict) else ()

    def value_at(self, *path: str | int) -> object:
        """The plain value written at `path`, or None."""
        value = self.plain
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value


def load(text: str) -> Document:
    """The plain values of a YAML text. Raises DocumentError when it is no YAML at all."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        lines: dict[Path, int] = {}
        problems: list[Problem] = []
        plain = _plain(loader, root, (), lines, problems, ()) if root is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError([Problem((), mark.line + 1 if mark else 1, f"not YAML: {said}")]) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise DocumentError([Problem((), 1, f"not YAML: {error}")]) from None
    return Document(plain, lines, tuple(problems))


def _given_twice(node: yaml.MappingNode, path: Path) -> Iterable[Problem]:
    written: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in written and key.tag != "tag:yaml.org,2002:merge":
                yield Problem((*path, str(key.value)), key.start_mark.line + 1, "is given twice")
            written.add(key.value)


def _plain(
    loader: yaml.SafeLoader,
    node: yaml.Node,
    path: Path,
    lines: dict[Path, int],
    problems: list[Problem],
    around: tuple[yaml.Node, ...],
) -> object:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(lines) > LARGEST:  # seven lines of aliases of aliases can stand for millions of values
        said = f"more than {LARGEST:,} values, aliases written out"
        raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
    if node in around:
        problems.append(Problem(path, node.start_mark.line + 1, "holds itself"))
        return None
    if isinstance(node, yaml.CollectionNode) and node.tag not in COLLECTION_TAGS:
        raise yaml.constructor.ConstructorError(None, None, f"unknown tag {node.tag}", node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, item, (*path, index), lines, problems, (*around, node))
            for index, item in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    problems.extend(_given_twice(node, path))
    loader.flatten_mapping(node)
    found: dict[str, object] = {}
    for key, value in node.value:
        name = loader.construct_object(key, deep=True)
        if not isinstance(name, str):
            problems.append(
                Problem(path, key.start_mark.line + 1, f"the key {_shown(name)} is no text; quote it")
            )
            continue
        lines[(*path, name)] = key.start_mark.line + 1
        found[name] = _plain(loader, value, (*path, name), lines, problems, (*around, node))
    return found


def read(text: str, shape: type[T], readings: Readings = NOTHING) -> T:
    """The text as a value of `shape`, or DocumentError with all problems."""
    return shaped(load(text), shape, readings)


def shaped(document: Document, shape: type[T], readings: Readings = NOTHING) -> T:
    """The document as a value of `shape`, or DocumentError with all problems."""
    value, problems = structure(document, shape, readings)
    if problems or value is None:
        raise DocumentError(problems)
    return value


def prepare(shape: type[Any]) -> None:
    """Compile what reads a document of this shape, before there is one."""
    _converter(()).get_structure_hook(shape)


def structure(
    document: Document, shape: type[T], readings: Readings = NOTHING
) -> tuple[T | None, tuple[Problem, ...]]:
    """The document as a value of `shape`, and all that is wrong with it.

    With problems, the value is what remains of the document without its wrong parts (None if nothing does),
    so that the relations between the sound parts can be checked in the same breath.
    """
    converter = _converter(tuple(readings.items()))
    problems = list(document.problems)
    plain, dropped = document.plain, set[Path]()
    while True:
        try:
            return converter.structure(plain, shape), tuple(problems)
        except Exception as error:  # noqa: BLE001  whatever a reading or a validator says is a finding
            findings = list(_findings(error, ()))
        for path, message, missing in findings:
            if missing is None or not _holds(dropped, (*path, missing)):
                problems.append(document.problem(path, message))
            plain = _without(plain, path)
            dropped.add(path)
        if () in dropped:
            return None, tuple(problems)


def _holds(dropped: set[Path], path: Path) -> bool:
    """Whether what is missing was there until it, or an item of it, was dropped."""
    return any(each[: len(path)] == path for each in dropped)


@cache
def _converter(readings: tuple[tuple[Any, Callable[[Any], Any]], ...]) -> Converter:
    """Made once for the same readings: it compiles a function for each shape that it meets."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, expected in (
        (str, "text"),
        (int, "a whole number"),
        (float, "a number"),
        (bool, "true or false"),
    ):
        converter.register_structure_hook(kind, _exactly(kind, expected))

    @converter.register_structure_hook_factory(attrs.has)
    def of_class(shape: type[Any], within: Converter) -> Callable[[Any, Any], Any]:
        inner = make_dict_structure_fn(shape, within, _cattrs_forbid_extra_keys=True)
        return _only(dict, "a mapping", inner)

    @converter.register_structure_hook_factory(lambda kind: _is(tuple, kind) and get_args(kind)[1:] == (...,))
    def of_tuple(shape: Any, within: Converter) -> Callable[[Any, Any], Any]:
        return _only(list, "a list", homogenous_tuple_structure_factory(shape, within))

    @converter.register_structure_hook_factory(lambda kind: _is(tuple, kind) and get_args(kind)[1:] != (...,))
    def of_few(shape: Any, within: Converter) -> Callable[[Any, Any], Any]:
        kinds = get_args(shape)
        same: Any = tuple.__class_getitem__((kinds[0], ...))  # our tuples of fixed length are of one kind
        inner = within.get_structure_hook(same)
        counted: Callable[[Any, Any], Any] = lambda value, _: _counted(inner(value, same), len(kinds))  # noqa: E731
        return _only(list, f"a list of {len(kinds)}", counted)

    @converter.register_structure_hook_factory(lambda kind: _is(dict, kind))
    def of_mapping(shape: Any, within: Converter) -> Callable[[Any, Any], Any]:
        return _only(dict, "a mapping", mapping_structure_factory(shape, within))

    @converter.register_structure_hook_factory(lambda kind: _is(Literal, kind))
    def of_choice(shape: Any, within: Converter) -> Callable[[Any, Any], Any]:
        return lambda value, _: _choose(value, get_args(shape))

    for kind, reading in readings:
        converter.register_structure_hook(kind, _reading(reading))
    return converter


def _is(generic: object, kind: Any) -> bool:
    return get_origin(kind) is generic


def _reading(reading: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, _: reading(value)


def _exactly(kind: type, expected: str) -> Callable[[Any, Any], Any]:
    def structured(value: Any, _: Any) -> Any:
        if kind is float and type(value) in (int, float):
            return finite(value)
        if type(value) is not kind:
            hint = "; quote it" if kind is str and isinstance(value, (int, float)) else ""
            raise TypeError(f"expected {expected}, got {_shown(value)}{hint}")
        return value

    return structured


def finite(number: float) -> float:
    """A number that can be reckoned with. Raises ValueError of one that is infinite, or none at all."""
    if not abs(number) <= sys.float_info.max:
        raise ValueError("expected a finite number: not .inf, not .nan, nothing beyond 1.79e308")
    return float(number)


def _only(kind: type, expected: str, inner: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def structured(value: Any, shape: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(f"expected {expected}, got {_shown(value)}")
        return inner(value, shape)

    return structured


def _counted(values: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    if len(values) != count:
        raise ValueError(f"expected {count} values, got {len(values)}")
    return values


def _choose(value: object, choices: Sequence[object]) -> object:
    if value not in choices:
        raise ValueError(
            f"expected one of {', '.join(map(str, choices))}; got {_shown(value)}"
            + did_you_mean(value, choices)
        )
    return value


def did_you_mean(written: object, known: Iterable[object]) -> str:
    """` (did you mean "x"?)` when something known is close to what was written, else nothing."""
    close = get_close_matches(str(written), [str(name) for name in known], n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return (
        f'"{value}"'
        if isinstance(value, str)
        else f"the number {value}"
        if isinstance(value, (int, float))
        else str(value)
    )


def _of_validator(message: str) -> tuple[Path, str]:
    """A validator of attrs names the attribute it speaks of: that, and what it says of it."""
    if empty := re.fullmatch(r"Length of '(\w+)' must be >= 1: 0", message):
        return (empty[1],), "must not be empty"
    named = re.match(r"'(\w+)' (must .*)", message)
    return ((named[1],), named[2]) if named else ((), message)


def _findings(error: BaseException, path: Path) -> Iterable[tuple[Path, str, str | None]]:
    """What an exception of cattrs says: path, message and, if it is that something is missing, its name."""
    if isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for name in sorted(error.extra_fields):
            yield (*path, name), f"unknown key{did_you_mean(name, known)}", None
        return
    if not isinstance(error, BaseExceptionGroup):
        message = str(error.args[0]) if error.args else type(error).__name__
        named, said = _of_validator(message)
        yield path + named, said, None
        return
    for inner in error.exceptions:
        notes = getattr(inner, "__notes__", ())
        part: Path = ()
        for note in notes:
            if isinstance(note, AttributeValidationNote):
                part = (note.name,)
            elif isinstance(note, IterableValidationNote):
                part = (note.index,)
        if isinstance(inner, KeyError) and part:
            yield path, f'"{part[0]}" is missing', str(part[0])
        else:
            yield from _findings(inner, path + part)


def _without(plain: object, path: Path) -> object:
    """The plain values less what stands at `path`; a list goes whole: its items are told apart by place."""
    if not path:
        return None
    if isinstance(plain, dict) and path[0] in plain:
        rest = {key: value for key, value in plain.items() if key != path[0]}
        if len(path) == 1 or not isinstance(plain[path[0]], dict):
            return rest
        return {**plain, path[0]: _without(plain[path[0]], path[1:])}
    return plain
