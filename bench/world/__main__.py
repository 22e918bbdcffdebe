"""A whole world beside what it is measured by.

    python -m bench.world start [--nodes 40] [--rounds 3]

Each command says in its `--help` what it needs.
"""

import click

from bench.world import start


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


if __name__ == "__main__":
    main()
