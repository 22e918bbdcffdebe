import warnings
from collections.abc import Iterator

import pytest
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow import opening


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[RenderLimits]:
    """The guard a worker sets for its whole life, set here for one test."""
    chosen = RenderLimits()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    with warnings.catch_warnings():
        opening.guard(chosen)
        yield chosen
