"""The node whole: starting, being out of reach of its store, restarting, stopping."""

import os
import time
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from origin.catalogue import AssetDraft, Identity, Query
from origin.store.memory import MemoryStore
from origin.transform.plan import SourceFacts
from tests.support.images import ASTRONAUT
from tests.support.origins import CLOUD, PATIENCE_SECONDS, RunningOrigin, pause, running_origin
from wire.clock import Clock
from wire.http.dates import parse_date

EVERYTHING = Query(cloud=CLOUD, resource_type="image")
PATH = "/demo/image/upload/w_40/kept.jpg"


@pytest_twisted.ensureDeferred
async def test_a_derived_asset_is_found_again_after_a_restart(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        first = await origin.get(PATH)
        assert origin.node.counters.renders == origin.node.counters.renders_stored == 1
    async with running_origin(tmp_path) as origin:
        again = await origin.get(PATH)
        assert again.body == first.body
        assert again.headers["etag"] == first.headers["etag"]
        assert origin.node.counters.renders == 0


@pytest_twisted.ensureDeferred
async def test_two_instances_show_the_same_assets(tmp_path: Path) -> None:
    """They share store, catalogue and state folder, and neither sweeps what the other is receiving."""
    async with running_origin(tmp_path) as one, running_origin(tmp_path, name="origin-2") as two:
        await one.upload(str(ASTRONAUT), public_id="kept")
        bodies = {(await each.get(PATH)).body for each in (one, two, one, two)}
        assert len(bodies) == 1
        assert one.node.counters.renders + two.node.counters.renders == 1
        assert one.node.spool != two.node.spool


@pytest.mark.parametrize("skew", [-300.0, 300.0])
@pytest_twisted.ensureDeferred
async def test_an_origin_goes_by_its_own_clock(tmp_path: Path, skew: float) -> None:
    """Minutes off, it takes uploads all the same; what is old by its clock alone it refuses, near the hour."""
    async with running_origin(tmp_path, clock=Clock(skew)) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        date = parse_date((await origin.get(PATH)).headers["date"], time.time())
        assert date is not None
        assert abs(date - time.time() - skew) < PATIENCE_SECONDS
        statuses = {}
        for age in (3600.0 - 150, 3600.0 + 150):
            signed = {"public_id": "kept", "timestamp": str(int(time.time() - age))}
            refused = await origin.post("/v1_1/demo/image/upload", signed, ASTRONAUT.read_bytes())
            statuses[age] = refused.status
        assert list(statuses.values()) == ([200, 200] if skew < 0 else [400, 400])


@pytest_twisted.ensureDeferred
async def test_a_store_out_of_reach_is_told_and_got_over_without_a_restart(tmp_path: Path) -> None:
    """At start and in flight: the node lives, is not ready, says when to come again, and recovers."""
    store = MemoryStore(tmp_path / "lent", time.time, is_reachable=False)
    async with running_origin(tmp_path, store=store, is_ready=False) as origin:
        await origin.eventually(lambda: has_looked(origin), "the node looked")
        probe = await origin.ask("GET", origin.control_url + "/readyz")
        assert (probe.status, probe.json["ready"]) == (503, False)
        assert any(each.startswith("store: ") for each in probe.json["reasons"])
        assert (await origin.get("/healthz")).status == 200
        refused = await origin.post("/v1_1/demo/image/upload", {"public_id": "kept"}, ASTRONAUT.read_bytes())
        assert refused.status == 500  # the statuses of the Upload API know no 503
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json["error"]["message"]
        assert origin.spooled() == []
        page = await origin.node.catalogue.assets.list(EVERYTHING)
        assert page.assets == ()

        store.is_reachable = True
        await origin.eventually(lambda: not origin.node.readiness.reasons, "ready again")
        assert (await origin.get("/readyz")).json == {"ready": True}
        await origin.upload(str(ASTRONAUT), public_id="kept")
        assert (await origin.get(PATH)).status == 200

        store.is_reachable = False
        for path in (PATH, "/demo/image/upload/w_41/kept.jpg", "/demo/image/upload/kept.jpg"):
            lost = await origin.get(path)
            assert (lost.status, lost.body) == (503, b"")
            assert int(lost.headers["retry-after"]) >= 1
            assert lost.headers["x-cld-error"]
            assert "etag" not in lost.headers
        store.is_reachable = True
        assert (await origin.get(PATH)).status == 200


async def has_looked(origin: RunningOrigin) -> bool:
    return all("not looked at yet" not in each for each in origin.node.readiness.reasons)


@pytest_twisted.ensureDeferred
async def test_a_lost_object_is_a_refusal_not_a_torn_answer(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path / "lent", time.time)
    async with running_origin(tmp_path, store=store) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        store.objects.clear()
        answer = await origin.get("/demo/image/upload/kept.jpg")
        assert (answer.status, answer.body) == (503, b"")
        assert answer.headers["x-cld-error"] == "The stored file is out of reach"


@pytest_twisted.ensureDeferred
async def test_what_a_killed_process_left_is_swept_at_start(tmp_path: Path) -> None:
    spool = tmp_path / "state" / "spool"
    mine, other = spool / "origin-1" / "upload-abandoned", spool / "origin-2" / "upload-under-way"
    for path in (mine, other):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half a picture")
    async with running_origin(tmp_path):
        assert not mine.exists()
        assert other.exists()


@pytest_twisted.ensureDeferred
async def test_probes_are_answered_on_both_ports_and_are_no_requests(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as origin:
        for base in (origin.url, origin.control_url):
            assert (await origin.ask("GET", base + "/healthz")).status == 200
            assert (await origin.ask("GET", base + "/readyz")).json == {"ready": True}
            metrics = await origin.ask("GET", base + "/metrics")
            assert b"pixeledge_requests_total" in metrics.body
        assert (await origin.get("/demo/image/upload/none.jpg")).status == 404
        status = (await origin.ask("GET", origin.control_url + "/status")).json
        assert status["requests"] == 1
        assert {"renders", "renders_stored", "uploads", "uptime_seconds", "errors"} <= status.keys()
        assert (status["name"], status["role"], status["region"]) == ("origin-1", "origin", "us-east")
        assert status["pid"] == os.getpid()
        assert status["in_flight"] == 0
        assert status["render"].keys() == {
            *("queue_wait_seconds", "utilisation", "running", "waiting", "workers")
        }


@pytest_twisted.ensureDeferred
async def test_stopping_lets_a_running_answer_end(tmp_path: Path) -> None:
    """Draining: no new connection, but who is being served gets the whole picture."""
    async with running_origin(tmp_path, grace_seconds=PATIENCE_SECONDS) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        asked = Deferred.fromCoroutine(origin.get("/demo/image/upload/c_scale,w_2000/kept.png"))
        await origin.eventually(lambda: origin.node.counters.renders, "the render runs")
    answer = await asked
    assert answer.status == 200
    assert len(answer.body) > 100_000


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_leaves_does_not_spoil_it_for_the_others(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        path = "/demo/image/upload/c_scale,w_1500/kept.png"
        leaving = Deferred.fromCoroutine(origin.get(path))
        staying = Deferred.fromCoroutine(origin.get(path))
        await origin.eventually(lambda: origin.node.counters.renders, "the render runs")
        leaving.addErrback(lambda _: None)
        leaving.cancel()
        answer = await staying
        assert answer.status == 200
        assert origin.node.counters.renders == 1
        await pause(0.1)
        assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_an_overwrite_under_a_render_gives_the_new_picture(tmp_path: Path) -> None:
    """What was rendered from the old original is not kept, and nobody is sent away for it."""
    async with running_origin(tmp_path) as origin:
        await origin.upload(str(ASTRONAUT), public_id="kept")
        asked = Deferred.fromCoroutine(origin.get("/demo/image/upload/c_scale,w_2500/kept.png"))
        await origin.eventually(lambda: origin.node.counters.renders, "the render runs")
        flat = AssetDraft(
            identity=Identity(CLOUD, "image", "upload", "kept"),
            revision="f" * 32,
            store_key=(await origin.node.catalogue.assets.list(EVERYTHING)).assets[0].store_key,
            bytes=68052,
            etag="e" * 32,
            format="jpg",
            facts=SourceFacts(512, 512, "jpg", bytes=68052),
        )
        await origin.node.catalogue.assets.put(flat, now=time.time())
        answer = await asked
        assert answer.status == 200
        assert (origin.node.counters.renders, origin.node.counters.renders_stored) == (2, 1)
