"""Facts of layers that no catalogue holds, for tests that only plan."""

from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Referenced
from origin.transform.resolve import plan
from tests.support.gathering import with_all

BASE = SourceFacts(400, 300, "jpg")
LOGO = SourceFacts(200, 100, "png", has_alpha=True)
WORDS = (120, 30)


def planned(chain: str, facts: SourceFacts = BASE, logo: SourceFacts = LOGO) -> Plan:
    """The plan of a chain all of whose layers are known: images like `logo`, words of one size."""
    parsed = parse_chain(chain)
    return with_all(
        lambda gathered: plan(parsed, facts, gathered=gathered),
        image=lambda reference: Referenced(logo, f"revision of {reference.public_id}"),
        words=lambda _: WORDS,
    )
