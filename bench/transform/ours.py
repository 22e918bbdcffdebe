"""Our renderer as its worker runs it. One JSON wish a line on standard input; its CPU milliseconds a line back."""

import atexit
import json
import os
import resource
import sys
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from origin.render.confinement import confine
from origin.render.limits import RenderLimits
from origin.transform import mezzanine
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan

LIMITS = RenderLimits()


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Serve wishes until the input ends."""
    confine(LIMITS.memory_bytes, os.getppid())
    from origin.render.pillow import opening, painting  # not before `confine`

    @cache
    def mezzanine_of(path: str, facts: SourceFacts) -> str:
        target = Path(gettempdir()) / f"mezzanine-{os.getpid()}-{Path(path).name}.jpg"
        painting.paint(mezzanine.making(facts), path, facts, str(target), LIMITS)
        atexit.register(target.unlink)
        return str(target)

    opening.guard(LIMITS)
    for line in sys.stdin:
        asked = json.loads(line)
        facts = opening.probe_header(asked["source"], LIMITS)
        before = cpu_seconds()
        made = plan(parse_chain(asked["chain"]), facts)
        source = asked["source"]
        if asked["from_mezzanine"]:
            smaller = mezzanine.through(made, facts)
            if smaller is None:
                print("nan", flush=True)
                continue
            source = mezzanine_of(source, facts)
            made, facts, before = smaller, mezzanine.facts_of(facts), cpu_seconds()
        Path(asked["target"]).unlink(missing_ok=True)
        painting.paint(made, source, facts, asked["target"], LIMITS)
        print((cpu_seconds() - before) * 1000, flush=True)


if __name__ == "__main__":
    main()
