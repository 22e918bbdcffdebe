"""What keeps answers apart: by which headers and cookies the PoPs that ask another name what they store, and so must
that, or one viewer would get from it what was made for another (cdn-vendors §4.2, §14.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from edge.core.policy import QueryRule
from sim.topology.model import Topology
from sim.topology.served import Served


@frozen
class Cookies:
    """Those that count: the named ones, or all but these. A name may end in `*`."""

    names: tuple[str, ...] = ()
    are_left_out: bool = False

    @classmethod
    def of(cls, rule: QueryRule, names: Iterable[str]) -> Cookies:
        """As a key's rule and names have it."""
        named = tuple(names) if rule in ("only", "except") else ()
        return cls(named, rule in ("all", "except"))

    def together(self, other: Cookies) -> Cookies:
        """All that count for either, or more: a cookie too many parts answers that might be one, no more."""
        if not self.are_left_out and not other.are_left_out:
            return Cookies(tuple(dict.fromkeys((*self.names, *other.names))))
        if self.are_left_out and other.are_left_out:
            return Cookies(tuple(name for name in self.names if name in other.names), are_left_out=True)
        left_out, counting = (self, other) if self.are_left_out else (other, self)
        kept = (name for name in left_out.names if not any(_may_meet(name, each) for each in counting.names))
        return Cookies(tuple(kept), are_left_out=True)

    @property
    def rule(self) -> QueryRule:
        return "except" if self.are_left_out else "only"


def key_below(
    topology: Topology, served: tuple[Served, ...], pop: str, own: dict[str, Any]
) -> dict[str, Any]:
    """The words of a PoP's key, with what parts the answers of those that ask it."""
    headers = dict.fromkeys(map(str.lower, own.get("headers", ())))
    cookies = Cookies.of(own.get("cookie_rule", "only"), own.get("cookies", ()))
    for each in served:
        if pop in topology.behind(each.pop):
            for names, theirs in _parted_by(each):
                headers |= dict.fromkeys(map(str.lower, names))
                cookies = cookies.together(theirs)
    told = {"headers": list(headers), "cookie_rule": cookies.rule, "cookies": list(cookies.names)}
    return {**own, **told}


def _parted_by(served: Served) -> Iterator[tuple[tuple[str, ...], Cookies]]:
    """Headers and cookies in the keys of a PoP, for each of its kinds of paths."""
    if (distribution := served.by_cloudfront) is not None:
        for each in (distribution, *distribution.behaviors):
            yield each.headers, Cookies.of(each.cookie_rule, each.cookies)
        return
    key = served.chosen.key
    yield key.headers, Cookies.of(key.cookie_rule, key.cookies)
    if (told := served.by_akamai) is not None:
        yield told.headers, Cookies.of("only", told.cookies)


def _may_meet(one: str, other: str) -> bool:
    """Whether a cookie may go by both names."""
    (stem, star, _), (root, mark, _) = one.partition("*"), other.partition("*")
    if star and mark:
        return stem.startswith(root) or root.startswith(stem)
    return other.startswith(stem) if star else one.startswith(root) if mark else one == other
