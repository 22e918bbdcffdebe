"""`pixeledge trust`: what it prints is what a person needs, and what a script can use."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

from edge.tls.authority import load
from edge.tls.names import normal
from sim.cli import main
from sim.world import PreparationError, World
from tests.sim.topology.test_read import SMALL
from tests.sim.topology.test_settle import settled


def told(*arguments: str) -> tuple[int, str]:
    """Exit code and all that was printed."""
    result = CliRunner().invoke(main, ["trust", *arguments])
    return result.exit_code, result.output


def test_it_tells_each_way_to_trust_with_the_path_in_it(tmp_path: Path) -> None:
    """And what is trusted: the fingerprint, the names, until when."""
    code, output = told("--state", str(tmp_path))
    authority = load(tmp_path / "authority")
    assert code == 0
    assert authority is not None
    assert authority.fingerprint in output
    assert f"until {authority.expires:%Y-%m-%d}" in output
    path = str(tmp_path / "authority" / "ca.pem")
    for way in (
        "update-ca-certificates",
        "trust anchor",
        "security add-trusted-cert",
        "certutil -addstore",
        "Firefox",
        "curl --cacert",
        "REQUESTS_CA_BUNDLE=",
        "NODE_EXTRA_CA_CERTS=",
    ):
        assert any(way in line for line in output.splitlines()), way
    assert output.count(path) >= 9
    assert "https://127.0.0.1:8443" in output


def test_scripts_get_one_thing_each(tmp_path: Path) -> None:
    """The certificate, its fingerprint, its path; every time the same."""
    state = ("--state", str(tmp_path))
    _, pem = told(*state, "--print-ca")
    _, fingerprint = told(*state, "--fingerprint")
    _, path = told(*state, "--path")
    assert Path(path.strip()).read_text() == pem
    assert x509.load_pem_x509_certificate(pem.encode()).subject
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}\n", fingerprint)
    assert told(*state, "--fingerprint") == (0, fingerprint)


def test_a_new_one_is_for_the_hosts_of_the_file(tmp_path: Path) -> None:
    """`up` tells of hosts that the old one was not made for."""
    state = ("--state", str(tmp_path))
    topology = tmp_path / "topology.yaml"
    topology.write_text(SMALL + "hosts: {img.example.test: demo}\n")
    _, before = told(*state, "--fingerprint")
    assert told(str(topology), *state, "--fingerprint") == (0, before)
    code, after = told(str(topology), *state, "--new", "--fingerprint")
    assert (code, after != before) == (0, True)
    authority = load(tmp_path / "authority")
    assert authority is not None
    assert authority.may_sign(normal("img-2.example.test"))


def test_a_damaged_authority_is_told_in_a_line(tmp_path: Path) -> None:
    """No trace."""
    told("--state", str(tmp_path))
    (tmp_path / "authority" / "ca-key.pem").write_text("")
    code, output = told("--state", str(tmp_path))
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("pixeledge: ")


def test_a_world_with_tls_ports_has_an_authority_and_says_whom_it_cannot_vouch_for(tmp_path: Path) -> None:
    """Made before any node starts; a damaged one stops the start."""
    from attrs import evolve

    world = World(evolve(settled(), state=tmp_path))
    world.prepare()
    assert load(tmp_path / "authority") is not None
    assert world.unvouched == ()
    more = evolve(world.settlement.topology, hosts={"img.example.test": "demo", "a.localhost": "demo"})
    assert World(evolve(world.settlement, topology=more)).unvouched == ("img.example.test",)
    (tmp_path / "authority" / "ca.pem").unlink()
    with pytest.raises(PreparationError, match="half of the local authority"):
        world.prepare()


def test_a_world_without_tls_ports_or_with_certificates_needs_no_authority(tmp_path: Path) -> None:
    """Nothing is made that nobody asked for."""
    from attrs import evolve

    plain = World(evolve(settled(SMALL), state=tmp_path / "plain"))
    plain.prepare()
    given = settled(
        "certificates: [{cert: a.pem, key: /b.key}]\n"
        + SMALL.replace("parent: shield", "tls: tcp:9402, parent: shield")
    )
    own = World(evolve(given, state=tmp_path / "own"))
    own.prepare()
    assert not list(tmp_path.rglob("ca.pem"))
    (edge,) = [node for node in own.nodes if node.kind == "edge"]
    assert edge.settings["tls"]["certificates"] == [
        {"cert": str(tmp_path / "own" / "a.pem"), "key": "/b.key"}
    ]
