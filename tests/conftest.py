"""Fixtures for every test: real servers, started when first asked for. And how long Hypothesis may look."""

import os

from hypothesis import settings

pytest_plugins = ("tests.support.minio", "tests.support.postgres")

# A slow moment of the machine is no counterexample; the gate asks the same questions each time it runs,
# people's own runs ask new ones.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
