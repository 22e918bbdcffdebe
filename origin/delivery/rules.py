"""What delivery goes by that callers may change: named and allowed transformations, upload mappings.

Reading a chain asks for definitions all the time and must not wait for a database, so every process holds them. A
change is counted in the transaction that makes it; who sees the count of a cloud move reads that cloud again: every
now and then, and before anything is answered that depends on them. An answer by rules that another process has changed
would stay in caches that were told of the change already.
"""

import re
from collections.abc import Mapping as Mapped
from collections.abc import Sequence

from attrs import Factory, define, field, frozen

from origin.catalogue import RULES, Catalogue, Mapping, Transformation
from origin.settings import Cloud
from origin.transform.language.named import Definitions
from origin.transform.longnames import without_format

NAMING = re.compile(r"\b(?:t|bl)_")
"""What a text has in it that names a transformation, as a chain or as parameters that hold chains."""


@frozen
class Rules:
    """Those of one cloud at one moment."""

    named: Mapped[str, Transformation] = Factory(dict)
    allowed: frozenset[str] = (
        frozenset()
    )  # canonical chains, `/<extension>` behind those allowed with one only
    mappings: tuple[Mapping, ...] = ()  # the longest folder first

    def definition(self, name: str) -> str | None:
        """What a name stands for: a chain without the extension that it may have been given with."""
        known = self.named.get(name)
        return None if known is None else defined(known.chain)


def defined(chain: str) -> str:
    """A definition as chains take it in: a format that closes it becomes its `f_`."""
    bare, extension = without_format(chain)
    return f"{bare}/f_{extension}".lstrip("/") if extension else bare


NONE = Rules()


@define(eq=False)
class Rulebook:
    """The rules of every cloud, as this process last read them."""

    catalogue: Catalogue
    clouds: Mapped[str, Cloud]
    _rules: dict[str, Rules] = field(init=False)
    _counts: dict[str, int] = field(init=False, factory=dict)

    @_rules.default
    def _fixed_ones(self) -> dict[str, Rules]:
        return {cloud: rules_of(fixed(cloud, told), (), ()) for cloud, told in self.clouds.items()}

    def of(self, cloud: str) -> Rules:
        """The rules of a cloud."""
        return self._rules.get(cloud, NONE)

    def definitions(self, cloud: str) -> Definitions:
        """What the names of a cloud stand for, all of one moment."""
        return self.of(cloud).definition

    async def caught_up(self, cloud: str, *texts: str) -> None:
        """Know every change made before now, where chains in these texts depend on any."""
        known = self.clouds.get(cloud)
        if known is not None and (known.strict or any(NAMING.search(each) for each in texts)):
            await self.refresh()

    async def refresh(self) -> None:
        """Read again what has changed; `CatalogueUnavailable` leaves everything as it was."""
        counts = await self.catalogue.tallies.by_cloud(RULES)
        for cloud, count in counts.items():
            if cloud in self.clouds and count > self._counts.get(cloud, 0):
                rules = rules_of(
                    fixed(cloud, self.clouds[cloud]),
                    await self.catalogue.transformations.all(cloud),
                    await self.catalogue.mappings.all(cloud),
                )
                if count > self._counts.get(cloud, 0):  # another look may have seen more meanwhile
                    self._rules[cloud], self._counts[cloud] = rules, count


def is_fixed(rulebook: Rulebook, cloud: str, name: str) -> bool:
    """Whether a named transformation is one of the settings'."""
    return name in rulebook.clouds[cloud].transformations


def fixed(cloud: str, told: Cloud) -> tuple[Transformation, ...]:
    """The named transformations of a cloud's settings, which no call changes."""
    return tuple(
        Transformation(cloud=cloud, name=name, chain=chain) for name, chain in told.transformations.items()
    )


def rules_of(
    fixed: Sequence[Transformation], stored: Sequence[Transformation], mappings: Sequence[Mapping]
) -> Rules:
    """Rows as rules; what the settings say comes first."""
    return Rules(
        named={each.name: each for each in (*stored, *fixed) if each.is_named},
        allowed=frozenset(each.name for each in stored if not each.is_named and each.allowed),
        mappings=tuple(sorted(mappings, key=lambda each: -len(each.folder))),
    )
