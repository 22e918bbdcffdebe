"""Facts of layers that no catalogue holds, for tests that only plan."""

from origin.transform.composite import Text
from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced, Wanted
from origin.transform.resolve import plan

BASE = SourceFacts(400, 300, "jpg")
LOGO = SourceFacts(200, 100, "png", has_alpha=True)
WORDS = (120, 30)


def planned(chain: str, facts: SourceFacts = BASE, logo: SourceFacts = LOGO) -> Plan:
    """The plan of a chain all of whose layers are known: images like `logo`, words of one size."""
    images: dict[Reference, Referenced] = {}
    texts: dict[Text, tuple[int, int]] = {}
    parsed = parse_chain(chain)
    while True:
        try:
            return plan(parsed, facts, gathered=Gathered(images, texts))
        except Wanted as wanted:
            if isinstance(wanted.thing, Text):
                texts[wanted.thing] = WORDS
            else:
                images[wanted.thing] = Referenced(logo, f"revision of {wanted.thing.public_id}")
