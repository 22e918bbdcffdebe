"""sim.topology.quantities: what people write, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.topology.quantities import Address, Duration, Network, Rate, Share, Size, Skew


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Size, "256MiB", Size(256 << 20)),
        (Size, "1.5 GiB", Size(3 << 29)),
        (Size, "10MB", Size(10_000_000)),
        (Size, "12B", Size(12)),
        (Size, "3kB", Size(3000)),
        (Duration, "160ms", Duration(0.16)),
        (Duration, "2min", Duration(120.0)),
        (Skew, "5min", Skew(300.0)),
        (Skew, "-1.5h", Skew(-5400.0)),
        (Rate, "200Mbit", Rate(200e6)),
        (Rate, "10Gbit", Rate(10e9)),
        (Share, "0.1%", Share(0.001)),
        (Share, "100%", Share(1.0)),
        (Address, "tcp:8000", Address("127.0.0.1", 8000)),
        (Address, "localhost:80", Address("127.0.0.1", 80)),
        (Address, "0.0.0.0:0", Address("0.0.0.0", 0)),
        (Address, "[::1]:8000", Address("::1", 8000)),
    ],
)
def test_a_quantity_is_read_with_its_unit(kind: Any, written: str, value: object) -> None:
    read = kind.parse(written)
    assert type(read) is type(value)
    assert vars_of(read) == pytest.approx(vars_of(value))


def test_a_share_is_the_number_that_counts_come_to() -> None:
    """57 of 60 are 95%, neither more nor less."""
    assert Share.parse("95%").part == 57 / 60


def vars_of(value: Any) -> Any:
    numbers = [getattr(value, name) for name in value.__slots__ if not name.startswith("__")]
    return [number for number in numbers if isinstance(number, (int, float))]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Size, 256),
        (Size, "256"),
        (Size, "-1MiB"),
        (Size, "1mib"),
        (Size, "1e3MiB"),
        (Size, "١MiB"),
        (Duration, "160"),
        (Duration, "1 hour"),
        (Skew, "5"),
        (Skew, "--5min"),
        (Rate, "0Mbit"),
        (Rate, "200MB"),
        (Share, "101%"),
        (Share, 0.1),
        (Address, 8000),
        (Address, "8000"),
        (Address, ":8000"),
        (Address, "tcp:65536"),
        (Address, "tcp:-1"),
        (Address, "::1:8000"),
        (Address, "example.com:80"),
        (Address, "tcp:8000 "[:-1] + "x"),
        (Network, "127.1.0.1/16"),
        (Network, "127.1"),
        (Network, 5),
    ],
)
def test_what_has_no_clear_meaning_is_refused(kind: Any, written: object) -> None:
    """A bare number could be anything; a guess would be worse than a question."""
    with pytest.raises(ValueError, match=r"expected|no such port|carries nothing"):
        kind.parse(written)


@given(st.integers(0, 65535), st.ip_addresses())
def test_an_address_reads_as_it_writes(port: int, host: Any) -> None:
    address = Address(str(host), port)
    assert Address.parse(str(address)) == address


def test_networks_know_whether_they_overlap() -> None:
    wide, narrow, other = (Network.parse(text) for text in ("127.0.0.0/8", "127.1.0.0/16", "::/0"))
    assert wide.overlaps(narrow)
    assert not wide.overlaps(other)
