"""The local authority: made once, kept to itself, able to sign only what it may."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from edge.tls.authority import CERTIFICATE, KEY, load, load_or_make, make, write
from edge.tls.errors import AuthorityError
from edge.tls.names import constraint, general, is_below, normal, subtrees_for, with_shards
from wire.hosts import Hosts

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTS = ("demo-res.localhost", "img.example.com", "192.0.2.7")


def test_it_is_made_once_and_its_key_is_its_owners(tmp_path: Path) -> None:
    """0600 for the key; the second start finds the first one's."""
    folder = tmp_path / "var" / "authority"
    first = load_or_make(folder, HOSTS)
    assert load_or_make(folder) == first
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.parent.iterdir()] == ["authority"]


def test_of_many_processes_that_start_at_once_all_use_the_same(tmp_path: Path) -> None:
    """The folder appears whole, by a rename; who comes late takes what is there."""
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: load_or_make(tmp_path / "authority"), range(8)))
    assert len({authority.fingerprint for authority in made}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["authority"]


def test_a_folder_that_appears_while_it_is_read_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process was faster, between our looks at the certificate and at the key."""
    folder, made = tmp_path / "authority", make(HOSTS, NOW)
    looked: list[str] = []
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        looked.append(path.name)
        try:
            return read_bytes(path)
        finally:
            if len(looked) == 1:
                write(made, folder)

    monkeypatch.setattr(Path, "read_bytes", read)
    found = load(folder)
    assert found is not None
    assert found.fingerprint == made.fingerprint


def test_its_certificate_may_sign_servers_and_nothing_else() -> None:
    """RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.10, §4.2.1.12."""
    certificate = make(HOSTS, NOW).certificate
    find = certificate.extensions.get_extension_for_class
    basic, usage, names = (
        find(x509.BasicConstraints),
        find(x509.KeyUsage),
        find(x509.NameConstraints),
    )
    assert (basic.value.ca, basic.value.path_length, basic.critical) == (True, 0, True)
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    assert names.critical
    assert [str(each.value) for each in names.value.permitted_subtrees or ()] == [
        *("localhost", "127.0.0.0/8", "::1/128", "img.example.com"),
        *(f"img-{number}.example.com" for number in range(1, 6)),
        "192.0.2.7/32",
    ]
    assert timedelta(days=3649) < certificate.not_valid_after_utc - NOW <= timedelta(days=3650)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("localhost", True),
        ("a.b.localhost", True),
        ("LOCALHOST.", True),
        ("notlocalhost", False),
        ("localhost.example.com", False),
        ("img.example.com", True),
        ("a3.img.example.com", True),
        ("img-3.example.com", True),
        ("example.com", False),
        ("evilimg.example.com", False),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::2", False),
        ("*.localhost", False),
        ("a b.localhost", False),
        ("", False),
    ],
)
def test_it_signs_below_its_names_only(name: str, may: bool) -> None:
    """What it may not is refused by us before any client would."""
    authority = make(HOSTS, NOW)
    assert authority.may_sign(name) is may
    if not may and name not in ("", "*.localhost", "a b.localhost"):
        with pytest.raises(AuthorityError, match="may not sign"):
            authority.issue([name], authority.key.public_key(), NOW)


def test_a_certificate_is_for_its_names_for_ninety_days() -> None:
    """And does not outlive who vouches for it."""
    authority = make((), NOW)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    issued = authority.issue(["a.localhost", "127.0.0.1"], key, NOW)
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert issued.not_valid_after_utc - NOW == timedelta(days=90)
    assert issued.not_valid_before_utc == NOW - timedelta(hours=1)
    issued.verify_directly_issued_by(authority.certificate)
    late = authority.issue(["a.localhost"], key, authority.expires - timedelta(days=1))
    assert late.not_valid_after_utc == authority.expires


def test_what_is_wrong_with_it_is_told_with_the_way_out(tmp_path: Path) -> None:
    """Half of it missing, another's key, no PEM at all, expired."""
    folder = tmp_path / "authority"
    load_or_make(folder)
    key = (folder / KEY).read_bytes()
    (folder / KEY).unlink()
    with pytest.raises(
        AuthorityError, match=r"half of the local authority is missing; `pixeledge trust --new`"
    ):
        load(folder)
    write(make((), NOW), tmp_path / "other")
    (folder / KEY).write_bytes((tmp_path / "other" / KEY).read_bytes())
    with pytest.raises(AuthorityError, match="key is not its certificate's"):
        load(folder)
    (folder / KEY).write_bytes(key)
    (folder / CERTIFICATE).write_text("no certificate")
    with pytest.raises(AuthorityError, match="cannot be read"):
        load(folder)
    write(make((), NOW - timedelta(days=3651)), folder, replace=True)
    with pytest.raises(AuthorityError, match="has expired"):
        load(folder)
    write(make((), NOW), folder, replace=True)
    assert load(folder) is not None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "var").write_text("")
    with pytest.raises(AuthorityError, match=r"cannot be kept: File exists|Not a directory"):
        load_or_make(tmp_path / "var" / "authority")


LABELS = st.text("ab1-", min_size=1, max_size=4).filter(lambda label: label.strip("-") == label)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join).filter(lambda name: not name.isdigit())


@given(NAMES, st.integers(1, 5))
def test_whatever_host_a_topology_names_its_shards_may_be_signed_for(host: str, number: int) -> None:
    """Every spelling that `wire.hosts` takes for the host is below its subtrees."""
    try:
        normal(host)
    except ValueError:
        return
    subtrees = [constraint(each) for each in subtrees_for([host])]
    assert is_below(host, subtrees)
    if isinstance(general(host), x509.IPAddress):
        return  # an address has no shards
    first, dot, rest = host.partition(".")
    shards = (host, f"a{number}.{host}", f"{first}-{number}{dot}{rest}")
    assert all(is_below(each, subtrees) for each in shards)
    assert set(with_shards(host)) <= {each for each in with_shards(host) if is_below(each, subtrees)}
    assert all(Hosts({host: "demo"}).cloud_of(each) == "demo" for each in shards)


@given(NAMES, NAMES)
def test_a_name_is_below_a_host_if_it_ends_with_its_labels(name: str, host: str) -> None:
    """RFC 5280 §4.2.1.10, against a reading of it by labels."""
    labels, wanted = name.split("."), host.split(".")
    try:
        normal(name), normal(host)
    except ValueError:
        return
    try:
        is_address = any(isinstance(constraint(each), x509.IPAddress) for each in (name, host))
    except ValueError:
        return
    if not is_address:
        assert is_below(name, [constraint(host)]) is (labels[-len(wanted) :] == wanted)
