"""What an operator says of a link while it runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Factory, evolve, fields_dict, frozen

from sim.links.link import ACCESS, Link
from sim.links.way import OF_LINES, Way
from wire.document import did_you_mean
from wire.errors import InvalidRequest


@frozen
class Change:
    """Which links are meant, and what becomes of them: first they are healed, then they get the new terms, then
    the connections over them are reset."""

    ends: tuple[str, str]
    """Names of nodes, pools or regions: every link between one and the other is meant."""
    toward: str = ""
    """The end toward which the terms hold; empty: both ways."""
    heal: bool = False
    """As the document says again."""
    terms: Mapping[str, Any] = Factory(dict)
    """Fields of `Way`, and what they are from now on."""
    reset: bool = False

    @classmethod
    def parse(cls, told: Any) -> Change:
        """`{"ends": ["fra", "sin"], "toward": "sin", "heal": false, "terms": {"cut": true}, "reset": false}`."""
        if not isinstance(told, Mapping) or not set(told) <= set(fields_dict(cls)):
            raise InvalidRequest(f"A JSON object of {', '.join(fields_dict(cls))} is wanted")
        match told.get("ends"):
            case [str() as one, str() as other]:
                ends = (one, other)
            case _:
                raise InvalidRequest("ends must be the two names of a link's ends")
        toward, terms = told.get("toward", ""), told.get("terms", {})
        if toward not in ("", *ends):
            raise InvalidRequest(f"toward is one of the two ends: {ends[0]} or {ends[1]}")
        if not all(isinstance(told.get(switch, False), bool) for switch in ("heal", "reset")):
            raise InvalidRequest("heal and reset are true or false")
        if not isinstance(terms, Mapping):
            raise InvalidRequest("terms must be an object")
        for name in terms:
            if name not in fields_dict(Way):
                raise InvalidRequest(f'A link has no "{name}"{did_you_mean(name, fields_dict(Way))}')
            if name in OF_LINES and ACCESS not in ends:
                raise InvalidRequest(f"{name} is a term of viewers' own lines: viewers.REGION--{ACCESS}")
        try:
            Way(**terms)
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"Not the terms of a link: {error.args[0]}") from error
        return cls(ends, toward, bool(told.get("heal")), dict(terms), bool(told.get("reset")))

    def means(self, link: Link) -> bool:
        """Whether it is about this link."""
        return self._is_forward(link) or self._is_backward(link)

    def of(self, link: Link, told: Link) -> Link:
        """A link that is meant as it is afterwards. `told`: as the document says."""
        is_out = is_back = True
        if self.toward:
            there = self.ends[1] if self._is_forward(link) else self.ends[0]
            is_out = self.toward == there
            is_back = not is_out or self.ends[0] == self.ends[1]
        out, back = (told.out, told.back) if self.heal else (link.out, link.back)
        return evolve(
            link,
            out=evolve(out, **self.terms) if is_out else link.out,
            back=evolve(back, **self.terms) if is_back else link.back,
        )

    def _is_forward(self, link: Link) -> bool:
        return self.ends[0] in link.near and self.ends[1] in link.far

    def _is_backward(self, link: Link) -> bool:
        return self.ends[1] in link.near and self.ends[0] in link.far
