"""What every test of these rooms must leave behind: nothing."""

from collections.abc import Iterator

import pytest

from tests.support.loose_ends import no_loose_ends


@pytest.fixture(scope="module", autouse=True)
def _no_failure_is_left_lying() -> Iterator[None]:
    """Once a module, since collecting garbage takes its time."""
    with no_loose_ends():
        yield
