"""`pixeledge link`, told to an edge that runs behind a link of its own."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest_twisted
from click.testing import CliRunner
from twisted.internet import reactor as real_reactor
from twisted.internet.threads import deferToThread

from edge.service import make_service
from edge.settings import Settings
from sim.cli import main
from sim.links.cables import Cables
from sim.links.command import LinksCommand
from sim.links.link import Link
from sim.links.shaped import ShapedConnect
from sim.links.way import Way
from tests.support.edge_node import QUICK, get
from tests.support.scripted_origin import ScriptedOrigin, reply
from wire.web.agent import PlainConnect

reactor: Any = real_reactor


@pytest_twisted.ensureDeferred
async def test_a_link_is_listed_cut_and_healed_and_mistakes_are_told(tmp_path: Path) -> None:
    """From the command line to the bytes: a miss over a cut link is an error, after the heal it is answered."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x", Cache_Control="max-age=60"))
    way = Way(0.002, 1e8)
    link = Link(("one", "west"), ("main", "east"), (origin.url.removeprefix("http://"),), way, way)
    cables = Cables((link,), reactor, Random(1))
    node = make_service(
        Settings(
            name="one", upstreams=(origin.url,), listen="127.0.0.1:0", control="127.0.0.1:0", limits=QUICK
        ),
        reactor=reactor,
        connect=ShapedConnect(PlainConnect(reactor), cables.by_address),
        commands={b"/links": LinksCommand(cables)},
    )
    node.startService()
    await node.ready
    ready = tmp_path / "ready.json"
    control = f"http://127.0.0.1:{node.control_port}"
    ready.write_text(json.dumps({"edges": [{"name": "one", "control_url": control}], "shields": []}))

    async def said(*words: str) -> tuple[int, str]:
        told = ("link", *words, "--ready-file", str(ready))
        result: Any = await deferToThread(CliRunner().invoke, main, told)
        return result.exit_code, result.output.splitlines()[-1]

    assert await said() == (0, "one--main  west--east  2ms, 100Mbit")
    assert await said("east--west", "--cut") == (0, "1 link changed")
    assert await said() == (0, "one--main  west--east  cut (changed)")
    assert (await get(node, "/a", Host="ex.com")).status == 504
    assert await said("one--main", "--heal", "--rtt", "4ms", "--loss", "0.5%", "--stall", "1ms") == (
        0,
        "1 link changed",
    )
    assert await said() == (0, "one--main  west--east  4ms, 100Mbit, loss 0.5%, stalls 1ms once (changed)")
    assert (await get(node, "/a", Host="ex.com")).status == 200
    assert await said("one--main", "--reset") == (0, "1 link changed")
    assert await said("one--main", "--reset", "9s", "--toward", "one") == (0, "1 link changed")
    assert (cables.listed()[0]["out"]["reset_seconds"], cables.listed()[0]["back"]["reset_seconds"]) == (
        None,
        9,
    )
    for words, sentence in {
        ("one--two", "--cut"): "Error: there is no link one--two: there are one--main, west--east",
        ("one", "--cut"): "Error: a link is named after its two ends, like eu-central--na-east",
        ("one--main",): "Error: nothing to change: --cut, --heal, --reset, --rtt, --rate, --loss, …",
        ("--cut",): "Error: which link? `pixeledge link` alone lists them",
        ("one--main", "--cut", "--toward", "two"): "Error: --toward is one of the two ends: one or main",
        ("one--main", "--stall", "2s", "--every", "1s"): "Error: --every must be longer than --stall",
        ("one--main", "--sigma", "0.5"): "Error: --sigma and --slow-start are of viewers' own lines, "
        "like viewers.se-asia--access",
        ("one--main", "--every", "1s"): "Error: --every says how often a stall comes: give --stall, too",
    }.items():
        assert await said(*words) == (2, sentence)
    assert (await said("one--main", "--rtt", "3"))[0] == 2
    await node.stopService()
    await origin.stop()
    code, sentence = await said()
    assert (code, "does not answer" in sentence) == (1, True)
