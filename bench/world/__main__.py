"""A whole world, and its parts, beside what they are measured by.

    python -m bench.world start [--nodes 40] [--rounds 3]
    python -m bench.world proxy [--seconds 5] [--rounds 3]
    python -m bench.world link [--seconds 2] [--rounds 3]
    python -m bench.world choice [--rounds 20]

Each command says in its `--help` what it needs, and loads no other's modules.
"""

import shutil
import sys

import click


@click.group()
def main() -> None:
    """A whole world, and its parts, beside what they are measured by."""


rounds_option = click.option("--rounds", default=3, show_default=True, help="How often; medians are shown.")


def need(*tools: str) -> None:
    """End with a sentence where a program is missing."""
    for tool in tools:
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed and not on PATH")


@main.command("start")
@click.option(
    "--nodes", default=40, show_default=True, type=click.IntRange(8, 80), help="How many processes."
)
@rounds_option
def _start(nodes: int, rounds: int) -> None:
    """From `pixeledge up` until all nodes are ready: by the clock and in CPU."""
    from bench.world import start

    start.compare(nodes, rounds)


@main.command("proxy")
@click.option("--seconds", default=5, show_default=True, help="Length of one burst.")
@rounds_option
def _proxy(seconds: int, rounds: int) -> None:
    """Hits through the balancer, beside HAProxy in front of nginx. Needs `haproxy`, `nginx`, `wrk` and `taskset`."""
    need("haproxy", "nginx", "wrk", "taskset")
    from bench.world import proxy

    proxy.compare(seconds, rounds)


@main.command("link")
@click.option("--seconds", default=2, show_default=True, help="Length of one burst.")
@rounds_option
def _link(seconds: int, rounds: int) -> None:
    """What a link costs that is not felt, in CPU. Needs `nginx`, `wrk` and `taskset`."""
    need("nginx", "wrk", "taskset")
    from bench.world import link

    link.compare(seconds, rounds)


@main.command("choice")
@click.option("--rounds", default=20, show_default=True, help="How often; the best is shown.")
def _choice(rounds: int) -> None:
    """What the balancer's choice of a PoP costs, in CPU."""
    from bench.world import choosing

    choosing.compare(rounds)


if __name__ == "__main__":
    main()
