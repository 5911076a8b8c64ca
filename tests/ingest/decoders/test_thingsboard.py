"""What devices and gateways send to ThingsBoard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import Decoder

NOW = 1_772_438_400_000_000
DEVICE = "tb/dev-1/v1/devices/me/telemetry"
GATEWAY = "v1/gateway/telemetry"


def decode(topic: str, payload: Any) -> Sequence[Decoded]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Decoder().decode(Packet(topic, data, NOW), ())


def told(topic: str, payload: Any) -> list[tuple[str, int | None, dict[str, float]]]:
    return [(each.device, each.at, dict(each.values)) for each in decode(topic, payload) if isinstance(each, Telemetry)]


def reasons(topic: str, payload: Any) -> list[Reason]:
    return [each.reason for each in decode(topic, payload) if isinstance(each, Reject)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"temperature": 42.2, "humidity": 70}, [(None, {"temperature": 42.2, "humidity": 70.0})]),
        ([{"temperature": 42.2}, {"humidity": 70}], [(None, {"temperature": 42.2}), (None, {"humidity": 70.0})]),
        (
            {"ts": 1_451_649_600_512, "values": {"temperature": 42.2, "on": True}},
            [(1_451_649_600_512_000, {"temperature": 42.2, "on": 1.0})],
        ),
        (
            [{"ts": 1000, "values": {"a": 1}}, {"ts": 2000, "values": {"a": 2}}],
            [(1_000_000, {"a": 1.0}), (2_000_000, {"a": 2.0})],
        ),
        ({"ts": 7}, [(None, {"ts": 7.0})]),
    ],
    ids=str,
)
def test_a_device_sends_values_bare_or_with_their_time(payload: object, expected: list[Any]) -> None:
    assert told(DEVICE, payload) == [("dev-1", at, values) for at, values in expected]


def test_a_value_that_is_no_number_does_not_cost_the_others() -> None:
    payload = {"temperature": 42.2, "firmware": "1.2.3", "location": {"lat": 1}}
    assert told(DEVICE, payload) == [("dev-1", None, {"temperature": 42.2})]
    assert reasons(DEVICE, payload) == [Reason.BAD_VALUE, Reason.BAD_VALUE]


def test_a_gateway_speaks_for_many_devices() -> None:
    payload = {
        "Device A": [
            {"ts": 1_483_228_800_000, "values": {"temperature": 42, "humidity": 80}},
            {"ts": 1_483_228_801_000, "values": {"temperature": 43, "humidity": 82}},
        ],
        "设备 B": [{"ts": 1_483_228_800_000, "values": {"temperature": 42}}, {"humidity": 80}],
        "C": {"temperature": 1},
    }
    assert told(GATEWAY, payload) == [
        ("Device A", 1_483_228_800_000_000, {"temperature": 42.0, "humidity": 80.0}),
        ("Device A", 1_483_228_801_000_000, {"temperature": 43.0, "humidity": 82.0}),
        ("设备 B", 1_483_228_800_000_000, {"temperature": 42.0}),
        ("设备 B", None, {"humidity": 80.0}),
        ("C", None, {"temperature": 1.0}),
    ]


@pytest.mark.parametrize("online", [True, False])
def test_a_gateway_tells_who_came_and_who_went(online: bool) -> None:
    (found,) = decode(f"v1/gateway/{'connect' if online else 'disconnect'}", {"device": "Device A"})
    assert isinstance(found, Status)
    assert (found.site, found.device, found.online) == (None, "Device A", online)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("v1/devices/me/telemetry", {"temperature": 1}, Reason.UNKNOWN_DEVICE),
        (DEVICE, b"{", Reason.UNREADABLE),
        (DEVICE, 5, Reason.UNREADABLE),
        (DEVICE, [], Reason.NO_VALUES),
        (DEVICE, {}, Reason.NO_VALUES),
        (DEVICE, {"ts": "x", "values": {"a": 1}}, Reason.BAD_TIME),
        (GATEWAY, [], Reason.UNREADABLE),
        (GATEWAY, {}, Reason.UNREADABLE),
        (GATEWAY, {"Device A": []}, Reason.NO_VALUES),
        (GATEWAY, {"Device A": 5}, Reason.UNREADABLE),
        (GATEWAY, {"Device A": [{"values": {}}]}, Reason.NO_VALUES),
        ("v1/gateway/connect", {"device": 5}, Reason.UNREADABLE),
        ("v1/gateway/disconnect", [], Reason.UNREADABLE),
        ("v1/gateway/attributes", {"a": 1}, Reason.UNKNOWN_TOPIC),
        ("tb/a/b/v1/devices/me/telemetry", {"a": 1}, Reason.UNKNOWN_TOPIC),
    ],
    ids=str,
)
def test_anything_else_is_a_reject(topic: str, payload: object, reason: Reason) -> None:
    assert reasons(topic, payload) == [reason]
    assert len(decode(topic, payload)) == 1
