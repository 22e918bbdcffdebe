"""The options of `pixeledge edge` that have to do with TLS, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.topology.quantities import Address

if TYPE_CHECKING:
    from edge.tls.settings import Tls

AUTHORITY = Path("var") / "authority"
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)

OPTIONS = (
    click.option(
        "--tls-listen",
        metavar="HOST:PORT",
        help="Where viewers ask over TLS, by HTTP/2 or HTTP/1.1, beside --listen.",
    ),
    click.option(
        "--cert",
        "certs",
        multiple=True,
        type=_FILE,
        help="A certificate, its chain below it, as PEM. Given again: for other hosts.",
    ),
    click.option(
        "--key", "keys", multiple=True, type=_FILE, help="The key of each --cert, in the same order."
    ),
    click.option(
        "--authority",
        type=click.Path(path_type=Path, file_okay=False),
        default=AUTHORITY,
        show_default=True,
        help="Without --cert: folder of the local authority, which vouches for localhost (`pixeledge trust`).",
    ),
    click.option(
        "--trusted-proxy",
        "trusted_proxies",
        multiple=True,
        metavar="NETWORK",
        help="Believe X-Forwarded-Proto of a proxy at this address or in this network.",
    ),
    click.option(
        "--upstream-ca",
        type=_FILE,
        help="The authorities that vouch for https upstreams, as PEM. Default: those of the system.",
    ),
)


def with_tls_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def tls_of(tls_listen: str | None, certs: tuple[Path, ...], keys: tuple[Path, ...], authority: Path) -> Tls:
    """The settings that the options mean; UsageError where they mean none."""
    from edge.tls.settings import Pair, Tls

    if len(certs) != len(keys):
        raise click.UsageError("each --cert needs its --key")
    if certs and not tls_listen:
        raise click.UsageError("--cert is for --tls-listen HOST:PORT")
    if not tls_listen:
        return Tls()
    try:
        listen = str(Address.parse(tls_listen))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--tls-listen") from None
    pairs = tuple(
        Pair(str(cert.resolve()), str(key.resolve())) for cert, key in zip(certs, keys, strict=True)
    )
    return Tls(listen=listen, certificates=pairs, authority=str(authority.resolve()))
