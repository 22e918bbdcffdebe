"""pyvips, one thread. One JSON wish a line on standard input; its CPU milliseconds a line on standard output.

Runs in an environment of its own, which has nothing of ours.
"""

import json
import os
import resource
import sys
from typing import Any

os.environ["VIPS_CONCURRENCY"] = "1"

import pyvips

LOADED_WHOLE = 10_000_000


def carry_out(source: str, target: str, wish: dict[str, Any], quality: int | None) -> None:
    options = "[n=-1]" if wish["animated"] else ""
    height = wish["height"]
    crop = {"crop": "centre"} if height else {}
    if wish["animated"]:  # thumbnail knows pages only through the loader's options
        image = pyvips.Image.thumbnail(source + options, wish["width"], height=LOADED_WHOLE)
    else:
        image = pyvips.Image.thumbnail(source, wish["width"], height=height or LOADED_WHOLE, **crop)
    if wish["blur"]:
        image = image.gaussblur(wish["blur"])
    if wish["radius"]:
        box = (
            f'<svg width="{image.width}" height="{image.height}"><rect width="{image.width}" '
            f'height="{image.height}" rx="{wish["radius"]}" ry="{wish["radius"]}"/></svg>'
        )
        image = image.bandjoin(pyvips.Image.svgload_buffer(box.encode())[3])
    saving: dict[str, Any] = {"keep": "none"}
    if quality is not None:
        saving["Q"] = quality
    if target.endswith(".avif"):
        saving["effort"] = 0  # the speed we use
    image.write_to_file(target, **saving)


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    pyvips.cache_set_max(0)
    for line in sys.stdin:
        asked = json.loads(line)
        before = cpu_seconds()
        carry_out(**asked)
        print((cpu_seconds() - before) * 1000, flush=True)


if __name__ == "__main__":
    main()
