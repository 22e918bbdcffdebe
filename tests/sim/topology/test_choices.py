"""sim.topology.choices: what all PoPs are told, or one, in the words of `pixeledge edge --config`."""

from __future__ import annotations

import attrs
import pytest

import edge.settings
from edge.core.policy import Compression, TtlRule
from sim.topology.choices import leaves_out_tokens, merged, with_token
from tests.sim.topology.test_read import SMALL, told
from tests.sim.topology.test_settle import settings_of, settled
from wire.tokens.cloudinary import NAME as TOKEN

EVERY = """edge:
  caching: {ttl_rules: [{path: "/img/*", seconds: 10min}], set_cookie: strip}
  compression: {codings: [gzip]}
  limits: {object_bytes: 4GiB, idle_seconds: 1min}
  range_fill: forward
  checks: {interval_seconds: 500ms}
"""
OWN = "parent: shield, edge: {compression: {codings: []}, limits: {idle_seconds: 5}, retries: {share: 0.5}}"
TEXT = SMALL.replace("parent: shield", OWN) + EVERY


def test_a_pop_does_as_it_is_told_itself_and_else_as_all_are() -> None:
    """Name by name, down into mappings; units as in the file of one edge alone."""
    told: edge.settings.Settings = settings_of(settled(TEXT), "edge")
    assert told.caching.ttl_rules == (TtlRule(600.0, "/img/*"),)
    assert told.caching.set_cookie == "strip"
    assert told.compression.codings == ()
    assert (told.limits.object_bytes, told.limits.idle_seconds) == (4 << 30, 5.0)
    assert (told.range_fill, told.retries.share) == ("forward", 0.5)
    shield: edge.settings.Settings = settings_of(settled(TEXT), "shield")
    assert (shield.compression, shield.limits.idle_seconds) == (Compression(codings=("gzip",)), 60.0)


def test_what_follows_from_the_world_stays_where_nothing_else_is_said() -> None:
    """The render's patience, the checks' URLs, the site: only what was named is another."""
    plain: edge.settings.Settings = settings_of(settled(SMALL), "edge")
    told: edge.settings.Settings = settings_of(settled(TEXT), "edge")
    assert told.limits.first_byte_seconds == plain.limits.first_byte_seconds
    assert told.checks == attrs.evolve(plain.checks, interval_seconds=0.5)
    assert (told.key, told.flights, told.client_cc) == (plain.key, plain.flights, plain.client_cc)
    patient = SMALL + "edge: {limits: {first_byte_seconds: 2min}}\n"
    assert settings_of(settled(patient), "edge").limits.first_byte_seconds == 120


@pytest.mark.parametrize(
    ("key", "query", "parameters"),
    [
        ("{}", "only", (TOKEN,)),
        ("{sort: true}", "only", (TOKEN,)),
        ("{query: none}", "only", (TOKEN,)),
        ("{parameters: [v]}", "only", ("v", TOKEN)),
        ("{query: all}", "all", ()),
        ('{query: except, parameters: ["utm_*"]}', "except", ("utm_*",)),
    ],
)
def test_a_viewers_token_counts_whatever_else_does(key: str, query: str, parameters: tuple[str, ...]) -> None:
    """Or what one may see would be shown to another."""
    told: edge.settings.Settings = settings_of(settled(SMALL + f"edge: {{key: {key}}}\n"), "edge")
    assert (told.key.query, told.key.parameters, told.key.cookies) == (query, parameters, (TOKEN,))
    assert (told.key.site, "cookies" in with_token({})) == ("main", True)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        (
            "{limits: {idle_secs: 5}}",
            'line 7: edge.limits.idle_secs: unknown key (did you mean "idle_seconds"?)',
        ),
        (
            "{limits: {object_bytes: 4 bananas}}",
            "line 7: edge.limits.object_bytes: expected a size like 256MiB",
        ),
        ("{limits: {idle_seconds: -1}}", "line 7: edge.limits.idle_seconds: must be > 0: -1"),
        ("{range_fill: hole}", 'line 7: edge.range_fill: expected one of whole, forward; got "hole"'),
        ("{upstreams: [http://a]}", "line 7: edge.upstreams: unknown key"),
        ("{key: {site: other}}", "line 7: edge.key.site: is what the rest of the topology says"),
        ("{checks: {urls: {}}}", "line 7: edge.checks.urls: is what the rest of the topology says"),
        ("[caching]", "line 7: edge: expected a mapping, got a list"),
        ('{key: {query: except, parameters: ["__cld*"]}}', "line 7: edge.key: viewers' tokens must count"),
    ],
)
def test_a_mistake_is_told_where_it_stands(section: str, problem: str) -> None:
    """In the section for all."""
    (found,) = told(SMALL + f"edge: {section}\n")
    assert found.startswith(problem)


def test_a_pops_own_mistakes_are_told_at_the_pop() -> None:
    """With those of the section for all, in one go."""
    text = SMALL.replace("parent: shield", 'parent: shield, edge: {cachng: {}, key: {parameters: ["*"]}}')
    assert told(text + "edge: {key: {query: except}, head_fill: 3}\n") == [
        'line 6: pops.edge.edge.cachng: unknown key (did you mean "caching"?)',
        "line 6: pops.edge.edge.key: viewers' tokens must count: no pattern may leave them out",
        "line 7: edge.head_fill: expected true or false, got the number 3",
    ]


def test_mappings_are_merged_and_lists_are_not() -> None:
    """Neither is changed."""
    below, above = {"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"c": [2]}, "d": {"e": 1}}
    assert merged(below, above) == {"a": {"b": 1, "c": [2]}, "d": {"e": 1}}
    assert (below["d"], above["a"]) == (1, {"c": [2]})


def test_a_token_is_left_out_by_its_name_or_a_pattern() -> None:
    """`except` alone says what does not count."""
    assert leaves_out_tokens({"query": "except", "parameters": [TOKEN]})
    assert leaves_out_tokens({"query": "except", "parameters": ["utm_*", "*"]})
    assert not leaves_out_tokens({"query": "except", "parameters": ["utm_*"]})
    assert not leaves_out_tokens({"query": "only", "parameters": []})
    assert not leaves_out_tokens({"query": "except", "parameters": 3})
    assert leaves_out_tokens({"query": "except", "parameters": [3, "*"]})
