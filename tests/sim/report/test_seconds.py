"""sim.report.seconds: the second members of origin groups, from region to region."""

import pytest

from sim.report.seconds import seconds
from sim.topology.read import read

WORLD = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}, west: {at: [46, -120]}}
origins: {main: {region: west, listen: tcp:10}, backup: {region: east, listen: tcp:20}}
edge: {personality: cloudfront, cloudfront: {failover: [503]}}
pops:
  shield: {region: west, role: shield, upstream: main, listen: tcp:30}
  spare: {region: east, role: shield, upstream: backup, listen: tcp:40}
  one: {region: west, parent: shield, secondary: spare, listen: tcp:50}
  two: {region: west, upstream: main, secondary: backup, listen: tcp:60}
  three: {region: east, parent: shield, secondary: backup, listen: tcp:70}
  four: {region: east, parent: shield, listen: tcp:80}
"""


def test_second_members_are_told_by_the_regions_between() -> None:
    """A shield or an origin; a PoP that has none is not told of."""
    assert seconds(read(WORLD)[0]) == [
        {
            "from": "west",
            "to": "east",
            "asked": [
                {"pop": "one", "first": "shield", "second": "spare"},
                {"pop": "two", "first": "main", "second": "backup"},
            ],
        },
        {"from": "east", "to": "east", "asked": [{"pop": "three", "first": "shield", "second": "backup"}]},
    ]


@pytest.mark.parametrize("line", ["  one: ", "  two: ", "  three: "])
def test_each_is_told_by_itself(line: str) -> None:
    text = "\n".join(each for each in WORLD.splitlines() if not each.startswith(line))
    told = [asked["pop"] for way in seconds(read(text)[0]) for asked in way["asked"]]
    assert told == [name for name in ("one", "two", "three") if f"  {name}: " != line]
