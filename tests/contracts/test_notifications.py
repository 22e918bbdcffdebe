"""Who hears of what, and what waits to be told or read: the same on SQLite and on a real PostgreSQL."""

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import Catalogue, Message
from origin.catalogue.channels import Place
from origin.catalogue.hearers import Destination
from origin.catalogue.messages import HELD_EVENT, WEBHOOK
from origin.catalogue.outbox import Rooms
from origin.catalogue.triggers import MOST
from origin.notifications.notifier import Notifier
from tests.support.drafts import draft
from wire.errors import Conflict, InvalidRequest

NOW = 1_719_307_544.5
HOOK = Destination("webhook", "https://a.example/hook", "https://a.example:443")
OTHER = Destination("webhook", "https://b.example/", "https://b.example:443")
CHANNEL = Destination("poll", "poll://jobs", "jobs")
ANYONE = Destination("poll", "poll://*", "*")
NOTIFIER = Notifier(cloud="demo", api_key="k", request_id="r1", at=NOW)


async def owed(catalogue: Catalogue) -> list[str]:
    """URLs that are to be told, in order."""
    found = await catalogue.outbox.claim(1000, now=NOW + 1, lease_seconds=0, kinds=(WEBHOOK,))
    return [each.payload["url"] for each in found]


async def read(catalogue: Catalogue, place: Place, now: float = NOW + 1) -> list[str]:
    found = await catalogue.channels.claim(place, 100, now=now, hidden_seconds=30)
    return [each.body for each in found]


async def tell(catalogue: Catalogue, notifier: Notifier = NOTIFIER) -> None:
    await catalogue.outbox.add(notifier.tell("upload", {"public_id": "cat"}), now=NOW)


@pytest_twisted.ensureDeferred
async def test_triggers_are_listed_as_they_were_made_and_only_to_their_cloud(catalogue: Catalogue) -> None:
    one = await catalogue.triggers.add("demo", "upload", HOOK, now=NOW)
    two = await catalogue.triggers.add("demo", "all", HOOK, now=NOW + 1)
    theirs = await catalogue.triggers.add("other", "upload", HOOK, now=NOW)
    assert await catalogue.triggers.of("demo") == (one, two)
    assert await catalogue.triggers.of("demo", "all") == (two,)
    assert await catalogue.triggers.get("demo", theirs.trigger_id) is None
    assert not await catalogue.triggers.remove("demo", theirs.trigger_id)
    assert not await catalogue.triggers.redirect("demo", theirs.trigger_id, OTHER, now=NOW)
    assert await catalogue.triggers.get("other", theirs.trigger_id) == theirs
    assert await catalogue.triggers.remove("demo", one.trigger_id)
    assert not await catalogue.triggers.remove("demo", one.trigger_id)
    assert await catalogue.triggers.of("demo") == (two,)


@pytest_twisted.ensureDeferred
async def test_the_same_trigger_twice_is_refused_however_it_comes_about(catalogue: Catalogue) -> None:
    one = await catalogue.triggers.add("demo", "upload", HOOK, now=NOW)
    two = await catalogue.triggers.add("demo", "upload", OTHER, now=NOW)
    with pytest.raises(Conflict, match=r"A trigger of upload for .* already exists"):
        await catalogue.triggers.add("demo", "upload", HOOK, now=NOW)
    with pytest.raises(Conflict):
        await catalogue.triggers.redirect("demo", two.trigger_id, HOOK, now=NOW + 1)
    assert await catalogue.triggers.redirect("demo", one.trigger_id, HOOK, now=NOW + 1)  # to itself
    assert await catalogue.triggers.redirect("demo", one.trigger_id, CHANNEL, now=NOW + 2)
    assert await catalogue.triggers.get("demo", one.trigger_id) == evolve(one, to=CHANNEL, updated_at=NOW + 2)


@pytest_twisted.ensureDeferred
async def test_of_many_who_add_the_same_one_succeeds(catalogue: Catalogue) -> None:
    adding = [Deferred.fromCoroutine(catalogue.triggers.add("demo", "upload", HOOK, now=NOW)) for _ in "1234"]
    refused = []
    for each in adding:
        each.addErrback(lambda failure: refused.append(failure.trap(Conflict)))
    await gatherResults(adding)
    assert len(refused) == 3
    assert len(await catalogue.triggers.of("demo")) == 1


