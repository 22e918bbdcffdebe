"""`pixeledge trust`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from sim.commands.running import FILE, load
from sim.topology.quantities import Address

STEPS = """\
Certificates for https here are signed by a local authority, made on this machine for it alone:

  {path}
  SHA-256 {fingerprint}
  until {until}; it can sign for nothing but: {names}

Its key is beside it and readable by you alone. Whoever has it can pose as these names to those who
trust the authority: give the certificate away, never the key. Trust it where you need it:

Debian, Ubuntu (curl, wget, Go, .NET, the system's Python):
  sudo cp {path} /usr/local/share/ca-certificates/pixeledge.crt && sudo update-ca-certificates
Fedora, RHEL:
  sudo trust anchor {path}
macOS (Safari, Chrome):
  sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {path}
Windows (Edge, Chrome), in a terminal of the administrator:
  certutil -addstore -f ROOT {path}
Chromium and Chrome on Linux (certutil is in libnss3-tools):
  mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n pixeledge -i {path}
Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import; or, for a profile's folder:
  certutil -d sql:$HOME/.mozilla/firefox/PROFILE -A -t C,, -n pixeledge -i {path}
curl:
  curl --cacert {path} {url}
Python requests (urllib3, the official SDK):
  export REQUESTS_CA_BUNDLE={path} SSL_CERT_FILE={path}
Node:
  export NODE_EXTRA_CA_CERTS={path}

To trust it no more, take away what you added; `pixeledge trust --new` makes another authority.
"""


@click.command()
@FILE
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="The folder that `up` was given; the authority is in its folder `authority`.",
)
@click.option("--print-ca", is_flag=True, help="Print the authority's certificate (PEM) and nothing else.")
@click.option("--fingerprint", is_flag=True, help="Print its SHA-256 fingerprint and nothing else.")
@click.option(
    "--path", "wants_path", is_flag=True, help="Print the path of its certificate and nothing else."
)
@click.option("--new", is_flag=True, help="Make another in its place; the old one is to be trusted no more.")
def trust(
    file: Path | None, state: Path, print_ca: bool, fingerprint: bool, wants_path: bool, new: bool
) -> None:
    """Tell how to trust the certificates that https here is served with.

    They are signed by an authority of this machine, made now if there is none, for localhost, names under it,
    loopback and the hosts of FILE.
    """
    from edge.tls import authority
    from edge.tls.errors import AuthorityError

    topology = load(file)[1]
    folder = state.resolve() / "authority"
    try:
        if new:
            made = authority.make(topology.secure_names, datetime.now(UTC))
            authority.write(made, folder, replace=True)
        held = authority.load_or_make(folder, topology.secure_names)
    except AuthorityError as error:
        click.echo(f"pixeledge: {error}", err=True)
        sys.exit(1)
    path = folder / authority.CERTIFICATE
    if print_ca:
        click.echo(held.pem, nl=False)
    elif fingerprint:
        click.echo(held.fingerprint)
    elif wants_path:
        click.echo(path)
    else:
        names = ", ".join(str(each.value) for each in held.permitted)
        until = f"{held.expires:%Y-%m-%d}"
        front = topology.balancer.tls or Address("127.0.0.1", 8443)
        click.echo(
            STEPS.format(
                path=path, fingerprint=held.fingerprint, until=until, names=names, url=f"https://{front}"
            ),
            nl=False,
        )
