"""The name server on real sockets, asked by `dig`."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.utils import getProcessOutput

from edge.balancer.settings import Dns
from edge.upstream.standings import Standing
from tests.support.balancer import Stage, says, stage
from tests.support.dig import Dug, command
from tests.support.dns_messages import addresses, answer, question
from tests.support.scripted import connect

ZONE = Dns("127.0.0.1:0", "cdn.test", ("img",))


@asynccontextmanager
async def named(**told: Any) -> AsyncIterator[Stage]:
    """A name server before two PoPs that are all on one address: 127.0.1.1 for Europe, .2 for America."""
    reached = {"eu": ("127.0.1.1",), "na": ("127.0.1.2",)}
    scripts = {"eu": says("eu"), "na": says("na")}
    async with stage(reactor, scripts, mode="dns", dns=ZONE, reached_at=reached, **told) as world:
        yield world


async def dig(world: Stage, *words: str) -> Dug:
    program, *arguments = command(port_of(world), *words)
    return Dug((await getProcessOutput(program, arguments, reactor=reactor)).decode())


def port_of(world: Stage) -> int:
    assert world.node.names is not None
    return world.node.names.port


@pytest_twisted.ensureDeferred
async def test_dig_is_led_to_the_right_pop_before_during_and_after_its_death() -> None:
    """By client subnet, over UDP and TCP, and by the address it asks from."""
    async with named() as world:
        before = [await dig(world, "img.cdn.test", *way, "+subnet=127.2.3.0/24") for way in ((), ("+tcp",))]
        by_source = await dig(world, "cdn.test", "-b", "127.1.0.9")
        await world.pops["eu"].die()
        await world.becomes(world.pops["eu"], Standing.DOWN)
        during = await dig(world, "img.cdn.test", "+subnet=127.2.3.0/24")
        world.pops["eu"].listen()
        await world.becomes(world.pops["eu"], Standing.UP)
        after = await dig(world, "img.cdn.test", "+subnet=127.2.3.0/24")
        status = await world.control("/status")
        metrics = (await world.control("/metrics")).body
    assert [dug.addresses for dug in (*before, by_source, during, after)] == [
        *(["127.0.1.1"], ["127.0.1.1"], ["127.0.1.2"], ["127.0.1.2"], ["127.0.1.1"])
    ]
    assert {(dug.status, dug.subnet) for dug in (*before, during)} == {("NOERROR", "127.2.3.0/24/16")}
    assert {"qr", "aa"} <= before[0].flags
    assert b'"udp noerror":4' in status.body
    assert b'pixeledge_dns_answers_total{node="bal",rcode="noerror",transport="tcp"} 1.0' in metrics


@pytest_twisted.ensureDeferred
async def test_dig_hears_what_is_there_and_what_is_not() -> None:
    """SOA, NS, NXDOMAIN, NODATA, and no word of other zones."""
    async with named() as world:
        soa = await dig(world, "cdn.test", "SOA")
        missing = await dig(world, "nowhere.cdn.test")
        empty = await dig(world, "img.cdn.test", "AAAA")
        foreign = await dig(world, "example.org")
        nobody = await dig(world, "cdn.test", "+subnet=0")
        plain = await dig(world, "cdn.test", "+noedns", "-b", "127.2.0.9")
        newer = await dig(world, "cdn.test", "+edns=1", "+noednsnegotiation")
    assert soa.section("ANSWER")[0][4:6] == ["ns.cdn.test.", "hostmaster.cdn.test."]
    assert [dug.status for dug in (missing, empty, foreign, newer)] == [
        *("NXDOMAIN", "NOERROR", "REFUSED", "BADVERS")
    ]
    assert [dug.section("AUTHORITY")[0][3] for dug in (missing, empty)] == ["SOA", "SOA"]
    assert (nobody.status, nobody.subnet) == ("NOERROR", "0.0.0.0/0/0")
    assert plain.addresses == ["127.0.1.1"]


@pytest_twisted.ensureDeferred
async def test_questions_in_one_connection_are_answered_in_turn() -> None:
    """Each after its length; noise between them is passed over, and one too long ends it."""
    framed = [
        struct.pack("!H", len(each)) + each for each in (question(), b"noise", question("img.cdn.test"))
    ]
    async with named() as world:
        resolver = await connect(reactor, port_of(world), b"".join(framed), "127.2.0.1")
        await resolver.received(2 * (len(question()) + 2))
        resolver.transport.write(struct.pack("!H", 60000))
        await resolver.ended
        data, found = resolver.data, []
        while data:
            (length,) = struct.unpack_from("!H", data)
            found.append(addresses(answer(data[2 : 2 + length])))
            data = data[2 + length :]
    assert found == [["127.0.1.1"], ["127.0.1.1"]]
