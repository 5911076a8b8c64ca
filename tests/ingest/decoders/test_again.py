"""Reading a packet again, long after it came: by what is known now, and without a trace."""

from __future__ import annotations

import pytest

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Telemetry
from facility_monitor.ingest.decoders import Decoder
from tests.ingest.decoders import edge
from tests.ingest.decoders.edge import metric, payload, session


class Node:
    """An edge node and the decoder that hears it."""

    def __init__(self) -> None:
        self.decoder = Decoder()

    def sends(self, kind: str, content: bytes, at: int) -> Packet:
        packet = Packet(f"spBv1.0/Plant/{kind}/edge-1", content, at)
        self.decoder.decode(packet, ())
        return packet

    def again(self, packet: Packet) -> list[Decoded]:
        return list(self.decoder.decode_again(packet, ()))


@pytest.fixture
def node() -> Node:
    return Node()


def birth(bd: int = 0) -> bytes:
    return payload(session(bd), metric("load", 0.5, alias=1), seq=0)


def test_a_value_that_came_before_its_birth_is_read_by_the_birth_that_followed(node: Node) -> None:
    early = node.sends("NDATA", payload(metric(None, 0.75, alias=1), seq=9), at=10)
    node.sends("NBIRTH", birth(), at=20)
    (found,) = node.again(early)
    assert isinstance(found, Telemetry)
    assert (found.values, found.remembered, found.packet) == ({"load": 0.75}, True, early)


@pytest.mark.parametrize("ending", ["death", "another session", "another decoder"])
def test_a_birth_of_another_session_tells_nothing_about_it(node: Node, ending: str) -> None:
    node.sends("NBIRTH", birth(), at=5)
    early = node.sends("NDATA", payload(metric(None, 0.75, alias=7), seq=1), at=10)
    if ending == "death":
        node.sends("NDEATH", payload(session(0)), at=15)
    elif ending == "another decoder":
        node.decoder = Decoder()
    node.sends("NBIRTH", payload(session(1), metric("other", 0.5, alias=7), seq=0), at=20)
    (found,) = node.again(early)
    assert isinstance(found, Reject)
    assert found.reason is Reason.NOT_BORN


def test_nothing_is_learned_or_asked_for_the_second_time(node: Node) -> None:
    node.sends("NBIRTH", birth(), at=5)
    old = Packet("spBv1.0/Plant/NBIRTH/edge-1", payload(session(7), metric("stale", 1.0, alias=1), seq=200), 1)
    _, telemetry = node.again(old)
    assert isinstance(telemetry, Telemetry)
    assert (telemetry.values, telemetry.remembered) == ({"stale": 1.0}, False)
    node.again(Packet("spBv1.0/Plant/NDEATH/edge-1", payload(session(0)), 2))
    node.again(Packet("spBv1.0/Plant/NDATA/edge-1", payload(metric(None, 1.0, alias=99), seq=77), 6))
    live = Packet("spBv1.0/Plant/NDATA/edge-1", payload(metric(None, 0.8, alias=1), seq=1), 30)
    (found,) = node.decoder.decode(live, ())
    assert isinstance(found, Telemetry)
    assert found.values == {"load": 0.8}
    assert node.decoder.requests() == []


@pytest.mark.parametrize(
    ("topic", "content"),
    [
        ("spBv1.0/Plant/NCMD/edge-1", b""),
        ("spBv1.0/Plant/NDATA/edge-1", b"\xff\xff"),
        ("spBv1.0/Plant/NDATA/edge-1", payload(seq=1)),
        ("spBv1.0/Plant/NDATA/edge-1", payload(metric("m", "text", edge.STRING), seq=1)),
        ("facility/hill/plc-1/telemetry", b"{"),
        ("elsewhere", b"{}"),
    ],
)
def test_what_was_no_reading_is_none_the_second_time(topic: str, content: bytes) -> None:
    packet = Packet(topic, content, 1)
    first, second = Decoder().decode(packet, ()), Decoder().decode_again(packet, ())
    assert list(first) == list(second)
    assert all(isinstance(each, Reject) for each in second)
