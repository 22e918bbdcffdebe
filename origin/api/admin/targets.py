"""What texts mean that name transformations: one with a name, or a chain (admin-api §10)."""

from attrs import frozen

from origin.catalogue import Transformation
from origin.delivery.chains import ChainReader
from origin.delivery.rules import Rulebook
from origin.transform.canonical import canonical
from origin.transform.longnames import without_format
from wire.components import printable
from wire.errors import InvalidRequest, NotFound


@frozen
class Target:
    """What a caller means by a text: a named transformation, or a chain."""

    shown: str  # as answers call it
    chain: str  # canonical
    extension: str | None = None
    named: Transformation | None = None

    @property
    def listed(self) -> str:
        """As listings call it."""
        return f"t_{self.shown}" if self.named is not None else self.shown


@frozen
class Targets:
    """Reads such texts by the rules that are in force."""

    rules: Rulebook
    chains: ChainReader

    def of(self, cloud: str, wanted: str) -> Target:
        """What a text means: a name before all else, since `my_name` looks like a component."""
        for name in (wanted, wanted.removeprefix("t_")):
            named = self.rules.of(cloud).named.get(name)
            if named is not None:
                return self.of_name(cloud, named)
        bare, extension = without_format(wanted)
        try:
            chain = canonical(self.chains.read(cloud, bare))
        except InvalidRequest as error:
            raise unknown(wanted) from error
        shown = f"{chain}/{extension}".lstrip("/") if extension else chain
        if not shown:
            raise unknown(wanted)
        return Target(shown, chain, extension or None)

    def of_name(self, cloud: str, named: Transformation) -> Target:
        """A named transformation."""
        try:
            chain = canonical(self.chains.read(cloud, f"t_{named.name}"))
        except InvalidRequest:  # it names another that is gone: nothing is made by it any more
            chain = f"t_{named.name}"
        return Target(named.name, chain, named=named)

    def known(self, cloud: str) -> list[Target]:
        """Everything named or allowed."""
        rules = self.rules.of(cloud)
        allowed = [Target(each, *_parted(each)) for each in rules.allowed]
        return [*(self.of_name(cloud, each) for each in rules.named.values()), *allowed]


def _parted(allowed: str) -> tuple[str, str | None]:
    chain, extension = without_format(allowed)
    return chain, extension or None


def unknown(wanted: str) -> NotFound:
    """The refusal of a text that means nothing here."""
    return NotFound(f"Can't find transformation {printable(wanted)}")
