"""A whole world beside what it is measured by.

    python -m bench.world start [--nodes 40] [--rounds 3]
    python -m bench.world proxy [--seconds 5] [--rounds 3]

`proxy` needs `haproxy`, `nginx`, `wrk` and `taskset`.
"""

import shutil
import sys

import click

from bench.world import proxy, start


@click.group()
def main() -> None:
    """A whole world beside what it is measured by."""


rounds_option = click.option("--rounds", default=3, show_default=True, help="How often; medians are shown.")


@main.command("start")
@click.option(
    "--nodes", default=40, show_default=True, type=click.IntRange(8, 80), help="How many processes."
)
@rounds_option
def _start(nodes: int, rounds: int) -> None:
    """From `pixeledge up` until all nodes are ready: by the clock and in CPU."""
    start.compare(nodes, rounds)


@main.command("proxy")
@click.option("--seconds", default=5, show_default=True, help="Length of one burst.")
@rounds_option
def _proxy(seconds: int, rounds: int) -> None:
    """Hits through the balancer, beside HAProxy in front of nginx."""
    for tool in ("haproxy", "nginx", "wrk", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed and not on PATH")
    proxy.compare(seconds, rounds)


if __name__ == "__main__":
    main()
