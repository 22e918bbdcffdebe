"""One small world and one browser for the media library, and for what of the page needs no larger one."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser
from tests.support.library import Library
from tests.support.world import SMALL, world


@pytest.fixture(scope="package")
def library(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Library]:
    with world(tmp_path_factory.mktemp("library") / "var", "--no-seed", **SMALL) as running:
        yield Library(running, browser)
        assert running.stop() == 0
