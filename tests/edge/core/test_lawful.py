"""Random questions, answers, failures, purges and time: nothing is ever served that RFC 9111 forbids.

Each answer tells in Content-Location which head of the origin's it was made of; what that head allows is worked out by
hand (`sayings`). One viewer at a time: who shares whose fetch is for test_model.py.
"""

from __future__ import annotations

from math import floor, inf

from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from edge.core.bans import Ban
from edge.core.policy import Policy
from tests.edge.core.playbook import get
from tests.edge.core.questions import CONTROLS, NO_TERMS, PATHS, QUESTIONS, SELECTING, VARIES, Question
from tests.edge.core.sayings import Control, Said, Terms, meaning
from tests.edge.core.tabletop import START, Tabletop, Visit
from tests.edge.core.variable_site import Health, Manner, Resource, VariableSite
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.ranges import parse_ranges, resolve


class LawfulCache(RuleBasedStateMachine):
    """The real core between viewers who ask for anything and a site that says anything."""

    def __init__(self) -> None:
        super().__init__()
        self.edge = Tabletop()
        self.site = self._site(Manner())
        self.gone: dict[str, int] = {}
        """Path → of what was said before this number, nothing may be served any more."""
        self.expired: list[tuple[str, int, float]] = []
        """Path, number, moment: what was said before the number is stale since then."""
        self.sure: dict[tuple[object, ...], Said] = {}
        """What is stored without any doubt, by path and selecting headers."""
        self.asked: list[Question] = []

    def _site(self, manner: Manner) -> VariableSite:
        resources = {path: Resource(START - 100) for path in ("/a", "/b")}
        return VariableSite(lambda: self.edge.now, self.pass_time_of, manner, resources)

    def pass_time_of(self, seconds: float) -> None:
        """The site takes its time."""
        self.edge.now += seconds

    @initialize(
        manner=st.builds(
            Manner,
            st.sampled_from(["strong", "strong", "weak", "date", "nothing"]),
            st.sampled_from(["cache-control", "cache-control", "expires", "guess", "targeted"]),
        ),
        policy=st.builds(
            Policy,
            range_fill=st.sampled_from(["whole", "forward"]),
            head_fill=st.booleans(),
            stale_if_unreachable_seconds=st.sampled_from([0.0, 7.0]),
        ),
        control=CONTROLS,
        vary=VARIES,
        is_cut_off=st.booleans(),
    )
    def begin(
        self, manner: Manner, policy: Policy, control: Control, vary: frozenset[str], *, is_cut_off: bool
    ) -> None:
        """Another site, and another edge before it."""
        self.edge = Tabletop(policy, is_cut_off=is_cut_off)
        self.site = self._site(manner)
        self.site.resources["/a"] = Resource(START - 100, 1, control, vary)

    # What happens

    @rule(questions=st.lists(QUESTIONS, min_size=3, max_size=10))
    def ask(self, questions: list[Question]) -> None:
        """Anything that viewers may say, one after the other."""
        self.asked = questions
        self.ask_again([0.0])

    @rule(pauses=st.lists(st.sampled_from([0.0, 1.0, 4.0, 12.0]), min_size=1, max_size=4))
    def ask_again(self, pauses: list[float]) -> None:
        """The same as before, some time after."""
        for pause in pauses:
            self.edge.now += pause
            for question in self.asked:
                self.edge.now += question.after
                self._ask(question)

    def _ask(self, question: Question) -> None:
        tags = [said.shown.etag for said in self.site.log if said.shown.etag is not None]
        asked, path, terms = question.asked(tags, self.edge.now), question.path, question.terms
        before, key = len(self.site.log), (path, *(meaning(name, asked.fields) for name in SELECTING))
        fetched, sure = len(self.edge.fetched), self.sure.get(key)
        is_sure = sure is not None and sure.age_at(self.edge.now) < sure.lifetime and terms == NO_TERMS
        visit = self.edge.ask(asked, self.site.answer)
        went = len(self.edge.fetched) > fetched
        assert not (is_sure and went), f"{sure} is fresh"
        self._judge(visit, asked, terms, before, went=went)
        is_plain = question == Question(question.after, path, question.language, question.shape)
        if went and not is_plain:
            self._doubt(path)
        elif went and self.site.health == "well" and (said := self._made_of(visit)) is not None:
            is_kept = said.is_storable and "no-cache" not in said.control.words
            self.sure.pop(key, None)
            if is_kept and said.lifetime > said.age_at(self.edge.now):
                self.sure[key] = said

    @rule(path=PATHS, control=CONTROLS, vary=VARIES)
    def change(self, path: str, control: Control, vary: frozenset[str]) -> None:
        """Another version."""
        self.edge.now += 2
        old = self.site.resources[path]
        self.site.resources[path] = Resource(self.edge.now - 1, old.version + 1, control, vary)
        self._doubt(path)

    @rule(path=PATHS, control=CONTROLS)
    def relabel(self, path: str, control: Control) -> None:
        """The same version under other terms."""
        self.site.resources[path] = evolve(self.site.resources[path], control=control)

    @rule(health=st.sampled_from(["well", "well", "well", "erring", "gone", "silent", "away"]))
    def fall_ill(self, health: Health) -> None:
        """Or get well."""
        self.site.health = health

    @rule(is_cut_off=st.sampled_from([False, True]))
    def lose_sight(self, is_cut_off: bool) -> None:
        """Checks find nobody in reach, or somebody again; they may be wrong, and they are of no viewer's making."""
        self.edge.is_cut_off = is_cut_off

    @rule(delay=st.sampled_from([0.0, 0.0, 2.0]), age=st.sampled_from([0, 0, 3]))
    def be_slow(self, delay: float, age: int) -> None:
        """Time on the way counts as age, and so does that in caches before us."""
        self.site.delay, self.site.age = delay, age

    @rule(seconds=st.sampled_from([1.0, 3.0, 9.0, 40.0]))
    def pass_time(self, seconds: float) -> None:
        """Nothing happens for a while."""
        self.edge.now += seconds

    @rule(how=st.sampled_from(["/a", "/b", "pets", Ban("everything"), Ban("prefix", "/a")]))
    def purge(self, how: str | Ban) -> None:
        """20.1, 20.2, 20.4."""
        if isinstance(how, Ban):
            self.edge.ban(how)
        elif how == "pets":
            self.edge.purge_tags((how,))
        else:
            self.edge.purge(f"http://ex.com{how}")
        for path in ("/a", "/b"):
            if how in (path, "pets", Ban("everything"), Ban("prefix", path)):
                self._forget(path)

    @rule(is_ban=st.booleans())
    def purge_softly(self, is_ban: bool) -> None:
        """20.3."""
        if is_ban:
            self.edge.ban(Ban("everything"), soft=True)
        else:
            self.edge.soft_purge()
        for path in ("/a", "/b"):
            self.expired.append((path, len(self.site.log), self.edge.now))
            self._doubt(path)

    @rule(
        path=PATHS,
        method=st.sampled_from(["POST", "PUT", "DELETE", "FOO"]),
        status=st.sampled_from([200, 204, 303, 404, 500]),
        elsewhere=st.sampled_from([None, "/a", "http://ex.com/b", "http://other/a"]),
        field=st.sampled_from(["Location", "Content-Location"]),
    )
    def write(self, path: str, method: str, status: int, elsewhere: str | None, field: str) -> None:
        """13.4."""
        lines = [(field, elsewhere)] if elsewhere else []
        self.site.written = ResponseHead(status, Fields(lines))
        visit = self.edge.ask(get(path, method=method), self.site.answer)
        assert visit.head is not None
        if self.site.health in ("silent", "away"):
            assert visit.head.status in (502, 504)
            return
        assert visit.head.status == status
        if status < 400:
            self._forget(path)
            if elsewhere and "other" not in elsewhere:
                self._forget(elsewhere.removeprefix("http://ex.com"))

    def _forget(self, path: str) -> None:
        self.gone[path] = len(self.site.log)
        self._doubt(path)

    def _doubt(self, path: str) -> None:
        self.sure = {key: said for key, said in self.sure.items() if key[0] != path}

    # What may be seen of it

    def _made_of(self, visit: Visit) -> Said | None:
        """What the origin said that an answer is made of; None for those that the edge made from nothing."""
        name = visit.field("content-location")
        return None if name is None else self.site.log[int(name.removeprefix("/said/"))]

    def _judge(self, visit: Visit, asked: RequestHead, terms: Terms, before: int, *, went: bool) -> None:
        assert visit.head is not None
        assert visit.answers == 1
        assert not visit.aborted
        if "only-if-cached" in terms.words:
            assert not went or visit.verdict == "STALE"
        said = self._made_of(visit)
        if said is None:
            self._judge_error(visit, asked, terms, went=went)
        elif said.number >= before:
            self._judge_new(visit, asked, said)
        else:
            self._judge_stored(visit, asked, terms, said, went=went)

    def _judge_error(self, visit: Visit, asked: RequestHead, terms: Terms, *, went: bool) -> None:
        assert visit.head is not None
        status = visit.head.status
        if status == 416:
            assert "range" in asked.fields
        elif status == 504 and not went:
            assert "only-if-cached" in terms.words
        else:
            assert self.site.health in ("silent", "away")
            assert status in (502, 504)

    def _judge_new(self, visit: Visit, asked: RequestHead, said: Said) -> None:
        """The origin's own answer: to this very question, and as it was meant."""
        assert visit.head is not None
        assert said.selects(asked.fields)
        relayed = said.status, b"" if asked.method == "HEAD" else said.sent
        assert (visit.head.status, visit.body) in (self._due(said, asked), relayed)

    def _judge_stored(
        self, visit: Visit, asked: RequestHead, terms: Terms, said: Said, *, went: bool
    ) -> None:
        """Used again, by leave."""
        assert visit.head is not None
        assert visit.outcome is not None
        now = visit.outcome.answered_at
        assert said.number >= self.gone.get(said.path, 0), "it was purged"
        assert said.path == asked.target
        kin = [other for other in self.site.log if other.shown == said.shown and other.path == said.path]
        assert any(other.selects(asked.fields) and other.vary == said.vary for other in kin), (
            "another variant"
        )
        marks = [at for path, number, at in self.expired if path == said.path and said.number < number]
        grace = self._grace(said, terms, went=went)
        complaint = said.complaint(terms, now, min(marks, default=inf), grace)
        assert complaint is None, complaint
        assert int(visit.field("age") or -1) == floor(said.age_at(now))
        assert (visit.head.status, visit.body) == self._due(said, asked)

    def _grace(self, said: Said, terms: Terms, *, went: bool) -> float:
        """For how long it may stand in for the error that there is now (14.3), or where nobody is in reach (14.4): then
        unasked, unless the viewer has demands that only the origin can meet."""
        grace = float(max(said.control.sie, terms.sie))
        unreachable = max(grace, self.edge.policy.stale_if_unreachable_seconds)
        is_demanding = "no-cache" in terms.words or terms.max_age < inf or terms.min_fresh > 0
        if self.edge.is_cut_off and not is_demanding:
            return unreachable
        if not went or self.site.health not in ("erring", "silent", "away"):
            return 0.0
        return grace if self.site.health == "erring" else unreachable

    def _due(self, said: Said, asked: RequestHead) -> tuple[int, bytes]:
        """What the representation comes to for this question (RFC 9110 §13.2.2)."""
        body = b"" if asked.method == "HEAD" else said.shown.body
        if said.status in (404, 503):
            return said.status, body
        if said.shown.is_not_modified(asked.fields, said.said_at):
            return 304, b""
        span = asked.fields.get("range")
        if span is None or asked.method == "HEAD" or not said.shown.is_still(asked.fields.get("if-range")):
            return 200, body
        parts = resolve(parse_ranges(span), len(body))
        return (206, body[slice(*parts[0])]) if parts else (416, b"")


TestLawfulCache = LawfulCache.TestCase
TestLawfulCache.settings = settings(max_examples=120, stateful_step_count=20, deadline=None)
