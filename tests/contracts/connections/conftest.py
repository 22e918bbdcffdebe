"""Whose connections are held to the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.transports import Listen


@pytest.fixture(params=["by_twisted", "by_the_loop"])
def kind(request: pytest.FixtureRequest) -> Listen:
    """Who accepts."""
    from tests.support import transports  # with the reactor, which is there by now

    chosen: Listen = getattr(transports, request.param)
    return chosen
