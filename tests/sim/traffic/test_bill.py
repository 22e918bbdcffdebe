"""sim.traffic.prices, .bill and their report: what a month of a run would cost (workloads.md §10)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from sim.topology.model import Place
from sim.topology.quantities import Duration, Share
from sim.topology.read import default_file, read
from sim.traffic.answers import Answered
from sim.traffic.bill import MONTH_SECONDS, Bill, months_in, months_of, zones_of
from sim.traffic.prices import GIGABYTE, PRICES, TIERS_GB, transfer, zone_of
from sim.traffic.record import Kind, Record
from sim.traffic.regions import DEFAULT, Viewers
from sim.traffic.report.bills import plots, rows_of
from sim.traffic.served import Served
from sim.traffic.tally import Tally
from sim.traffic.tide import HOURS, scaled
from sim.traffic.workload import Bots, FlashCrowd, Workload

ZONES = {"ashburn": "us", "singapore": "ap", "shield": "us", "na-east": "us", "se-asia": "ap"}
BEHIND_A_SHIELD = "shield; fwd=uri-miss, ashburn; fwd=uri-miss"


@pytest.mark.parametrize(
    ("zone", "terabytes", "dollars"),
    [
        ("us", 1, 87.04),
        ("us", 10, 870.40),
        ("us", 100, 7_219.20),
        ("us", 1024, 40_724.48),
        ("us", 10 * 1024, 250_439.68),
        ("in", 100, 8_796.16),
        ("in", 1024, 83_519.49),
        ("in", 10 * 1024, 775_579.65),
    ],
)
def test_transfer_costs_what_the_sheet_says(zone: str, terabytes: int, dollars: float) -> None:
    assert transfer(zone, terabytes * 1024) == pytest.approx(dollars, abs=0.005)


@given(st.sampled_from(sorted(PRICES)), st.floats(0, 2e7), st.floats(0, 2e7))
def test_more_costs_more_and_never_more_than_apart(zone: str, one: float, other: float) -> None:
    """Tiers grow cheaper."""
    assert transfer(zone, 0) == 0
    both = transfer(zone, one + other)
    assert max(transfer(zone, one), transfer(zone, other)) <= both + 1e-6
    assert both <= transfer(zone, one) + transfer(zone, other) + 1e-6
    assert len(TIERS_GB) == len(PRICES[zone].transfer) + 1


def test_a_region_has_the_zone_of_its_name_or_of_the_nearest() -> None:
    nowhere = Place(0, 0)
    assert [zone_of(name, nowhere) for name in DEFAULT] == [
        "us", "us", "sa", "eu", "eu", "me", "me", "in", "ap", "jp", "au",
    ]  # fmt: skip
    assert zone_of("berlin", Place(52.5, 13.4)) == "eu"
    assert zone_of("auckland", Place(-36.8, 174.8)) == "au"
    zones = zones_of(read(default_file(Path()).read_text("utf-8"))[0])
    assert (zones["frankfurt-a"], zones["se-asia"], zones["shield"]) == ("eu", "ap", "us")


def test_what_is_paid_for_is_counted_by_pop_and_viewers() -> None:
    """A failure is paid for if it was an answer; a question that nobody answered is not."""
    tally = Tally()
    for second, answer in enumerate(
        (
            Answered(200, 0.1, 700, "ashburn; hit", pop="ashburn"),
            Answered(200, 0.1, 300, BEHIND_A_SHIELD, pop="ashburn"),
            Answered(503, 0.1, 20, pop="ashburn"),
            Answered(0, 30.0),
        )
    ):
        tally.add(Record(second * 1_000_000, "na-east", Kind.VIEW, 0), 1.0, answer)
    assert dict(tally.served) == {("ashburn", "na-east"): Served(3, 1020, Counter(shield=1))}
    assert tally.recorded_seconds == 3.0


def test_a_month_is_summed_up_by_zone_and_tiers_come_after() -> None:
    """Two regions' viewers of one PoP go into its zone together."""
    served = {
        ("ashburn", "na-east"): Served(1_000, 10 * GIGABYTE),
        ("ashburn", "se-asia"): Served(1_000, 10 * GIGABYTE),
        ("none", "se-asia"): Served(10_000, GIGABYTE, Counter(shield=5_000)),
    }
    bill = Bill.of(served, ZONES, lambda region: 1024.0 if region == "na-east" else 512.0, is_secure=True)
    us, ap = bill.zones["us"], bill.zones["ap"]
    assert (us.gigabytes, us.requests, us.shielded) == (15 * 1024, 1_536_000, 2_560_000)
    assert us.transfer_dollars == pytest.approx(10 * 1024 * 0.085 + 5 * 1024 * 0.080)
    assert us.request_dollars == pytest.approx(153.6 * 0.01 + 256 * 0.0075)
    assert ap.gigabytes == 512
    assert ap.dollars == pytest.approx(512 * 0.12 + 512 * 0.012)
    plain = Bill.of(served, ZONES, lambda _: 1.0, is_secure=False)
    assert plain.zones["ap"].request_dollars == pytest.approx(0.009)
    assert bill.as_plain()["dollars"] == pytest.approx(us.dollars + ap.dollars)


def test_a_month_has_all_hours_of_the_day_whenever_the_run_was() -> None:
    """Who is asked in the quietest hour asks more in the others; bots do not, and a crowd is no monthly thing."""
    regions = {"na-east": Viewers(1, 0), "se-asia": Viewers(1, 12)}
    workload = evolve(
        Workload(), regions=regions, start=5.0, duration=Duration(60.0), bots=Bots(share=Share(0.0))
    )
    months, day = months_of(workload), scaled(HOURS)
    assert months("na-east") == pytest.approx(MONTH_SECONDS / 60 / day[5], rel=0.01)
    assert months("se-asia") == pytest.approx(MONTH_SECONDS / 60 / day[17], rel=0.01)
    crowded = evolve(workload, crowds=(FlashCrowd(Duration(0.0)),))
    assert months_of(crowded)("na-east") == months("na-east")
    assert months_of(evolve(workload, tide=False))("na-east") == pytest.approx(MONTH_SECONDS / 60)
    assert months_in(3600.0)("anywhere") == 720


def test_people_are_told_in_a_table() -> None:
    served = {("ashburn", "na-east"): Served(10_000, 1024 * GIGABYTE, Counter(shield=10_000))}
    bill = Bill.of(served, ZONES, lambda _: 1.0, is_secure=True)
    row = ["1,024.0", "10,000", "10,000", "87.04", "0.02", "87.06"]
    assert rows_of(bill) == [["us", *row], ["all", *row]]
    assert "87.06" in "".join(plots(bill))
    assert plots(Bill()) == []
