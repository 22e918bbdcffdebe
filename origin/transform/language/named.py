"""Named transformations: `t_a.b` is replaced by the definitions of a and b (transformations.md §10).

Text becomes text, so whatever reads a chain (params, negotiation, canonical form) sees the definition.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from attrs import define

from origin.transform.language.program import read_program, spelled
from origin.transform.limits import Limits
from wire.components import Component, Param, printable, split_chain, split_component
from wire.errors import InvalidRequest

Definitions = Callable[[str], str | None]
"""A name's definition as raw chain text; None if the name is unknown."""

MOST = 100
_NAMED = re.compile(r"(?:\A|[,/])(?:t|bl)_")
_WITHOUT_EFFECT = {"f": "auto", "dpr": "auto", "w": "auto"}  # inside a definition (§10)


def nothing_named(name: str) -> str | None:
    """A cloud without named transformations."""
    return None


def expanded(raw: str, definitions: Definitions, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
    """The chain with every name replaced, or `Unknown transformation <name>`."""
    if _NAMED.search(raw) is None:
        return raw
    return "/".join(_Expansion(definitions, limits.named_depth).components(raw, 0))


def without_baseline(raw: str) -> tuple[str | None, str]:
    """The name of a baseline (`bl_`, first and alone in its component), and the chain that follows it."""
    first, _, rest = raw.strip("/").partition("/")
    if not first.startswith("bl_"):
        return None, raw
    component = split_component(first)
    if len(component.params) > 1:
        _check_company(component)
    return component.params[0].value, rest


@define
class _Expansion:
    """One chain's expansion, which ends even where definitions name each other."""

    definitions: Definitions
    deepest: int
    count: int = 0

    def components(self, raw: str, depth: int) -> Iterator[str]:
        """The components of a text, those of its definitions in their places."""
        for component in split_chain(raw):
            params = [param for param in component.params if not (depth and _has_no_effect(param))]
            named = [param for param in params if param.key in ("t", "bl")]
            if not named:
                if params:
                    yield ",".join(map(str, params))
                continue
            _check_company(component)
            yield from _joined(param for param in params if param.key.startswith("$"))
            for name in named[-1].value.split("."):
                yield from self._definition(name, depth + 1)
            yield from _joined(
                param for param in params if param not in named and not param.key.startswith("$")
            )

    def _definition(self, name: str, depth: int) -> Iterator[str]:
        definition = self.definitions(name)
        if definition is None:
            raise InvalidRequest(f"Unknown transformation {printable(name)}")
        self.count += 1
        if depth > self.deepest:
            raise InvalidRequest(
                f"Maximum depth of named transformations is {self.deepest}. {printable(name)} is deeper"
            )
        if self.count > MOST:
            raise InvalidRequest(f"Maximum number of named transformations in a chain is {MOST}")
        yield from _balanced(self.components(definition, depth))


def _check_company(component: Component) -> None:
    keys = {param.key for param in component.params}
    if "bl" in keys:
        name = printable(component.last()["bl"])
        raise InvalidRequest(f"bl_{name} must be the first component, and alone in it")
    if "if" in keys:
        raise InvalidRequest("Named transformation and if_ in one component")


def _has_no_effect(param: Param) -> bool:
    return _WITHOUT_EFFECT.get(param.key) == param.value.partition(":")[0]


def _joined(params: Iterator[Param]) -> Iterator[str]:
    if text := ",".join(map(str, params)):
        yield text


def _balanced(components: Iterable[str]) -> Iterator[str]:
    """A definition whose branches end with it, and end no others."""
    parsed = split_chain("/".join(components))
    program = read_program(parsed, [component.last() for component in parsed], is_whole=False)
    yield from spelled(program)
