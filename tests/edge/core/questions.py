"""What viewers may ask, and what sites may say of caching: strategies for tests that leave nothing out."""

from __future__ import annotations

from math import inf

from attrs import frozen
from hypothesis import strategies as st

from tests.edge.core.playbook import get
from tests.edge.core.sayings import Control, Terms
from wire.http.dates import format_date
from wire.http.fields import RequestHead

PATHS = st.sampled_from(["/a", "/a", "/b"])
NO_TERMS = Terms()
SELECTING = ("accept-language", "x-shape")

WORDS = (
    *((), (), (), (), ("private",), ("no-store",), ("no-cache",), ("public",)),
    *(("must-revalidate",), ("proxy-revalidate",), ("public", "must-revalidate")),
)
CONTROLS = st.builds(
    Control,
    lifetime=st.sampled_from([0, 2, 10, 60]),
    shared=st.sampled_from([None, None, None, 5, 30]),
    words=st.sampled_from(WORDS).map(frozenset),
    swr=st.sampled_from([0, 0, 8]),
    sie=st.sampled_from([0, 0, 20]),
)
TERMS = st.builds(
    Terms,
    words=st.frozensets(st.sampled_from(["no-cache", "no-store", "only-if-cached"]), max_size=1),
    max_age=st.sampled_from([inf, inf, 0, 3, 20]),
    min_fresh=st.sampled_from([0, 0, 4]),
    max_stale=st.sampled_from([-1, -1, 5, inf]),
    sie=st.sampled_from([0, 0, 15]),
)
VARIES = st.sampled_from([(), ("x-shape",), ("accept-language",), SELECTING]).map(frozenset)


@frozen
class Question:
    """What a viewer asks, and how long after the one before."""

    after: float
    path: str
    language: str | None
    shape: str | None
    method: str = "GET"
    terms: Terms = NO_TERMS
    has: int | None = None
    """Which of the last representations the viewer has already."""
    since: int | None = None
    """If-Modified-Since, in seconds from now."""
    span: str | None = None
    is_if_range: bool = False
    has_credentials: bool = False

    def asked(self, tags: list[str], now: float) -> RequestHead:
        """As a request; `tags` are those that the site told."""
        tag = tags[-1 - self.has % len(tags)] if tags and self.has is not None else None
        given = {
            "Accept_Language": self.language,
            "X_Shape": self.shape,
            "Cache_Control": self.terms.text,
            "If_None_Match": tag if not self.is_if_range else None,
            "If_Modified_Since": None if self.since is None else format_date(now + self.since),
            "Range": self.span,
            "If_Range": tag if self.is_if_range and self.span else None,
            "Authorization": "x" if self.has_credentials else None,
        }
        return get(self.path, method=self.method, **{name: value for name, value in given.items() if value})


PLACE = {
    "after": st.sampled_from([0.0, 0.0, 0.0, 1.0, 3.0, 9.0]),
    "path": PATHS,
    "language": st.sampled_from([None, "en", "EN", "en, de;q=0.5", "de;q=0.5 ,en;q=1"]),
    "shape": st.sampled_from([None, "1", "2", "1, 2", "1,2"]),
}
QUESTIONS = st.builds(Question, **PLACE) | st.builds(
    Question,
    **PLACE,
    method=st.sampled_from(["GET", "GET", "GET", "HEAD"]),
    terms=st.just(NO_TERMS) | TERMS,
    has=st.none() | st.integers(0, 3),
    since=st.sampled_from([None, None, None, -200, -3, 0]),
    span=st.sampled_from([None, None, "bytes=0-3", "bytes=5-", "bytes=-4", "bytes=900-"]),
    is_if_range=st.booleans(),
    has_credentials=st.sampled_from([False, False, False, True]),
)
