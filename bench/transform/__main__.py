"""Renders measured against their peers.

    python -m bench.transform [--rounds 7] [--only TEXT]          in the process: sharp, pyvips
    python -m bench.transform --served [--requests 8] [--rounds 5]    over HTTP: thumbor, ipx

Needs `node`, `npm` and `taskset`; peers are installed below `.bench/`. Figures are CPU time of the process.
"""

import tempfile
from math import isnan
from pathlib import Path

import click

from bench.measure import median, table
from bench.transform import served
from bench.transform.local import PEERS, Result, measured
from bench.transform.peers import install
from bench.transform.rows import ROWS


@click.command()
@click.option("--served", "over_http", is_flag=True, help="Servers over HTTP instead of libraries.")
@click.option("--requests", default=8, show_default=True, help="Cold requests per server and round.")
@click.option("--rounds", default=5, show_default=True, help="Turns of everyone; medians are shown.")
@click.option("--only", default="", help="Rows whose name contains this.")
def main(over_http: bool, requests: int, rounds: int, only: str) -> None:
    """Our renders beside those of others, on one core, in turns."""
    install()
    with tempfile.TemporaryDirectory() as folder:
        if over_http:
            served.compare(requests, rounds, Path(folder))
        else:
            compare(rounds, only, Path(folder))


def compare(rounds: int, only: str, folder: Path) -> None:
    """The table of the libraries."""
    results = measured([row for row in ROWS if only in row.name], rounds, folder)
    lines = []
    for row, by_name in results.items():
        ours = by_name["pixeledge"]
        later = median(ours.later)
        shown = "" if isnan(later) else f"{later:.1f} ({later / by_name['sharp'].milliseconds:.2f})"
        line = [row.name, f"{ours.milliseconds:.1f}", shown]
        for name in PEERS:
            line += [
                f"{by_name[name].milliseconds:.1f}",
                f"{ours.milliseconds / by_name[name].milliseconds:.2f}",
            ]
        lines.append([*line, " / ".join(_told(by_name[name]) for name in ("pixeledge", *PEERS))])
    heads = [
        "row",
        "ours ms",
        "from the mezzanine (to sharp)",
        *(head for name in PEERS for head in (f"{name} ms", "ratio")),
    ]
    table("CPU milliseconds a render", [*heads, "SSIMULACRA 2 (bytes), in this order"], lines)


def _told(result: Result) -> str:
    score = "" if result.score is None else f"{result.score:.1f} "
    return f"{score}({result.bytes:,})"


if __name__ == "__main__":
    main()
