"""The faults of the line do what their counts say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest

from simulators.line import GARBAGE, Faults, Line
from simulators.message import Message, Packet

COUNT, DEVICES = 1500, ("a", "b", "c")


def recording() -> list[Message]:
    return [
        Message(1_780_000_000.0 + 5 * step, device, {"humidity": 50 + step / 1000, "water_leak": 0})
        for step in range(COUNT)
        for device in DEVICES
    ]


def send(faults: Faults, seed: int = 1) -> tuple[list[Packet], Counter[str]]:
    line = Line("s", faults, seed=seed, first_seq=1000)
    return list(line.through(recording())), line.done


def bodies(packets: Iterable[Packet]) -> list[dict[str, Any]]:
    return [json.loads(packet.payload) for packet in packets if packet.telemetry and packet.payload not in GARBAGE]


def test_a_line_without_faults_sends_every_message_once_in_order() -> None:
    packets, done = send(Faults())
    assert [packet.device for packet in packets] == [message.device for message in recording()]
    assert bodies(packets)[0] == {
        "ts": 1_780_000_000_000,
        "seq": 1000,
        "values": {"humidity": 50.0, "water_leak": 0},
    }
    assert [body["seq"] for body in bodies(packets)] == [1000 + step for step in range(COUNT) for _ in DEVICES]
    assert done == {**dict.fromkeys(done, 0), "messages": COUNT * len(DEVICES)}


def test_lost_messages_are_missing_and_leave_gaps_in_the_sequence() -> None:
    packets, done = send(Faults(loss=0.1))
    assert done["lost"] == pytest.approx(450, abs=90)
    assert len(packets) == COUNT * 3 - done["lost"]
    assert len({(packet.device, body["seq"]) for packet, body in zip(packets, bodies(packets), strict=True)}) == len(
        packets
    )


def test_duplicates_are_the_same_bytes_again_within_five_seconds() -> None:
    packets, done = send(Faults(duplicates=0.2))
    times: defaultdict[tuple[bytes, str], list[float]] = defaultdict(list)
    for packet in packets:
        times[packet.payload, packet.device].append(packet.at)
    again = [at for at in times.values() if len(at) == 2]
    assert len(again) == done["duplicates"] > 500
    assert all(0 <= second - first <= 5 for first, second in again)


def test_late_messages_are_overtaken_and_keep_their_event_time() -> None:
    packets, done = send(Faults(late=0.1, late_s=60))
    late = [packet for packet in packets if packet.at > packet.event_at]
    assert len(late) == done["late"] > 250
    assert max(packet.at - packet.event_at for packet in late) <= 60
    sent = [packet.at for packet in packets]
    assert sent == sorted(sent)
    assert [body["seq"] for body in bodies(packets)] != sorted(body["seq"] for body in bodies(packets))
    assert sorted(body["ts"] for body in bodies(packets)) == sorted(round(m.at * 1000) for m in recording())


def test_offline_periods_buffer_everything_say_so_and_send_it_afterwards() -> None:
    packets, done = send(Faults(offline=0.2, offline_s=300))
    states = [json.loads(packet.payload)["state"] for packet in packets if not packet.telemetry]
    assert states.count("offline") == states.count("online") == done["offline_periods"] > 5
    assert done["buffered"] == pytest.approx(0.2 * COUNT * 3, rel=0.6)
    assert len(bodies(packets)) == COUNT * 3
    online = dict.fromkeys(DEVICES, True)
    for packet in packets:
        if packet.telemetry:
            assert online[packet.device], "telemetry while offline"
        else:
            online[packet.device] = json.loads(packet.payload)["state"] == "online"
    last_seq: dict[str, int] = {}
    for packet in packets:
        if packet.telemetry:
            seq = json.loads(packet.payload)["seq"]
            assert seq > last_seq.get(packet.device, 0), "the buffer keeps its order"
            last_seq[packet.device] = seq


def test_clock_skew_is_constant_for_a_device_and_bounded() -> None:
    packets, done = send(Faults(clock_skew_s=90))
    skews: defaultdict[str, set[int]] = defaultdict(set)
    for packet, body in zip(packets, bodies(packets), strict=True):
        skews[packet.device].add(round(body["ts"] - packet.event_at * 1000))
    assert done["skewed_devices"] == 3
    assert all(len(skew) == 1 and 0 < abs(next(iter(skew))) <= 90_000 for skew in skews.values())


def test_misreads_are_single_samples_far_off() -> None:
    packets, done = send(Faults(misreads=0.2))
    right = {(message.device, round(message.at * 1000)): message.values["humidity"] for message in recording()}
    wrong: defaultdict[str, list[bool]] = defaultdict(list)
    for packet, body in zip(packets, bodies(packets), strict=True):
        value = right[packet.device, body["ts"]]
        assert body["values"]["water_leak"] == 0
        wrong[packet.device].append(body["values"]["humidity"] != value)
        if body["values"]["humidity"] != value:
            assert not 0.6 < body["values"]["humidity"] / value < 1.8
    assert sum(map(sum, wrong.values())) == done["misreads"] > 500
    assert not any(a and b for flags in wrong.values() for a, b in pairwise(flags))


def test_garbage_comes_in_addition_and_nobody_can_read_it_as_a_reading() -> None:
    packets, done = send(Faults(garbage=0.1))
    assert len(packets) == COUNT * 3 + done["garbage"]
    assert sum(packet.payload in GARBAGE for packet in packets) == done["garbage"] > 250
    for payload in GARBAGE:
        try:
            body = json.loads(payload)
        except ValueError:
            continue
        readable = isinstance(body, dict) and isinstance(body.get("ts", 0), int)
        assert not (
            readable and all(value == value and not isinstance(value, str) for value in body["values"].values())
        )


def test_all_faults_together_add_up_and_repeat_by_seed() -> None:
    everything = Faults(loss=0.05, misreads=0.1, clock_skew_s=5, duplicates=0.1, late=0.1, offline=0.1, garbage=0.05)
    packets, done = send(everything, seed=9)
    kinds = Counter(packet.telemetry for packet in packets)
    assert kinds[True] == done["messages"] - done["lost"] + done["duplicates"] + done["garbage"]
    assert kinds[False] == 2 * done["offline_periods"]
    assert (packets, done) == send(everything, seed=9)
    assert packets != send(everything, seed=10)[0]


def test_one_more_fault_leaves_the_others_as_they_were() -> None:
    assert send(Faults(loss=0.05))[1]["lost"] == send(Faults(loss=0.05, garbage=0.3, late=0.2))[1]["lost"]


def test_ts_and_seq_can_be_left_out() -> None:
    line = Line("s", Faults(), seed=1, first_seq=0, with_ts=False, with_seq=False)
    assert bodies(line.through(recording()[:1])) == [{"values": {"humidity": 50.0, "water_leak": 0}}]
