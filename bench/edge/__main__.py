"""An edge beside other caching servers: responses per second of server CPU, by the clock, and how long they took.

    python -m bench.edge hits [--seconds 5] [--rounds 3] [nginx varnish …]
    python -m bench.edge disk | misses | memory | http2        (http2 needs h2load and openssl)

Needs `wrk`, `taskset` and whichever of nginx, HAProxy, Traffic Server, Varnish, Squid and httpd are to be compared
(`apt install wrk nginx haproxy trafficserver varnish squid apache2 nghttp2-client`); those that are not installed are
left out. Servers on one core, the client with 32 kept connections on another; servers take turns.
"""

import shutil
import sys

import click

from bench.edge import hits, http2, memory, misses


@click.group()
def main() -> None:
    """An edge beside other caching servers."""
    for tool in ("nginx", "wrk", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed and not on PATH")


seconds_option = click.option("--seconds", default=5, show_default=True, help="Length of one burst.")
rounds_option = click.option(
    "--rounds", default=3, show_default=True, help="Bursts per server and body; medians are shown."
)


@main.command("hits")
@seconds_option
@rounds_option
@click.argument("peers", nargs=-1)
def _hits(seconds: int, rounds: int, peers: tuple[str, ...]) -> None:
    """Bodies of 1 KB, 20 KB and 1 MB that everybody has."""
    hits.from_memory(seconds, rounds, peers)


@main.command("disk")
@seconds_option
@rounds_option
def _disk(seconds: int, rounds: int) -> None:
    """The same bodies, which only the disk tier has."""
    hits.from_disk(seconds, rounds)


@main.command("misses")
@seconds_option
@rounds_option
def _misses(seconds: int, rounds: int) -> None:
    """What a miss adds to a direct fetch."""
    misses.compare(seconds, rounds)


@main.command("memory")
@click.option("--seconds", default=60, show_default=True, help="How long new URLs are asked for.")
def _memory(seconds: int) -> None:
    """What the process takes beyond its memory tier."""
    memory.compare(seconds)


@main.command("http2")
@rounds_option
def _http2(rounds: int) -> None:
    """Hits over TLS, by HTTP/2."""
    http2.compare(rounds)


if __name__ == "__main__":
    main()