@pytest_twisted.ensureDeferred
async def test_a_cloud_has_so_many_triggers_and_no_more(catalogue: Catalogue) -> None:
    for number in range(MOST):
        await catalogue.triggers.add("demo", "all", evolve(HOOK, uri=f"https://a.example/{number}"), now=NOW)
    with pytest.raises(InvalidRequest, match="Too many triggers: a cloud has 30 at most"):
        await catalogue.triggers.add("demo", "all", HOOK, now=NOW)
    await catalogue.triggers.add("other", "all", HOOK, now=NOW)


@pytest_twisted.ensureDeferred
async def test_an_event_is_told_to_whom_it_names_and_to_its_type_and_to_all(catalogue: Catalogue) -> None:
    """Each URL once; nobody who registered for something else, in another cloud, or later."""
    for cloud, event_type, to in (
        ("demo", "upload", OTHER),
        ("demo", "all", OTHER),
        ("demo", "all", CHANNEL),
        ("demo", "delete", evolve(HOOK, uri="https://no.example/")),
        ("other", "all", evolve(HOOK, uri="https://no.example/")),
    ):
        await catalogue.triggers.add(cloud, event_type, to, now=NOW)
    await tell(catalogue, evolve(NOTIFIER, to=HOOK))
    await catalogue.triggers.add("demo", "all", evolve(HOOK, uri="https://late.example/"), now=NOW)
    assert await owed(catalogue) == [HOOK.uri, OTHER.uri]
    told = NOTIFIER.body("upload", {"public_id": "cat"})
    assert await read(catalogue, Place("demo", "jobs")) == [told]
    assert await read(catalogue, Place("other", "jobs")) == []


@pytest_twisted.ensureDeferred
async def test_where_nobody_listens_nothing_is_written(catalogue: Catalogue) -> None:
    await tell(catalogue)
    assert await catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_a_change_and_what_is_told_of_it_happen_together_or_not_at_all(catalogue: Catalogue) -> None:
    await catalogue.triggers.add("demo", "all", HOOK, now=NOW)
    await catalogue.triggers.add("demo", "all", CHANNEL, now=NOW)
    body = {"public_id": "cat"}
    bad = Message("bad", {"not JSON": object()})
    with pytest.raises(TypeError):
        await catalogue.assets.put(
            draft("cat"), now=NOW, tell=lambda _: (*NOTIFIER.tell("upload", body), bad)
        )
    assert await catalogue.outbox.waiting() == 0
    assert await read(catalogue, Place("demo", "jobs")) == []
    await catalogue.assets.put(draft("cat"), now=NOW, tell=lambda _: NOTIFIER.tell("upload", body))
    assert await owed(catalogue) == [HOOK.uri]
    assert len(await read(catalogue, Place("demo", "jobs"))) == 1


@pytest_twisted.ensureDeferred
async def test_a_held_event_is_told_whole_or_else_as_it_was(catalogue: Catalogue) -> None:
    notifier = evolve(NOTIFIER, to=HOOK)
    whole = notifier.tell("upload", {"eager": []})
    await catalogue.outbox.add(notifier.hold("upload", {}), now=NOW)
    assert await owed(catalogue) == []
    await catalogue.outbox.instead(HELD_EVENT, "r1", whole, now=NOW)
    (entry,) = await catalogue.outbox.claim(9, now=NOW + 1, lease_seconds=30)
    assert '"eager":[]' in entry.payload["body"]
    await catalogue.outbox.done(entry)
    await catalogue.outbox.instead(HELD_EVENT, "r1", whole, now=NOW)  # it was told already
    assert await catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_a_full_lane_holds_up_no_other(catalogue: Catalogue) -> None:
    """However long one receiver's backlog is."""
    await catalogue.outbox.add([Message(WEBHOOK, {"n": n}, lane="slow") for n in range(500)], now=NOW)
    await catalogue.outbox.add([Message(WEBHOOK, {"n": n}, lane="quick") for n in range(3)], now=NOW)

    async def claimed(taken: dict[str, int], limit: int = 10) -> list[tuple[str, int]]:
        found = await catalogue.outbox.claim_lanes(WEBHOOK, limit, Rooms(2, taken), now=NOW, lease_seconds=30)
        return [(each.lane, each.payload["n"]) for each in found]

    assert sorted(await claimed({})) == [("quick", 0), ("quick", 1), ("slow", 0), ("slow", 1)]
    assert await claimed({"slow": 2, "quick": 1}) == [("quick", 2)]
    assert await claimed({"slow": 1}, limit=5) == [("slow", 2)]
    assert not await catalogue.outbox.has_due(WEBHOOK, now=NOW, full=("slow",))
    assert await catalogue.outbox.has_due(WEBHOOK, now=NOW)
    assert not await catalogue.outbox.has_due("nothing", now=NOW)


