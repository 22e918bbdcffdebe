"""What an edge knows of its upstreams, and how it comes to know it."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent

from edge.settings import Settings
from edge.upstream.breaker import Breakers
from edge.upstream.checks import Checks
from edge.upstream.health import Health
from edge.upstream.standings import Standings


def make_health(
    settings: Settings, now: Callable[[], float], agent: Agent, clock: IReactorTime
) -> tuple[Health, Checks | None]:
    """From checks where upstreams are checked (a service, to be run), else from what happens to questions alone."""
    checks, away = settings.checks, set(settings.standby)
    questions = checks.questions(settings.asked)
    breakers = Breakers(now, settings.breaker.failures, settings.breaker.seconds)
    if not questions:
        return Health(now, settings.outlier_errors, away, breakers), None
    standings = Standings(now, settings.outlier_errors, away, breakers, fall=checks.fall, rise=checks.rise)
    for url in settings.asked:
        standings.watch([url], is_probed=url in questions)
    standings.watch(settings.ways, is_probed=False)
    return standings, Checks(
        standings,
        questions,
        agent,
        clock,
        interval_seconds=checks.interval_seconds,
        timeout_seconds=checks.timeout_seconds,
    )
