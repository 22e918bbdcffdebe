"""A site, its clock, and a viewer of it. Imported when they are asked for: with the reactor, which is there by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.task import Clock

if TYPE_CHECKING:
    from tests.support.h2_client import Viewer
    from tests.support.h2_menu import More
    from wire.web.site import StreamingSite


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sample() -> More:
    from tests.support.h2_menu import More

    return More()


@pytest.fixture
def site(clock: Clock, sample: More) -> StreamingSite:
    from wire.web.site import StreamingSite

    return StreamingSite(lambda _: sample, reactor=clock, scheme="https")


@pytest.fixture
def viewer(site: StreamingSite, clock: Clock) -> Viewer:
    from tests.support.h2_client import Viewer

    return Viewer(site, clock)
