"""A distribution's cache behaviours with the keys that each of them trusts."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from edge.personality.cloudfront.behavior import CacheBehavior
from edge.personality.cloudfront.settings import Distribution
from wire.http.paths import readings
from wire.tokens.cloudfront.keys import PublicKey, public_key
from wire.tokens.glob import Parts, fits


@frozen
class Treatment:
    """A behaviour with the keys that it trusts at hand."""

    behavior: CacheBehavior
    keys: Mapping[str, PublicKey]

    @property
    def is_gate(self) -> bool:
        """Whether only who shows a signature is let in."""
        return bool(self.behavior.trusted_key_groups)


@frozen
class Treatments:
    """All of a distribution's, in order."""

    default: Treatment
    by_path: tuple[tuple[Parts, Treatment], ...] = ()

    @classmethod
    def of(cls, told: Distribution) -> Treatments:
        """With every key read once."""
        keys = {name: public_key(pem) for name, pem in told.public_keys.items()}

        def treatment(behavior: CacheBehavior) -> Treatment:
            trusted = (key for group in behavior.trusted_key_groups for key in told.key_groups[group])
            return Treatment(behavior, {key: keys[key] for key in trusted})

        by_path = tuple((each.pattern, treatment(each)) for each in told.behaviors)
        return cls(treatment(told), by_path)

    def at(self, path: str) -> Treatment:
        """Of the first pattern that fits a path in its normal spelling."""
        return next((each for pattern, each in self.by_path if fits(pattern, path)), self.default)

    def gates(self, path: str) -> tuple[Treatment, ...]:
        """Those that ask for a signature, however a server behind us may read the path."""
        found = {id(each): each for each in map(self.at, readings(path)) if each.is_gate}
        return tuple(found.values())