@pytest_twisted.ensureDeferred
async def test_claims_of_many_nodes_at_once_are_apart(catalogue: Catalogue) -> None:
    await catalogue.outbox.add([Message(WEBHOOK, {"n": n}, lane="one") for n in range(20)], now=NOW)
    claiming = [
        Deferred.fromCoroutine(catalogue.outbox.claim_lanes(WEBHOOK, 9, Rooms(5), now=NOW, lease_seconds=30))
        for _ in range(4)
    ]
    found = [each.payload["n"] for claim in await gatherResults(claiming) for each in claim]
    assert len(found) == len(set(found)) >= 5


@pytest_twisted.ensureDeferred
async def test_a_claim_given_back_was_never_made_and_only_by_its_holder(catalogue: Catalogue) -> None:
    await catalogue.outbox.add([Message(WEBHOOK, lane="x")], now=NOW)
    (one,) = await catalogue.outbox.claim_lanes(WEBHOOK, 9, Rooms(1), now=NOW, lease_seconds=30)
    await catalogue.outbox.give_back(one, now=NOW)
    (two,) = await catalogue.outbox.claim_lanes(WEBHOOK, 9, Rooms(1), now=NOW, lease_seconds=0)
    assert (one.attempts, two.attempts) == (1, 1)
    (three,) = await catalogue.outbox.claim_lanes(WEBHOOK, 9, Rooms(1), now=NOW, lease_seconds=30)
    await catalogue.outbox.give_back(two, now=NOW)
    assert (three.attempts, await catalogue.outbox.has_due(WEBHOOK, now=NOW)) == (2, False)


@pytest_twisted.ensureDeferred
async def test_messages_are_read_in_order_hidden_and_seen_again_until_they_are_acknowledged(
    catalogue: Catalogue,
) -> None:
    jobs = Place("demo", "jobs")
    for number in range(3):
        notifier = evolve(NOTIFIER, to=CHANNEL, request_id=str(number), batch_id="b")
        await tell(catalogue, notifier)
    one, two = await catalogue.channels.claim(jobs, 2, now=NOW, hidden_seconds=30)
    assert ('"0"' in one.body, '"1"' in two.body, one.batch_id, one.api_key) == (True, True, "b", "k")
    (three,) = await catalogue.channels.claim(jobs, 2, now=NOW, hidden_seconds=60)
    assert await catalogue.channels.claim(jobs, 2, now=NOW + 29, hidden_seconds=30) == ()
    assert await catalogue.channels.acknowledge("demo", [one.receipt, "", "nonsense"]) == {one.receipt}
    assert await catalogue.channels.acknowledge("other", [two.receipt]) == frozenset()
    (again,) = await catalogue.channels.claim(jobs, 2, now=NOW + 30, hidden_seconds=99)
    assert (again.body, again.receipt != two.receipt) == (two.body, True)
    assert await catalogue.channels.acknowledge("demo", [two.receipt]) == frozenset()  # a stale receipt
    assert await catalogue.channels.acknowledge("demo", [again.receipt, three.receipt]) == {
        again.receipt,
        three.receipt,
    }
    assert await read(catalogue, jobs, NOW + 999) == []


@pytest_twisted.ensureDeferred
async def test_what_was_sent_to_nobody_in_particular_is_found_by_its_batch(catalogue: Catalogue) -> None:
    await tell(catalogue, evolve(NOTIFIER, to=ANYONE, batch_id="b1"))
    await tell(catalogue, evolve(NOTIFIER, to=CHANNEL, batch_id="b1"))
    await tell(catalogue, evolve(NOTIFIER, to=ANYONE))  # nobody could ever ask for it
    assert await read(catalogue, Place("demo", batch_id="b2")) == []
    assert len(await read(catalogue, Place("demo", batch_id="b1"))) == 1
    assert await read(catalogue, Place("demo")) == []
    assert len(await read(catalogue, Place("demo", "jobs"))) == 1


@pytest_twisted.ensureDeferred
async def test_what_nobody_reads_does_not_stay_for_ever(catalogue: Catalogue) -> None:
    await tell(catalogue, evolve(NOTIFIER, to=CHANNEL))
    await catalogue.channels.expire(NOW)
    assert len(await read(catalogue, Place("demo", "jobs"))) == 1
    await catalogue.channels.expire(NOW + 1)
    assert await read(catalogue, Place("demo", "jobs"), NOW + 999) == []
