"""The inlet: publications are cut out of the stream wherever a read ended, and all else reaches the library."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from facility_monitor.ingest.inlet import Inlet, Publication

SHORT = b"\x32\x08\x00\x03a/b\x00\x07x"
LONG = b"\x3a\xce\x01\x00\x02hi\x01\x00" + b"y" * 200
AT_MOST_ONCE = b"\x30\x04\x00\x02qq"
PINGRESP = b"\xd0\x00"
CUT = [
    Publication(b"a/b", b"x", 7, again=False),
    Publication(b"hi", b"y" * 200, 256, again=True),
    Publication(b"qq", b"", 0, again=False),
]


@pytest.fixture
def ends() -> Iterator[tuple[Inlet, socket.socket]]:
    """An inlet, and the broker's end of its connection."""
    ours, brokers = socket.socketpair()
    with ours, brokers:
        ours.setblocking(False)
        yield Inlet(ours), brokers


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_publications_are_whole_wherever_a_read_ended(ends: tuple[Inlet, socket.socket], size: int) -> None:
    inlet, broker = ends
    stream = SHORT + LONG + AT_MOST_ONCE
    found = []
    for start in range(0, len(stream), size):
        broker.sendall(stream[start : start + size])
        inlet.fill()
        assert not inlet.release() or inlet.ready
        found += inlet.publications(100)
    assert found == CUT


def test_no_more_are_cut_out_than_asked_for(ends: tuple[Inlet, socket.socket]) -> None:
    inlet, broker = ends
    broker.sendall(SHORT * 3)
    inlet.fill()
    assert len(inlet.publications(2)) == 2
    assert inlet.ready
    assert len(inlet.publications(2)) == 1
    assert not inlet.ready


def test_the_library_reads_one_packet_at_a_time_and_never_a_part_of_one(ends: tuple[Inlet, socket.socket]) -> None:
    inlet, broker = ends
    broker.sendall(SHORT + PINGRESP + SHORT + PINGRESP[:1])
    inlet.fill()
    with pytest.raises(BlockingIOError):
        inlet.recv(1)
    assert len(inlet.publications(100)) == 1
    assert inlet.release()
    assert inlet.recv(1) + inlet.recv(100) == PINGRESP
    with pytest.raises(BlockingIOError):
        inlet.recv(1)
    assert len(inlet.publications(100)) == 1
    assert not inlet.release()


def test_an_end_is_told_once_all_before_it_has_been_read(ends: tuple[Inlet, socket.socket]) -> None:
    inlet, broker = ends
    broker.sendall(SHORT)
    broker.close()
    inlet.fill()
    inlet.send(b"nobody hears this")
    assert inlet.publications(100) == CUT[:1]
    assert not inlet.release()
    inlet.fill()
    assert inlet.release()
    assert inlet.recv(1) == b""


def test_a_malformed_publication_is_left_to_the_library(ends: tuple[Inlet, socket.socket]) -> None:
    inlet, broker = ends
    topic_longer_than_its_packet = b"\x32\x04\x00\x09ab"
    broker.sendall(topic_longer_than_its_packet)
    inlet.fill()
    assert inlet.publications(100) == []
    assert inlet.release()
    assert inlet.recv(100) == topic_longer_than_its_packet


def test_what_is_sent_leaves_in_order_however_slowly_the_network_takes_it(ends: tuple[Inlet, socket.socket]) -> None:
    inlet, broker = ends
    sent = bytearray()
    while not inlet.owes:
        inlet.send(b"z" * 50_000)
        sent += b"z" * 50_000
    inlet.acknowledge([1, 65_535])
    sent += b"\x40\x02\x00\x01\x40\x02\xff\xff"
    heard = bytearray()
    while len(heard) < len(sent):
        heard += broker.recv(65_536)
        inlet.flush()
    assert heard == sent
    assert not inlet.owes
