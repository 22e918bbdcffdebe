"""Fixtures for every test: real servers, started when first asked for. And how long Hypothesis may look."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from PIL import Image

pytest_plugins = (
    "tests.support.browser",
    "tests.support.minio",
    "tests.support.node",
    "tests.support.postgres",
)

# A slow moment of the machine is no counterexample; the gate asks the same questions each time it runs,
# people's own runs ask new ones.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def pillows_own_guard() -> Iterator[None]:
    """A worker's guard holds for its whole process: a test that sets one hands none to the tests after it.

    The filters for warnings that come with it are put back by pytest itself."""
    largest = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = largest
