"""Tests for `sim/loading.py`."""

import subprocess
import sys

SCRIPT = """
import gc
from sim import loading

class Knot:
    def __init__(self):
        self.self = self
    def __del__(self):
        print("gone", flush=True)

loading.begin()
kept = Knot(), [[] for _ in range(5_000)]
print(gc.isenabled())
loading.end()
print(gc.isenabled(), gc.get_freeze_count() > 5_000)
del kept
gc.collect()
print("kept")
Knot()
gc.collect()
"""


def test_what_is_loaded_is_never_looked_at_and_what_comes_later_is() -> None:
    said = subprocess.check_output([sys.executable, "-c", SCRIPT], text=True, timeout=60)
    assert said.splitlines() == ["False", "True True", "kept", "gone"]
