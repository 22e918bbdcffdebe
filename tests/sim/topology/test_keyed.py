"""A PoP that others ask keeps apart what they keep apart."""

from __future__ import annotations

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

import edge.settings
from edge.core.key import counts
from edge.core.policy import KeyPolicy, QueryRule
from edge.personality.cloudfront.settings import Distribution
from sim.topology.keyed import Cookies
from tests.sim.topology.test_settle import settings_of, settled
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin, head

WORLD = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}, west: {at: [46, -120]}}
origins: {main: {region: east}}
pops:
  shield: {region: east, role: shield, upstream: main, edge: {key: {headers: [X-Own]}}}
  middle: {region: east, role: shield, parent: shield}
  one: {region: west, parent: middle, edge: {personality: cloudfront, cloudfront: {headers: [X-Shape], cookies: [plan],
    behaviors: [{path_pattern: "/a/*", headers: [x-shape, X-Size], cookies: [session]}]}}}
  two: {region: west, parent: shield, edge: {personality: akamai, akamai: {headers: [X-Kind], cookies: [lang]}}}
  alone: {region: west, upstream: main}
vendors: {listen: "tcp:9"}
"""
TOKEN = "__cld_token__"
NAMES = st.sampled_from(("a", "ab", "abc", "b", "a*", "ab*", "b*", "*"))
RULES: tuple[QueryRule, ...] = ("all", "none", "only", "except")
KEYS = st.tuples(st.sampled_from(RULES), st.lists(NAMES, max_size=3))


def key_of(world: str, pop: str) -> KeyPolicy:
    told: edge.settings.Settings = settings_of(settled(world), pop)
    return told.key


def test_a_shield_parts_what_those_that_ask_it_part() -> None:
    """However far below they are, and for all of their paths; nobody else does."""
    shield, middle, alone = (key_of(WORLD, pop) for pop in ("shield", "middle", "alone"))
    assert set(shield.headers) == {"x-own", "x-shape", "x-size", "x-kind"}
    assert (shield.cookie_rule, set(shield.cookies)) == ("only", {TOKEN, "plan", "session", "lang"})
    assert set(middle.headers) == {"x-shape", "x-size"}
    assert set(middle.cookies) == {TOKEN, "plan", "session"}
    assert (alone.headers, alone.cookies) == ((), (TOKEN,))


@pytest.mark.parametrize(("rule", "named"), [("all", []), ("except", ["seen"])])
def test_all_cookies_but_a_few_are_so_there_too(rule: str, named: list[str]) -> None:
    told = f"cookie_rule: {rule}, cookies: {named}"
    shield = key_of(WORLD.replace("cookies: [plan]", told), "shield")
    assert (shield.cookie_rule, list(shield.cookies)) == ("except", named)


@given(one=KEYS, other=KEYS, name=st.text("abc", min_size=1, max_size=4))
def test_what_counts_for_one_counts_for_both(
    one: tuple[QueryRule, list[str]], other: tuple[QueryRule, list[str]], name: str
) -> None:
    both = Cookies.of(*one).together(Cookies.of(*other))
    if any(counts(rule, tuple(names), name) for rule, names in (one, other)):
        assert counts(both.rule, both.names, name)


@given(one=KEYS, name=st.text("abc", min_size=1, max_size=4))
def test_a_rule_says_the_same_in_its_other_words(one: tuple[QueryRule, list[str]], name: str) -> None:
    cookies = Cookies.of(*one)
    assert counts(cookies.rule, cookies.names, name) is counts(one[0], tuple(one[1]), name)


@pytest_twisted.ensureDeferred
async def test_viewers_whom_an_edge_keeps_apart_are_kept_apart_behind_it() -> None:
    """§4.2, where the origin says nothing of Vary: each gets what was made for such as he."""
    told: edge.settings.Settings = settings_of(settled(WORLD), "one")
    distribution: Distribution = told.cloudfront
    origin = ScriptedOrigin().listen()

    async def script(asked: Asked, line: Line) -> None:
        said = f"{asked.get('x-shape')} {asked.get('cookie')}".encode()
        line.send(head(200, len(said), Cache_Control="max-age=60") + said)

    origin.on("/x", script)
    async with (
        running_edge(origin.url, name="shield", role="shield", key=key_of(WORLD, "shield")) as shield,
        running_edge(
            f"http://127.0.0.1:{shield.port}", name="one", personality="cloudfront", cloudfront=distribution
        ) as edge_node,
    ):
        for shape, cookie in (("round", "plan=a"), ("square", "plan=a"), ("round", "plan=b")):
            answer = await get(edge_node, "/x", X_Shape=shape, Cookie=f"{cookie}; other=1")
            assert answer.body == f"{shape} {cookie}".encode()
    assert origin.count("/x") == 3
    await origin.stop()
