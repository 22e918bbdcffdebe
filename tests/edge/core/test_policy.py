"""What a site may decide, and what the sheet decides where nobody says otherwise."""

from __future__ import annotations

import pytest

from edge.cache.interface import VARIANTS
from edge.core.policy import FlightPolicy, Policy, TtlRule

SITE, FLIGHTS = Policy(), FlightPolicy()


@pytest.mark.parametrize(
    ("section", "figure", "decided"),
    [
        ("5.6", (SITE.heuristic_fraction, SITE.heuristic_limit_seconds), (0.1, 24 * 3600)),
        ("6.2, 6.3", (SITE.strict_age, SITE.conservative_age), (False, False)),
        ("7.2", SITE.client_cc, "honour"),
        ("8.4", VARIANTS, 64),
        ("12.6", SITE.finish_abandoned_bytes, 1 << 20),
        ("14.4", SITE.stale_if_unreachable_seconds, 3600),
        ("14.6", (FLIGHTS.refresh_retry_seconds, FLIGHTS.refresh_retry_limit_seconds), (1, 30)),
        ("15.1", SITE.targeted_fields, ("Pixeledge-CDN-Cache-Control", "CDN-Cache-Control")),
        ("15.1", SITE.surrogate_control, True),
        ("15.5", (SITE.strip_targeted, SITE.rebase_age), (False, False)),
        ("18.2", FLIGHTS.hit_for_miss_seconds, 120),
        ("18.5", FLIGHTS.wait_seconds, 5),
        ("19.2", SITE.negative_ttl, {}),
        ("21.2", SITE.set_cookie, "replay"),
        ("22.4", SITE.debug, False),
    ],
)
def test_the_defaults_are_the_sheets(section: str, figure: object, decided: object) -> None:
    """A site that says nothing gets what was decided for all."""
    assert figure == decided, section


@pytest.mark.parametrize(
    ("pattern", "target", "fits"),
    [
        ("*.css", "/a.css", True),
        ("*.css", "/a.css?v=1", True),
        ("*.css", "/a.js?b=.css", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/img/*", "/img/", True),
        ("/img/*", "/Img/a", False),
        ("/a[1]/*", "/a[1]/b", True),
        ("/a[1]/*", "/a1/b", False),
    ],
)
def test_whose_lifetime_a_rule_decides(pattern: str, target: str, fits: bool) -> None:
    """5.8: by the path without its query; nothing but `*` and `?` stands for something else."""
    assert TtlRule(60.0, pattern).fits(target, 200) is fits
    assert not TtlRule(60.0, pattern).fits(target, 404)
    rules = (TtlRule(1.0, "/other"), TtlRule(2.0, pattern), TtlRule(3.0, "*"))
    found = Policy(ttl_rules=rules).ttl_rule(target, 200)
    assert found is not None
    assert found.seconds == (2.0 if fits else 3.0)
    assert Policy(ttl_rules=rules[:2]).ttl_rule("/none", 200) is None


def test_a_node_may_have_another_name_in_via() -> None:
    """16.2."""
    assert (Policy(node="fra").pseudonym, Policy(node="fra", via="cdn").pseudonym) == ("fra", "cdn")
