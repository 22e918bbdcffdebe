"""Questions off the wire, answers onto it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.names import dns

from edge.balancer.names.message import BADVERS, Asked, Edns, Reply, Unreadable, read, write
from tests.support.dns_messages import answer, question, rcode

HEAD = struct.Struct("!6H")


def refusal_of(data: bytes) -> Unreadable | None:
    try:
        read(data)
    except Unreadable as refusal:
        return refusal
    return None


def refused(data: bytes) -> int:
    with pytest.raises(Unreadable) as found:
        read(data)
    return found.value.rcode


@given(st.binary(max_size=80))
def test_no_bytes_are_anything_but_a_question_a_refusal_or_noise(data: bytes) -> None:
    """And a refusal can be written."""
    refusal = refusal_of(data)
    assert refusal is None or (
        answer(write(refusal.asked, Reply(refusal.rcode), is_tcp=False)).id == refusal.asked.id
    )


@given(st.data(), st.integers(0, 5))
def test_no_damage_to_a_question_is_worse(data: st.DataObject, changes: int) -> None:
    """Bytes changed, cut off or added anywhere."""
    message = bytearray(question("a.cdn.test", subnet="127.2.0.0/16"))
    for _ in range(changes):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(message[: data.draw(st.integers(0, len(message)))]) + data.draw(st.binary(max_size=5))
    refusal = refusal_of(cut)
    assert refusal is None or refusal.rcode in (dns.EFORMAT, dns.ENOTIMP, BADVERS)


@given(st.from_regex(r"([a-zA-Z0-9_-]{1,20}\.){1,5}test", fullmatch=True), st.integers(1, 250))
def test_the_question_is_repeated_letter_by_letter(name: str, kind: int) -> None:
    """Resolvers mix upper and lower case to know their answer again."""
    asked = read(question(name, kind))
    assert asked is not None
    (repeated,) = answer(write(asked, Reply(), is_tcp=False)).queries
    assert (repeated.name.name.decode(), repeated.type) == (name, kind)
    assert asked.wants_recursion


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HEAD.pack(7, 0x2800, 1, 0, 0, 0), dns.ENOTIMP),  # an update
        (HEAD.pack(7, 0x0100, 0, 0, 0, 0), dns.EFORMAT),  # no question
        (HEAD.pack(7, 0x0100, 2, 0, 0, 0) + b"\0\0\1\0\1" * 2, dns.EFORMAT),  # two (RFC 9619)
        (HEAD.pack(7, 0x0100, 1, 0, 0, 0) + b"\3cdn", dns.EFORMAT),  # cut short
        (HEAD.pack(7, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1", dns.EFORMAT),  # a pointer to itself
        (HEAD.pack(7, 0x0100, 1, 0, 0, 0) + b"\x03a.b\0\0\1\0\1", dns.EFORMAT),  # a dot inside a label
        (HEAD.pack(7, 0x0100, 1, 0, 0, 0) + b"\x50" + b"a" * 80 + b"\0\0\1\0\1", dns.EFORMAT),
        (HEAD.pack(7, 0x0100, 1, 0, 0, 65535) + b"\0\0\1\0\1", dns.EFORMAT),  # more than is there
        (HEAD.pack(7, 0x0100, 1, 0, 0, 1) + b"\0\0\1\0\1", dns.EFORMAT),
        (question(version=1), BADVERS),
        (question(options=b"\0\x08\0\x09"), dns.EFORMAT),
        (question(options=b"\0\x08\0\x04\0\1\x18\x18"), dns.EFORMAT),  # a scope in a question
    ],
)
def test_what_cannot_be_answered_is_answered_by_a_code(data: bytes, code: int) -> None:
    assert refused(data) == code


def with_opt(flags: int, questions: bytes = b"", count: int = 0, records: int = 1) -> bytes:
    """A message whose last record says that EDNS is understood, up to 600 bytes and with DNSSEC."""
    opt = b"\0" + struct.pack("!HHIH", 41, 600, 1 << 15, 0)
    return HEAD.pack(7, flags, count, 0, 0, records) + questions + opt * records


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (with_opt(0x0100), dns.EFORMAT),  # no question
        (with_opt(0x2000), dns.ENOTIMP),  # a notice
        (with_opt(0x2800, b"\4test\0\0\6\0\1", 1), dns.ENOTIMP),  # an update
        (with_opt(0x0100, b"\x03a.b\0\0\1\0\1", 1), dns.EFORMAT),  # a dot inside a label
        (with_opt(0x0100, b"\4test\0\0\1\0\1", 1, records=2), dns.EFORMAT),
    ],
)
def test_who_speaks_edns_is_refused_in_it(data: bytes, code: int) -> None:
    """RFC 6891 §6.1.1: or a resolver takes the server for one that does not, and asks it all again."""
    with pytest.raises(Unreadable) as found:
        read(data)
    assert found.value.rcode == code
    message = answer(write(found.value.asked, Reply(code), is_tcp=False))
    (opt,) = message.additional
    assert (opt.type, opt.cls, opt.ttl) == (41, 1232, 1 << 15)


@pytest.mark.parametrize("records", [9, 65535])
def test_no_message_is_read_further_than_a_question_may_go(records: int) -> None:
    """What it says beyond that is nobody's business: it is refused by its head."""
    with pytest.raises(Unreadable) as found:
        read(with_opt(0x0100, b"\4test\0\0\1\0\1", 1, records=records))
    assert (found.value.rcode, found.value.asked.edns) == (dns.EFORMAT, None)


@pytest.mark.parametrize("data", [b"", b"\0" * 11, HEAD.pack(7, 0x8180, 1, 0, 0, 0) + b"\0\0\1\0\1"])
def test_noise_and_answers_are_not_answered(data: bytes) -> None:
    """Two servers that answer each other's errors would never stop."""
    assert read(data) is None


def test_a_later_edns_is_told_which_one_there_is() -> None:
    """RFC 6891 §6.1.3: BADVERS, with a version of 0."""
    with pytest.raises(Unreadable) as found:
        read(question(version=1))
    message = answer(write(found.value.asked, Reply(found.value.rcode), is_tcp=False))
    assert rcode(message) == BADVERS
    assert message.additional[0].ttl >> 16 & 0xFF == 0


def test_a_question_without_edns_gets_an_answer_without() -> None:
    asked = read(question(edns=False))
    assert asked is not None
    assert answer(write(asked, Reply(), is_tcp=False)).additional == []


@pytest.mark.parametrize(("size", "room"), [(None, 512), (100, 512), (600, 600), (4096, 1232)])
def test_what_does_not_fit_a_datagram_is_asked_for_again(size: int | None, room: int) -> None:
    """Never more than the asker has room for, and never a record cut in two."""
    asked = Asked(7, "cdn.test", edns=None if size is None else Edns(size))
    fitted = False
    for count in range(1, 80):
        records = tuple(dns.RRHeader(b"cdn.test", payload=dns.Record_A("127.0.1.1")) for _ in range(count))
        data = write(asked, Reply(answers=records), is_tcp=False)
        message = answer(data)
        assert len(data) <= room
        assert len(message.answers) == (0 if message.trunc else count)
        assert len(answer(write(asked, Reply(answers=records), is_tcp=True)).answers) == count
        fitted = fitted or not message.trunc
    assert fitted
    assert message.trunc
