"""`pixeledge edge`: one caching edge alone, in front of any site."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
import yaml

from sim.commands.running import hear_ctrl_c, held_or_exit, refuse
from sim.commands.securing import tls_of, with_tls_options
from sim.lean import forgo_tls
from sim.topology.quantities import Address, Size
from wire.document import DocumentError

if TYPE_CHECKING:
    from edge.settings import Settings

T = TypeVar("T")


def parsed(kind: type[T]) -> Any:
    """An option's value read as one of our quantities."""

    def convert(context: click.Context, parameter: click.Parameter, value: str | None) -> T | None:
        try:
            return None if value is None else kind.parse(value)  # type: ignore[attr-defined]
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def base_urls(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Upstreams as they must be."""
    from sim.edgefile import base_url

    try:
        return tuple(map(base_url, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="A YAML file of settings; options given beside it win. docs/edge.md names them all.",
)
@click.option(
    "--upstream",
    "upstreams",
    multiple=True,
    callback=base_urls,
    metavar="URL",
    help="The base URL of any HTTP server. Given again: whom to ask when that one is down.",
)
@click.option("--listen", callback=parsed(Address), metavar="HOST:PORT", help="Where viewers ask.")
@click.option(
    "--control",
    callback=parsed(Address),
    metavar="HOST:PORT",
    help="Where to answer /healthz, /readyz, /metrics, /status, POST /purge and POST /prefetch. "
    "[default: a free port]",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the disk cache, which outlives the process. Without it, memory only.",
)
@click.option(
    "--hot",
    callback=parsed(Size),
    metavar="SIZE",
    help="How much memory the cache may use. [default: 64MiB]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that share the ports and the disk cache; the memory is shared out among them. [default: 1]",
)
@click.option(
    "--checksums",
    type=click.Choice(["small", "all"]),
    help="Which bodies on disk are held to a digest when read: up to 1 MiB, or all. [default: small]",
)
@click.option(
    "--eviction",
    type=click.Choice(["lru", "s3-fifo", "sieve", "w-tinylfu"]),
    help="Who leaves memory first when room is needed. [default: s3-fifo]",
)
@click.option(
    "--disk", callback=parsed(Size), metavar="SIZE", help="How much disk the cache may use. [default: 1GiB]"
)
@click.option("--name", help="The name it signs answers with (X-PoP, Via). [default: edge]")
@click.option("--host", metavar="HOST", help="Send this Host upstream instead of the viewer's own.")
@with_tls_options
@click.option(
    "--print", "only_print", is_flag=True, help="Print the settings that would be used, as YAML, and exit."
)
def edge(config: Path | None, cache: Path | None, only_print: bool, **given: Any) -> NoReturn:
    """Run one caching edge alone, in front of any HTTP server, until Ctrl-C.

    Needs --upstream and --listen, here or in the file of --config.
    """
    try:
        settings = settings_of(config, cache, given)
    except DocumentError as wrong:
        refuse(config or Path("options"), wrong)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if only_print:
        from sim.edgefile import as_plain

        click.echo(yaml.safe_dump(as_plain(settings), sort_keys=False), nl=False)
        sys.exit(0)
    if not settings.speaks_tls:
        forgo_tls()
    from sim.node import make_service
    from sim.nodefile import EdgeNode
    from sim.process import run

    held = held_or_exit(Path(settings.cache_dir), "edge.lock") if settings.cache_dir else nullcontext()

    def started() -> None:
        places = [Address.parse(settings.listen).url]
        if settings.tls.listen:
            places.append(f"https://{settings.tls.listen}")
        asks = ", ".join(settings.asked)
        click.echo(f"{settings.name} listens on {' and '.join(places)} and asks {asks}")

    hear_ctrl_c()
    with held:
        sys.exit(run(lambda reactor: make_service(EdgeNode("edge", settings), reactor), started=started))


def settings_of(config: Path | None, cache: Path | None, given: dict[str, Any]) -> Settings:
    """The file's settings with what the options say in their place; ValueError or DocumentError."""
    from sim.edgefile import as_plain, read

    tls = tls_of(given["tls_listen"], given["certs"], given["keys"], given["authority"])
    told: dict[str, Any] = {
        "upstreams": list(given["upstreams"]) or None,
        "listen": given["listen"] and str(given["listen"]),
        "control": given["control"] and str(given["control"]),
        "cache_dir": cache and str(cache.resolve()),
        "hot_bytes": given["hot"] and given["hot"].bytes,
        "workers": given["workers"],
        "checksums": given["checksums"],
        "eviction": given["eviction"],
        "disk_bytes": given["disk"] and given["disk"].bytes,
        "name": given["name"],
        "host": given["host"],
        "tls": as_plain(tls) if tls.listen else None,
        "trusted_proxies": list(given["trusted_proxies"]) or None,
        "upstream_ca": given["upstream_ca"] and str(given["upstream_ca"].resolve()),
    }
    return read(
        config.read_text("utf-8") if config is not None else "{}",
        {name: value for name, value in told.items() if value is not None},
        folder=config.parent if config is not None else Path(),
    )
