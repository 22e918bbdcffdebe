"""Our renderer as its worker runs it. One JSON wish a line on standard input; its CPU milliseconds a line back."""

import json
import os
import resource
import sys
from pathlib import Path

from origin.render.confinement import confine
from origin.render.limits import RenderLimits
from origin.transform.parse import parse_chain
from origin.transform.resolve import plan

LIMITS = RenderLimits()


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Serve wishes until the input ends."""
    confine(LIMITS.memory_bytes, os.getppid())
    from origin.render.pillow import opening, painting  # not before `confine`

    opening.guard(LIMITS)
    for line in sys.stdin:
        asked = json.loads(line)
        facts = opening.probe_header(asked["source"], LIMITS)
        before = cpu_seconds()
        made = plan(parse_chain(asked["chain"]), facts)
        Path(asked["target"]).unlink(missing_ok=True)
        painting.paint(made, asked["source"], facts, asked["target"], LIMITS)
        print((cpu_seconds() - before) * 1000, flush=True)


if __name__ == "__main__":
    main()
