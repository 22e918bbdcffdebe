"""What is said of an asset beside its pixels. Conditions and variables ask for it (transformations.md §8)."""

from collections.abc import Mapping

from attrs import field, frozen

from origin.transform.params.quality import Quality
from origin.transform.sight import UNMARKED, Marks

Metadata = str | float | tuple[str, ...]
"""A text, a number, or the external ids of the values selected."""


@frozen
class About:
    """Whatever people stored with an asset, frozen for one plan."""

    public_id: str = ""
    tags: frozenset[str] = frozenset()
    context: Mapping[str, str] = field(factory=dict)
    metadata: Mapping[str, Metadata] = field(factory=dict)
    marks: Marks = UNMARKED  # stored coordinates
    quality: Quality | None = None  # what `q_auto` means for it
    is_told: bool = True  # whether chains may ask for tags, context and metadata


UNKNOWN = About()
"""An asset of which nothing is said."""
