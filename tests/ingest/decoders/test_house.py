"""The house's JSON in all its forms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import Decoder

NOW = 1_772_438_400_000_000
TELEMETRY = "facility/hill/dr-1-env/telemetry"


def decode(payload: Any, topic: str = TELEMETRY) -> Sequence[Decoded]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Decoder().decode(Packet(topic, data, NOW), ())


def only(payload: Any) -> Telemetry:
    (found,) = decode(payload)
    assert isinstance(found, Telemetry), found
    return found


def reasons(payload: Any) -> list[Reason]:
    return [each.reason for each in decode(payload) if isinstance(each, Reject)]


def test_an_object_with_time_and_number() -> None:
    found = only({"ts": 1_772_438_399_500, "seq": 7, "values": {"humidity": 61.2, "water_leak": True, "count": 3}})
    assert found[:5] == ("hill", "dr-1-env", 1_772_438_399_500_000, 7, {"humidity": 61.2, "water_leak": 1, "count": 3})
    assert (found.units, found.historical) == (None, False)


def test_a_pack_is_a_list_of_objects_each_with_its_own_time_and_number() -> None:
    found = decode([{"ts": 1000, "seq": 1, "values": {"a": 1}}, {"ts": 2000, "seq": 2, "values": {"a": 2}}, {"a": 3}])
    told = [(each.at, each.sequence, each.values) for each in found if isinstance(each, Telemetry)]
    assert told == [(1_000_000, 1, {"a": 1.0}), (2_000_000, 2, {"a": 2.0}), (None, None, {"a": 3.0})]


def test_what_is_wrong_with_one_object_of_a_pack_does_not_cost_the_others() -> None:
    found = decode([{"values": {"a": 1}}, 5, {"values": {}}, {"ts": "x", "values": {"a": 2}}, {"values": {"a": 3}}])
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"a": 1.0}, {"a": 3.0}]
    assert [each.reason for each in found if isinstance(each, Reject)] == ["unreadable", "no_values", "bad_time"]


def test_bare_values_are_taken() -> None:
    assert only({"humidity": 61.2, "water_leak": False}).values == {"humidity": 61.2, "water_leak": 0.0}


@pytest.mark.parametrize(
    "payload",
    [
        {"valeus": {"humidity": 61.2}},
        {"ts": 1_772_438_400_000, "humidity": 61.2},
        {"seq": 1, "humidity": 61.2},
        {"values": 61.2},
        {"values": []},
        {"values": {}},
        {"values": None, "humidity": 61.2},
        {"humidity": 61.2, "note": "fine"},
        {"humidity": None},
        {},
    ],
    ids=str,
)
def test_a_slip_does_not_become_a_points_name(payload: object) -> None:
    assert reasons(payload) == [Reason.NO_VALUES]


def test_a_value_may_carry_its_unit() -> None:
    found = only({"values": {"pressure": {"value": 0.45, "unit": "MPa"}, "running": {"value": True}, "level": 2}})
    assert found.values == {"pressure": 0.45, "running": 1.0, "level": 2.0}
    assert found.units == {"pressure": "MPa"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"value": 1, "unit": 5}, Reason.UNKNOWN_UNIT),
        ({"value": 1, "uint": "MPa"}, Reason.BAD_VALUE),
        ({"unit": "MPa"}, Reason.BAD_VALUE),
        ({"value": "1", "unit": "MPa"}, Reason.BAD_VALUE),
        ({"value": {"value": 1}}, Reason.BAD_VALUE),
        ({}, Reason.BAD_VALUE),
        ("1", Reason.BAD_VALUE),
        (None, Reason.BAD_VALUE),
        ([1], Reason.BAD_VALUE),
    ],
    ids=str,
)
def test_a_value_that_is_none_is_rejected_and_the_others_are_stored(value: object, reason: Reason) -> None:
    found = decode({"values": {"good": 1, "wrong": value}})
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"good": 1.0}]
    assert [each.reason for each in found if isinstance(each, Reject)] == [reason]
    assert reasons({"values": {"wrong": value}}) == [reason]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"61.2",
        b'"x"',
        b"[]",
        b"[[]]",
        b"[" * 5000,
        b'{"values":{"a":NaN}}',
        b'{"values":{"a":1e400}}',
        b'{"values":{"a":' + b"9" * 400 + b"}}",
        b'{"values":{"\\ud800":1}}',
    ],
)
def test_what_is_no_document_is_unreadable(payload: bytes) -> None:
    assert reasons(payload) == [Reason.UNREADABLE]


def test_extremes_that_are_numbers_are_numbers() -> None:
    payload = (
        b'{"values":{"a":1e308,"b":-5e-324,"c":18446744073709551616,"d":' + b"9" * 300 + b',"e":-0.0,"\\u0000":1}}'
    )
    found = only(payload)
    assert found.values == {"a": 1e308, "b": -5e-324, "c": 2.0**64, "d": 1e300, "e": 0.0, "\0": 1.0}


def test_of_a_name_that_comes_twice_the_last_counts() -> None:
    assert only(b'{"values":{"a":1,"a":2}}').values == {"a": 2.0}


@pytest.mark.parametrize("payload", [b"online", b' {"state": "online", "ts": 5} ', b'{"state":"online"}'])
def test_a_status_is_a_word_or_an_object(payload: bytes) -> None:
    (found,) = decode(payload, "facility/hill/dr-1-env/status")
    assert isinstance(found, Status)
    assert (found.site, found.device, found.online, found.behind) == ("hill", "dr-1-env", True, False)


@pytest.mark.parametrize("payload", [b"", b"perhaps", b"{", b'{"state":{}}', b"{}", b"\xff"])
def test_any_other_status_is_unreadable(payload: bytes) -> None:
    (found,) = decode(payload, "facility/hill/dr-1-env/status")
    assert isinstance(found, Reject)
    assert found.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    "topic", ["facility", "facility/hill/dr-1-env", "facility/hill/dr-1-env/other", "a/b/c/telemetry", "", "/"]
)
def test_a_topic_of_nobody_is_a_reject(topic: str) -> None:
    (found,) = decode({"a": 1}, topic)
    assert isinstance(found, Reject)
    assert found.reason is Reason.UNKNOWN_TOPIC
