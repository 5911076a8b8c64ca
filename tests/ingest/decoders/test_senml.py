"""SenML: the examples of RFC 8428 as the standard resolves them, and what its clauses forbid."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cbor2
import pytest

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Telemetry
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.ingest.decoders.senml_pack import parsed, resolved

NOW = 1_498_780_179_000_000
OWN = "facility/hill/dr-1-env/senml"
EXAMPLES = ("ex1", "ex2", "ex3", "ex4", "ex5", "ex6")


def decode(pack: Any, topic: str = OWN) -> Sequence[Decoded]:
    data = pack if isinstance(pack, bytes) else json.dumps(pack).encode()
    return Decoder().decode(Packet(topic, data, NOW), ())


def told(pack: Any, topic: str = OWN) -> list[tuple[str, str, float, str | None, float]]:
    """(device, key, value, unit, seconds after NOW) of each value; nothing may be rejected."""
    found = []
    for each in decode(pack, topic):
        assert isinstance(each, Telemetry), each
        assert each.at is not None
        assert each.units is not None
        for key, value in each.values.items():
            found.append((each.device, key, value, each.units.get(key), (each.at - NOW) / 1e6))
    return found


def reasons(pack: Any, topic: str = OWN) -> list[Reason]:
    return [each.reason for each in decode(pack, topic) if isinstance(each, Reject)]


def as_standard(payload: bytes) -> list[dict[str, Any]]:
    """The records as the standard writes resolved ones; times in microseconds, since they are compared exactly."""
    found = []
    for name, unit, at, value, wrong in resolved(parsed(payload), NOW):
        assert wrong is None
        found.append({"n": name, **({} if unit is None else {"u": unit}), "t": at, "v": value})
    return found


def expected(folder: Path, example: str) -> list[dict[str, Any]]:
    records = json.loads((folder / f"{example}.gen.resolved.json").read_text())
    return [{**record, "t": round(record["t"] * 1e6)} for record in records]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("form", ["json", "gen.json", "gen.cbor", "gen.resolved.json"])
def test_the_examples_resolve_as_the_standard_says(shared_data: Path, example: str, form: str) -> None:
    file = shared_data / "senml" / f"{example}.{form}"
    if form == "gen.cbor" and not file.exists():
        file = shared_data / "senml" / f"{example}.gen.json"
        labels = {"bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "n": 0, "u": 1, "v": 2, "t": 6}
        records = [{labels[name]: value for name, value in record.items()} for record in json.loads(file.read_text())]
        payload = cbor2.dumps(records)
    else:
        payload = file.read_bytes()
    assert as_standard(payload) == expected(shared_data / "senml", example)


@pytest.mark.parametrize("form", ["json", "gen.cbor"])
def test_an_example_becomes_readings_of_the_topics_device(shared_data: Path, form: str) -> None:
    payload = (shared_data / "senml" / f"ex3.{form}").read_bytes()
    found = told(payload)
    assert [(key, value, unit) for _, key, value, unit, _ in found[:2]] == [
        ("voltage", 120.1, "V"),
        ("current", 1.7, "A"),
    ]
    assert sorted(value for _, key, value, _, _ in found if key == "current") == [1.2, 1.3, 1.4, 1.5, 1.6, 1.7]
    assert {device for device, *_ in found} == {"dr-1-env"}


def test_names_tell_the_device_where_the_topic_does_not(shared_data: Path) -> None:
    found = told((shared_data / "senml" / "ex6.json").read_bytes(), "senml/any/gateway")
    assert [each[:4] for each in found] == [
        ("2001:db8::2", "temperature", 25.2, "Cel"),
        ("2001:db8::2", "humidity", 30.0, "%RH"),
        ("2001:db8::1", "temperature", 12.3, "Cel"),
        ("2001:db8::1", "humidity", 67.0, "%RH"),
    ]


@pytest.mark.parametrize(
    ("name", "device", "key", "own_key"),
    [
        ("urn:dev:ow:10e2073a01080063", "urn:dev:ow:10e2073a01080063", "value", "value"),
        ("urn:dev:ow:10e2073a01080063:voltage", "urn:dev:ow:10e2073a01080063", "voltage", "voltage"),
        ("urn:dev:ow:10e2073a01080063:water_level", "urn:dev:ow:10e2073a01080063", "water_level", "water_level"),
        ("urn:dev:mac:0024befffe804ff1_water_level", "urn:dev:mac:0024befffe804ff1", "water_level", "water_level"),
        ("urn:dev:ow:10e2073a01080063/voltage", "urn:dev:ow:10e2073a01080063", "voltage", "voltage"),
        ("dr-1-env/humidity", "dr-1-env", "humidity", "humidity"),
        ("dr-1-env:humidity", "dr-1-env", "humidity", "humidity"),
        ("dr-1-env/probe/1", "dr-1-env/probe", "1", "probe/1"),
        ("dr-1-env", "", "dr-1-env", "value"),
        ("dr-1-environment/humidity", "dr-1-environment", "humidity", "humidity"),
        ("humidity", "", "humidity", "humidity"),
        ("hill/dr-2-env/humidity", "hill/dr-2-env", "humidity", "humidity"),
    ],
)
def test_a_name_means_a_device_and_a_key(name: str, device: str, key: str, own_key: str) -> None:
    pack = [{"n": name, "v": 1.5}]
    assert told(pack, "senml/gateway")[0][:2] == (device, key)
    assert told(pack)[0][:2] == ("dr-1-env", own_key)


def test_a_pack_is_known_by_its_content_under_the_topic_for_telemetry() -> None:
    topic = "facility/hill/dr-1-env/telemetry"
    pack = [{"bn": "dr-1-env/", "n": "humidity", "u": "%RH", "v": 61.2}]
    assert told(pack, topic) == told(pack) == [("dr-1-env", "humidity", 61.2, "%RH", 0.0)]
    binary = cbor2.dumps([{-2: "dr-1-env/", 0: "humidity", 1: "%RH", 2: 61.2}])
    assert told(binary, topic) == told(pack)
    (house,) = decode([{"n": 5, "v": 6}], topic)
    assert isinstance(house, Telemetry)
    assert house.values == {"n": 5.0, "v": 6.0}


def test_values_of_one_instant_are_one_telemetry_and_a_second_value_of_a_key_another() -> None:
    pack = [{"n": "a", "v": 1}, {"n": "b", "v": 2}, {"n": "a", "v": 3}, {"n": "a", "t": -1, "v": 4}]
    found = [each for each in decode(pack) if isinstance(each, Telemetry)]
    assert [(each.values, each.at) for each in found] == [
        ({"a": 1.0, "b": 2.0}, NOW),
        ({"a": 3.0}, NOW),
        ({"a": 4.0}, NOW - 1_000_000),
    ]


def test_base_values_hold_until_they_change() -> None:
    pack = [
        {"bn": "a/", "bu": "Cel", "bv": 20, "bt": -10, "n": "x", "v": 1.5},
        {"n": "y", "u": "K", "t": 5, "v": -1},
        {"bn": "b/", "bv": 0, "bt": 0},
        {"n": "x", "v": 2, "t": -0.25},
    ]
    assert told(pack, "senml/g") == [
        ("a", "x", 21.5, "Cel", -10.0),
        ("a", "y", 19.0, "K", -5.0),
        ("b", "x", 2.0, "Cel", -0.25),
    ]


def test_a_missing_value_counts_as_zero_where_there_is_a_base_value() -> None:
    assert told([{"bn": "a/", "bv": 20}, {"n": "x"}], "senml/g") == [("a", "x", 20.0, None, 0.0)]


def test_a_time_below_two_to_the_28_is_relative_and_one_from_there_on_absolute() -> None:
    assert told([{"n": "a", "t": -3600.5, "v": 1}])[0][4] == -3600.5
    assert told([{"n": "a", "t": 2**28 - 1, "v": 1}])[0][4] == 2**28 - 1
    (absolute,) = decode([{"n": "a", "bt": 2**28, "v": 1}])
    assert isinstance(absolute, Telemetry)
    assert absolute.at == 2**28 * 1_000_000


def test_booleans_count_as_one_and_zero() -> None:
    assert [value for _, _, value, _, _ in told([{"n": "a", "vb": True}, {"n": "b", "vb": False}])] == [1.0, 0.0]


def test_per_cent_is_the_plain_ratio_and_slash_100_is_per_cent() -> None:
    units = [unit for *_, unit, _ in told([{"n": "a", "u": "%", "v": 0.5}, {"n": "b", "u": "/100", "v": 50}])]
    assert units == ["/", "/100"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "x", "vs": "on"}, Reason.BAD_VALUE),
        ({"n": "x", "vd": "aGk"}, Reason.BAD_VALUE),
        ({"n": "x", "s": 12.5}, Reason.BAD_VALUE),
        ({"n": "x", "u": "Cel"}, Reason.BAD_VALUE),
        ({"n": "x", "v": "1"}, Reason.BAD_VALUE),
        ({"n": "x", "v": True}, Reason.BAD_VALUE),
        ({"n": "x", "vb": 1}, Reason.BAD_VALUE),
        ({"n": "x", "v": 1.5, "vs": "1.5"}, Reason.BAD_VALUE),
        ({"n": "x", "v": None}, Reason.BAD_VALUE),
        ({"n": "x", "v": 1, "t": "now"}, Reason.BAD_TIME),
        ({"n": "x", "v": 1, "t": 1e300}, Reason.BAD_TIME),
        ({"n": "x", "v": 1, "t": -1e12}, Reason.BAD_TIME),
        ({"n": "x", "v": 1, "u": 5}, Reason.UNKNOWN_UNIT),
        ({"n": "é", "v": 1}, Reason.UNREADABLE),
        ({"n": 5, "v": 1}, Reason.UNREADABLE),
        ({"n": ["x"], "v": 1}, Reason.UNREADABLE),
        ({"n": "x/", "v": 1}, Reason.UNREADABLE),
        ({"n": "a b", "v": 1}, Reason.UNREADABLE),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_record_does_not_cost_the_others(record: dict[str, Any], reason: Reason) -> None:
    found = decode([{"bn": "dr-1-env/"}, {"n": "good", "v": 1}, record])
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"good": 1.0}]
    assert [each.reason for each in found if isinstance(each, Reject)] == [reason]


@pytest.mark.parametrize(
    "pack",
    [
        [{"n": "a", "v": 1}, {"n": "b", "v": 1, "zone_": "x"}],
        [{"n": "a", "v": 1, "bver": 11}],
        [{"n": "a", "v": 1, "bver": 42}],
        [{"n": "a", "v": 1, "bver": 0}],
        [{"n": "a", "v": 1, "bver": 10.5}],
        [{"n": "a", "v": 1}, {"bn": 5, "n": "b", "v": 1}],
        [{"n": "a", "v": 1}, {"bt": "x", "n": "b", "v": 1}],
        [{"n": "a", "v": 1}, {"bv": None, "n": "b", "v": 1}],
        [{"n": "a", "v": 1}, {"bu": 1, "n": "b", "v": 1}],
        [{"n": "a", "v": 1}, "b"],
        [],
        {},
        5,
    ],
    ids=str,
)
def test_a_pack_is_refused_as_a_whole(pack: object) -> None:
    assert [type(each).__name__ for each in decode(pack)] == ["Reject"]
    assert reasons(pack) == [Reason.UNREADABLE]


@pytest.mark.parametrize("version", [1, 5, 10, 26])
def test_known_versions_and_unknown_labels_that_need_no_understanding_are_fine(version: int) -> None:
    pack = [{"bver": version, "n": "a", "v": 1, "zone": "x", "ut": 60, "s": 5}]
    assert [each[1:3] for each in told(pack)] == [("a", 1.0)]


def test_base_fields_alone_are_no_reading() -> None:
    assert reasons([{"bn": "a/", "bt": 5}]) == [Reason.NO_VALUES]


def test_a_decimal_fraction_is_a_number() -> None:
    decimal = bytes.fromhex("81a2 00 6161 02 c4 82 21 19 6ab3")  # 27315 x 10^-2
    assert told(decimal)[0][1:3] == ("a", 273.15)


@pytest.mark.parametrize(
    "payload",
    [
        bytes.fromhex("80"),
        bytes.fromhex("8100"),
        bytes.fromhex("81a2006161 0201 00"),  # something follows
        bytes.fromhex("9a20000000"),
        bytes.fromhex("9bffffffffffffffff"),
        b"\x81" * 100_000,
        bytes.fromhex("81a1 82 0001 01") + b"\0",
        bytes.fromhex("d81c81d81d00"),
    ],
    ids=lambda payload: payload[:8].hex(),
)
def test_cbor_that_is_no_pack_is_unreadable(payload: bytes) -> None:
    assert reasons(payload) == [Reason.UNREADABLE]


@pytest.mark.parametrize(
    "value",
    [
        b"\xfb" + struct.pack(">d", float("nan")),
        b"\xf9\x7c\x00",  # infinity
        b"\xf6",
        b"\xf7",
        bytes.fromhex("c2 58ff") + b"\xff" * 255,  # 2^2040 - 1
        bytes.fromhex("c4 82 1903e8 01"),  # 1e1000
    ],
    ids=lambda value: value[:6].hex(),
)
def test_a_value_in_cbor_that_is_no_finite_number_is_a_reject(value: bytes) -> None:
    found = decode(bytes.fromhex("82 a2 00 6161 02 01 a2 00 6162 02") + value)
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"a": 1.0}]
    assert [each.reason for each in found if isinstance(each, Reject)] == [Reason.BAD_VALUE]


@pytest.mark.parametrize("tag", [0, 1, 30, 35, 36, 37, 258])
def test_a_tag_that_senml_does_not_have_is_unreadable(tag: int) -> None:
    assert reasons(cbor2.dumps([{0: "a", 2: cbor2.CBORTag(tag, "x")}])) == [Reason.UNREADABLE]
