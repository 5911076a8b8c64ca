"""Messages of any shape, read by a mapping: every option, and each ready-made mapping with a message of its device."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility_monitor.catalogue import read
from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.mapping import mapping
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.errors import NotFound
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.store import catalogue

NOW = 1_772_438_400_000_000


def decode(definition: dict[str, Any], payload: Any, topic: str = "foreign/gw") -> Sequence[Decoded]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Decoder().decode(Packet(topic, data, NOW), [mapping("foreign/#", {"device": {"level": 1}} | definition)])


def only(definition: dict[str, Any], payload: Any, topic: str = "foreign/gw") -> Telemetry:
    (found,) = decode(definition, payload, topic)
    assert isinstance(found, Telemetry), found
    return found


def reasons(definition: dict[str, Any], payload: Any) -> list[Reason]:
    return [each.reason for each in decode(definition, payload) if isinstance(each, Reject)]


def value_of(channel: dict[str, Any], payload: Any) -> float:
    return only({"values": {"x": channel}}, payload).values["x"]


@pytest.mark.parametrize(
    ("channel", "payload", "expected"),
    [
        ({"path": "a"}, {"a": 1.5}, 1.5),
        ({"path": "a.b.1"}, {"a": {"b": [1, 2]}}, 2.0),
        ({"path": "a"}, {"a": True}, 1.0),
        ({"path": "a", "scale": 0.1, "offset": -40}, {"a": 600}, 20.0),
        ({"path": "$"}, 7, 7.0),
        ({"path": "*.t"}, {"time": "x", "AM2301": {"t": 20.5}}, 20.5),
        ({"path": "*.*"}, {"a": [], "b": [3]}, 3.0),
        ({"path": "a.*.v"}, {"a": [{"w": 1}, {"v": 2}]}, 2.0),
        ({"path": "a", "words": {"ON": 1, "OFF": 0}}, {"a": "ON"}, 1.0),
        ({"path": "a", "words": {"ON": 1, "OFF": 0}}, {"a": "OFF"}, 0.0),
        ({"path": "a", "words": {"ON": 1, "OFF": 0}}, {"a": True}, 1.0),
        ({"path": "a", "words": {"high": 2}, "scale": 10, "offset": 1}, {"a": "high"}, 21.0),
    ],
    ids=str,
)
def test_a_path_leads_to_a_value(channel: dict[str, Any], payload: object, expected: float) -> None:
    assert value_of(channel, payload) == expected


@pytest.mark.parametrize(
    ("channel", "payload", "reason"),
    [
        ({"path": "a"}, {"b": 1}, Reason.NO_VALUES),
        ({"path": "a.b"}, {"a": 1}, Reason.NO_VALUES),
        ({"path": "a.5"}, {"a": [1]}, Reason.NO_VALUES),
        ({"path": "a.99999999999999999999"}, {"a": [1]}, Reason.NO_VALUES),
        ({"path": "a.²"}, {"a": [1]}, Reason.NO_VALUES),
        ({"path": "*.t"}, {"a": {"u": 1}}, Reason.NO_VALUES),
        ({"path": "*.t"}, {"a": {"t": 1}, "b": {"t": 2}}, Reason.BAD_VALUE),
        ({"path": "a"}, {"a": "on"}, Reason.BAD_VALUE),
        ({"path": "a", "words": {"ON": 1}}, {"a": "on"}, Reason.BAD_VALUE),
        ({"path": "a"}, {"a": None}, Reason.BAD_VALUE),
        ({"path": "a"}, {"a": {}}, Reason.BAD_VALUE),
        ({"path": "a", "scale": 1e10}, {"a": 1e300}, Reason.BAD_VALUE),
        ({"path": "a", "unit": {"path": "u"}}, {"a": 1}, Reason.UNKNOWN_UNIT),
        ({"path": "a", "unit": {"path": "u"}}, {"a": 1, "u": 5}, Reason.UNKNOWN_UNIT),
    ],
    ids=str,
)
def test_where_there_is_no_value_there_is_a_reason(channel: dict[str, Any], payload: object, reason: Reason) -> None:
    assert reasons({"values": {"x": channel}}, payload) == [reason]


def test_a_unit_is_given_or_told_by_the_message() -> None:
    values = {"a": {"path": "a", "unit": "MPa"}, "b": {"path": "b", "unit": {"path": "u"}}, "c": {"path": "c"}}
    found = only({"values": values}, {"a": 1, "b": 2, "c": 3, "u": "F"})
    assert found.units == {"a": "MPa", "b": "F"}


ISO = {"path": "t", "unit": "iso8601"}


@pytest.mark.parametrize(
    ("time", "sent", "expected"),
    [
        ({"path": "t", "unit": "s"}, 1_594_598_424.5, 1_594_598_424_500_000),
        ({"path": "t", "unit": "ms"}, 1_594_598_424_500, 1_594_598_424_500_000),
        (ISO, "2026-03-02T08:00:00Z", NOW),
        (ISO, "2026-03-02T16:00:00+08:00", NOW),
        (ISO, "2026-03-02T08:00:00", NOW),
        (ISO | {"zone": "Asia/Shanghai"}, "2026-03-02T16:00:00", NOW),
        (ISO | {"zone": "Asia/Shanghai"}, "2026-03-02T08:00:00Z", NOW),
    ],
    ids=str,
)
def test_a_time_is_understood(time: dict[str, Any], sent: object, expected: int) -> None:
    assert only({"time": time, "values": {"x": {"path": "x"}}}, {"t": sent, "x": 1}).at == expected


@pytest.mark.parametrize(
    "sent", ["yesterday", "", None, True, -1, 1e300, 5e9, [], "0001-01-01T00:00:00+14:00"], ids=str
)
@pytest.mark.parametrize("unit", ["s", "iso8601"])
def test_a_time_that_is_none_is_a_reject_also_where_it_is_optional(sent: object, unit: str) -> None:
    if unit == "s" and sent == 5e9:
        sent = 1e10
    time = {"path": "t", "unit": unit, "optional": True, **({"zone": "Asia/Shanghai"} if unit == "iso8601" else {})}
    assert reasons({"time": time, "values": {"x": {"path": "x"}}}, {"t": sent, "x": 1}) == [Reason.BAD_TIME]


def test_without_an_optional_time_the_arrival_counts() -> None:
    values = {"x": {"path": "x"}}
    assert only({"time": ISO | {"optional": True}, "values": values}, {"x": 1}).at is None
    assert reasons({"time": ISO, "values": values}, {"x": 1}) == [Reason.BAD_TIME]


def test_each_item_of_a_list_is_a_message() -> None:
    definition = {
        "each": "data.rows",
        "device": {"path": "id"},
        "time": {"path": "t", "unit": "s"},
        "sequence": {"path": "n"},
        "values": {"x": {"path": "v"}},
    }
    rows = [{"t": 1, "n": 1, "v": 1}, {"t": 2, "n": 2, "v": 2, "id": "b"}, {"n": 3, "v": 3}, {"t": 4, "v": 4}, 5]
    found = decode(definition, {"id": "a", "t": 9, "data": {"rows": rows}})
    told = [(each.device, each.at, each.sequence, each.values) for each in found if isinstance(each, Telemetry)]
    assert told == [
        ("a", 1_000_000, 1, {"x": 1.0}),
        ("b", 2_000_000, 2, {"x": 2.0}),
        ("a", 9_000_000, 3, {"x": 3.0}),
    ]
    assert [each.reason for each in found if isinstance(each, Reject)] == ["bad_sequence", "bad_sequence"]


@pytest.mark.parametrize("payload", [{}, {"rows": []}, {"rows": {}}, 5], ids=str)
def test_where_the_list_is_missing_there_are_no_values(payload: object) -> None:
    assert reasons({"each": "rows", "values": {"x": {"path": "v"}}}, payload) == [Reason.NO_VALUES]


def test_the_topic_may_name_the_value() -> None:
    definition = {"payload": "text", "key": {"level": 2}, "values": {"a": {"path": "$"}, "b": {"path": "$"}}}
    assert only(definition, b" 23.4 ", "foreign/gw/b").values == {"b": 23.4}
    (other,) = decode(definition, b"23.4", "foreign/gw/c")
    (none,) = decode(definition, b"23.4", "foreign/gw")
    assert [each.reason for each in (other, none) if isinstance(each, Reject)] == [Reason.NO_VALUES] * 2


@pytest.mark.parametrize(
    ("payload", "online"), [(b"Online", True), (b"Offline\n", False), (b"1", True), (b"false", False)]
)
def test_births_and_wills_may_be_mapped(payload: bytes, online: bool) -> None:
    definition = {"payload": "text", "online": {"path": "$", "words": {"Online": 1, "Offline": 0}}}
    (found,) = decode(definition, payload)
    assert isinstance(found, Status)
    assert (found.device, found.online) == ("gw", online)


@pytest.mark.parametrize("payload", [b"", b"perhaps", b"2", b"{}", b"\xff"])
def test_a_will_that_says_neither_is_unreadable(payload: bytes) -> None:
    definition = {"payload": "text", "online": {"path": "$", "words": {"Online": 1}}}
    assert reasons(definition, payload) == [Reason.UNREADABLE]


@pytest.mark.parametrize("payload", [b"", b"on", b"{", b"\xff"])
def test_what_should_be_json_and_is_not_is_unreadable(payload: bytes) -> None:
    assert reasons({"values": {"x": {"path": "$"}}}, payload) == [Reason.UNREADABLE]


@pytest.mark.parametrize("device", [{"path": "id"}, {"level": 5}])
def test_without_a_device_there_is_nothing_to_store(device: dict[str, Any]) -> None:
    assert reasons({"device": device, "values": {"x": {"path": "x"}}}, {"x": 1, "id": 5}) == [Reason.UNREADABLE]


def test_the_first_mapping_whose_filter_takes_the_topic_in_reads_it() -> None:
    one = mapping("foreign/+", {"device": {"level": 1}, "values": {"one": {"path": "x"}}})
    other = mapping("foreign/#", {"device": {"level": 1}, "values": {"other": {"path": "x"}}})
    (found,) = Decoder().decode(Packet("foreign/gw", b'{"x":1}', NOW), [one, other])
    assert isinstance(found, Telemetry)
    assert found.values == {"one": 1.0}


# --- the ready-made ones --------------------------------------------------------------------------------------

SHANGHAI = instant(datetime(2026, 3, 2, 16, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai")))
Told = tuple[str, int | None, dict[str, float], dict[str, str] | None] | tuple[str, bool]

READY: list[tuple[str, str, str, Told]] = [
    (
        "zigbee2mqtt",
        "zigbee2mqtt/boiler room",
        (
            '{"battery":97,"humidity":60.14,"last_seen":"2026-03-02T08:00:00.000Z","linkquality":84,"pressure":1013.2,'
            '"temperature":21.37,"voltage":2985,"update":{"state":"idle"}}'
        ),
        (
            "boiler room",
            NOW,
            {"temperature": 21.37, "humidity": 60.14, "pressure": 1013.2, "battery": 2985.0},
            {"temperature": "Cel", "humidity": "%", "pressure": "hPa", "battery": "mV"},
        ),
    ),
    (
        "zigbee2mqtt",
        "zigbee2mqtt/0x00158d0004a1b2c3",
        '{"battery":100,"battery_low":false,"linkquality":120,"smoke":true,"tamper":false}',
        ("0x00158d0004a1b2c3", None, {"smoke_alarm": 1.0}, None),
    ),
    ("zigbee2mqtt-availability", "zigbee2mqtt/boiler room/availability", '{"state":"offline"}', ("boiler room", False)),
    (
        "tasmota",
        "tele/tasmota_5A3F10/SENSOR",
        '{"Time":"2026-03-02T16:00:05","AM2301":{"Temperature":20.8,"Humidity":54.0,"DewPoint":11.2},"TempUnit":"C"}',
        (
            "tasmota_5A3F10",
            SHANGHAI,
            {"temperature": 20.8, "humidity": 54.0},
            {"temperature": "C", "humidity": "%"},
        ),
    ),
    (
        "tasmota",
        "tele/attic/SENSOR",
        (
            '{"Time":"2026-03-02T16:00:05","BME280":{"Temperature":71.2,"Humidity":40.1,"DewPoint":45.6,"Pressure":29.91},'
            '"PressureUnit":"inHg","TempUnit":"F"}'
        ),
        (
            "attic",
            SHANGHAI,
            {"temperature": 71.2, "humidity": 40.1, "pressure": 29.91},
            {"temperature": "F", "humidity": "%", "pressure": "inHg"},
        ),
    ),
    (
        "tasmota-state",
        "tele/attic/STATE",
        (
            '{"Time":"2026-03-02T16:00:05","Uptime":"1T03:04:05","Heap":25,"POWER":"ON","Wifi":{"AP":1,"SSId":"x",'
            '"RSSI":62,"Signal":-69}}'
        ),
        ("attic", SHANGHAI, {"power": 1.0, "rssi": -69.0}, {"rssi": "dBm"}),
    ),
    ("tasmota-will", "tele/attic/LWT", "Offline", ("attic", False)),
    (
        "shelly-gen1",
        "shellies/shellyht-CC2D12/sensor/temperature",
        "23.45",
        ("shellyht-CC2D12", None, {"temperature": 23.45}, {"temperature": "Cel"}),
    ),
    (
        "shelly-gen1",
        "shellies/shellyflood-764F8E/sensor/flood",
        "true",
        ("shellyflood-764F8E", None, {"flood": 1.0}, None),
    ),
    ("shelly-gen1-online", "shellies/shellyflood-764F8E/online", "true", ("shellyflood-764F8E", True)),
    (
        "shelly-gen2",
        "shellyplusht-08b61fcb7f3c/events/rpc",
        (
            '{"src":"shellyplusht-08b61fcb7f3c","dst":"shellyplusht-08b61fcb7f3c/events","method":"NotifyFullStatus",'
            '"params":{"ts":1772438400.00,"devicepower:0":{"id":0,"battery":{"V":5.83,"percent":91},'
            '"external":{"present":false}},"humidity:0":{"id":0,"rh":51.4},"temperature:0":{"id":0,"tC":22.6,"tF":72.7},'
            '"wifi":{"sta_ip":"192.168.1.20","status":"got ip","rssi":-58}}}'
        ),
        (
            "shellyplusht-08b61fcb7f3c",
            NOW,
            {"temperature": 22.6, "humidity": 51.4, "battery": 5.83},
            {"temperature": "Cel", "humidity": "%", "battery": "V"},
        ),
    ),
    (
        "shelly-gen2",
        "shellyplussmoke-a0a3b3c4d5e6/events/rpc",
        (
            '{"src":"shellyplussmoke-a0a3b3c4d5e6","dst":"shellyplussmoke-a0a3b3c4d5e6/events","method":"NotifyStatus",'
            '"params":{"ts":1772438400.00,"smoke:0":{"id":0,"alarm":true,"mute":false}}}'
        ),
        ("shellyplussmoke-a0a3b3c4d5e6", NOW, {"smoke_alarm": 1.0}, None),
    ),
    ("shelly-gen2-online", "shellyplusht-08b61fcb7f3c/online", "false", ("shellyplusht-08b61fcb7f3c", False)),
    (
        "stafford",
        "foreign/stafford/0e:9c:00:4c:1c:51",
        (
            '{"data":{"co":0.0117,"humidity":73.8,"light":false,"lpg":0.0143,"motion":true,"smoke":0.0397,"temp":18.9},'
            '"device_id":"0e:9c:00:4c:1c:51","ts":1772438400.5,"device":"iot-device-01"}'
        ),
        (
            "0e:9c:00:4c:1c:51",
            NOW + 500_000,
            {
                "temperature": 18.9,
                "humidity": 73.8,
                "carbon_monoxide": 0.0117,
                "gas": 0.0143,
                "smoke": 0.0397,
                "light": 0.0,
                "motion": 1.0,
            },
            {"temperature": "Cel", "humidity": "%RH"},
        ),
    ),
]


@pytest.mark.parametrize(
    ("name", "topic", "payload", "expected"), READY, ids=[f"{each[0]}-{each[1]}" for each in READY]
)
def test_a_ready_made_mapping_reads_what_its_device_sends(name: str, topic: str, payload: str, expected: Told) -> None:
    document = catalogue.mapping(name)
    by = mapping(document["topic_filter"], document["definition"])
    (found,) = Decoder().decode(Packet(topic, payload.encode(), NOW), [by])
    if isinstance(found, Status):
        assert (found.device, found.online) == expected
    else:
        assert isinstance(found, Telemetry), found
        assert (found.device, found.at, found.values, found.units) == expected


def test_every_ready_made_mapping_is_tried() -> None:
    assert {each["name"] for each in read("mappings")} == {name for name, *_ in READY}


def test_a_mapping_that_nobody_made_is_not_found() -> None:
    with pytest.raises(NotFound):
        catalogue.mapping("nobody's")


def test_the_real_messages_are_read_whole(shared_data: Path) -> None:
    document = catalogue.mapping("stafford")
    by = mapping(document["topic_filter"], document["definition"])
    decoder = Decoder()
    with (shared_data / "stafford_mqtt" / "messages.jsonl").open("rb") as lines:
        for line in lines:
            sent = json.loads(line)
            (found,) = decoder.decode(Packet("foreign/stafford/x", line, NOW), [by])
            assert isinstance(found, Telemetry)
            assert found.at == round(sent["ts"] * 1_000_000)
            assert list(found.values.values()) == [
                float(sent["data"][name]) for name in ("temp", "humidity", "co", "lpg", "smoke", "light", "motion")
            ]


def test_a_zone_is_that_of_a_place_with_summer_time_too() -> None:
    time = ISO | {"zone": "Europe/Berlin"}
    for sent, utc in (("2026-07-01T12:00:00", 10), ("2026-01-01T12:00:00", 11)):
        found = only({"time": time, "values": {"x": {"path": "x"}}}, {"t": sent, "x": 1})
        assert found.at == instant(datetime.fromisoformat(sent).replace(hour=utc, tzinfo=UTC))
