"""Fixtures for every test: real servers, started when first asked for. And how long Hypothesis may look."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from PIL import Image

pytest_plugins = (
    "tests.support.browser",
    "tests.support.minio",
    "tests.support.node",
    "tests.support.postgres",
    "tests.support.catalogues",  # after those it imports, whose asserts are to be rewritten
)

# A slow moment of the machine is no counterexample; the gate asks the same questions each time it runs,
# people's own runs ask new ones.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# Half a million objects that stay to the end: to walk them takes a second, and every module of an edge's tests has
# that done.
gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded and collected is none of the garbage collector's business any more."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def pillows_own_guard() -> Iterator[None]:
    """A worker's guard holds for its whole process: a test that sets one hands none to the tests after it.

    The filters for warnings that come with it are put back by pytest itself."""
    largest = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = largest


def _together(nodeid: str) -> str:
    """What one process runs in one go: a file; of the SDKs' tests, which count together, the folder."""
    folder = "tests/sdks/"
    return folder if nodeid.startswith(folder) else nodeid.split("::", 1)[0]


LONG = ("tests/scenarios/", "tests/sdks/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no process is still at it when the others are done."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Several processes share the suite (`-n 2 --dist loadfile`), in the order it was collected in."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # by default, files of few tests come last: the long ones
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = _together
    return scheduling
