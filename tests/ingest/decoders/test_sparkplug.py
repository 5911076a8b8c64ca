"""Sparkplug B: births, aliases, gaps, deaths, history, and what an edge node is asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.ingest.decoders import sparkplug as under_test
from facility_monitor.ingest.decoders.sparkplug import Sparkplug
from tests.ingest.decoders import edge
from tests.ingest.decoders.edge import metric, payload, session

NOW = 1_772_438_400_000_000
AT = NOW // 1000


class Host:
    """A decoder, and the seconds that pass."""

    def __init__(self) -> None:
        self.decoder = Decoder()
        self.seconds = 0.0

    def hear(self, kind: str, content: bytes, device: str | None = None) -> Sequence[Decoded]:
        topic = f"spBv1.0/Plant/{kind}/edge-1" + (f"/{device}" if device else "")
        return self.decoder.decode(Packet(topic, content, NOW + round(self.seconds * 1e6)), ())

    def values(self, kind: str, content: bytes, device: str | None = None) -> dict[str, float]:
        told: dict[str, float] = {}
        for each in self.hear(kind, content, device):
            assert not isinstance(each, Reject), each
            if isinstance(each, Telemetry):
                told |= each.values
        return told

    def reasons(self, kind: str, content: bytes, device: str | None = None) -> list[tuple[Reason, str]]:
        return [(each.reason, each.detail) for each in self.hear(kind, content, device) if isinstance(each, Reject)]

    def asked(self) -> int:
        """How often births have been asked for since the last call."""
        return len(self.decoder.requests())


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def born(host: Host) -> Host:
    """After the births of an edge node and of one device, seq 0 and 1."""
    host.hear("NBIRTH", payload(session(3), metric("load", 0.5, alias=1)))
    host.hear("DBIRTH", payload(metric("pressure", 4.5, alias=2, properties={"engUnit": "bar"}), seq=1), "plc-1")
    assert host.asked() == 0
    return host


def test_the_published_vectors(shared_data: Path, host: Host) -> None:
    vectors = json.loads((shared_data / "sparkplug" / "vectors.json").read_text())["vectors"]
    content = {each["name"]: base64.b64decode(each["b64"]) for each in vectors}
    sent_at = 1_750_855_643_474_000

    birth = host.hear("NBIRTH", content["NBIRTH_V1"])
    assert [type(each).__name__ for each in birth] == ["Status", "Telemetry"]
    assert isinstance(birth[1], Telemetry)
    assert birth[1][:5] == (None, "Plant/edge-1", sent_at, None, {"Temperature": 21.5})
    assert host.values("NDATA", content["NDATA_V1"]) == {"Temperature": 22.5}
    assert host.asked() == 0
    assert host.values("NDATA", content["NDATA_GAP"]) == {"Temperature": 27.0}
    assert host.asked() == 1


def test_a_birth_brings_a_device_online_and_its_values_in_their_units(host: Host) -> None:
    host.hear("NBIRTH", payload(session(0)))
    found = host.hear("DBIRTH", payload(metric("p", 4.5, properties={"engUnit": "bar"}), seq=1), "plc-1")
    status, telemetry = found
    assert isinstance(status, Status)
    assert (status.device, status.online, status.behind) == ("Plant/edge-1/plc-1", True, False)
    assert isinstance(telemetry, Telemetry)
    assert (telemetry.device, telemetry.values, telemetry.units) == ("Plant/edge-1/plc-1", {"p": 4.5}, {"p": "bar"})
    assert host.asked() == 0


def test_data_uses_the_aliases_types_and_units_of_the_birth(born: Host) -> None:
    (found,) = born.hear("DDATA", payload(metric(None, 4.6, alias=2, told=False), seq=2), "plc-1")
    assert isinstance(found, Telemetry)
    assert (found.values, found.units) == ({"pressure": 4.6}, {"pressure": "bar"})
    assert born.values("DDATA", payload(metric("pressure", 4.7, told=False), seq=3), "plc-1") == {"pressure": 4.7}
    assert born.asked() == 0


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        (edge.INT8, -128),
        (edge.INT8, 127),
        (edge.INT16, -2),
        (edge.INT32, -(2**31)),
        (edge.INT64, -(2**63)),
        (edge.UINT8, 255),
        (edge.UINT16, 65535),
        (edge.UINT32, 2**32 - 1),
        (edge.UINT64, 2**64 - 1),
        (edge.FLOAT, 0.5),
        (edge.DOUBLE, -1.1),
        (edge.BOOLEAN, 1),
        (edge.BOOLEAN, 0),
        (edge.DATE_TIME, 1_772_438_400_000),
    ],
)
def test_every_numeric_data_type_is_a_value(host: Host, datatype: int, value: float) -> None:
    assert host.values("NBIRTH", payload(metric("m", value, datatype))) == {"m": float(value)}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (edge.number(4, edge.INT8) + edge.number(10, 0xFF), -1.0),  # cut to its own width
        (edge.number(4, edge.INT8) + edge.number(10, 0xFFFF_FFFF), -1.0),  # extended to the field's
        (edge.number(4, edge.INT32) + edge.number(10, 2**64 - 1), -1.0),  # as protobuf writes a negative int32
        (edge.number(4, edge.INT32) + edge.number(11, 2**64 - 1), -1.0),
        (edge.number(4, edge.UINT32) + edge.number(11, 7), 7.0),  # where older encoders put it
        (edge.number(4, edge.INT8) + edge.number(10, 0x1FF), None),
        (edge.number(4, edge.UINT8) + edge.number(10, 256), None),
        (edge.number(4, edge.BOOLEAN) + edge.number(10, 1), None),
        (edge.number(10, 7), None),  # of no type, so that its sign is not known
        (edge.number(14, 1), 1.0),
    ],
)
def test_signs_and_widths(host: Host, content: bytes, value: float | None) -> None:
    found = host.hear("NBIRTH", payload(edge.data(1, b"m") + content))[1]
    if value is None:
        assert isinstance(found, Reject)
        assert found.reason is Reason.BAD_VALUE
    else:
        assert isinstance(found, Telemetry)
        assert found.values == {"m": value}


def test_a_date_is_told_in_milliseconds(host: Host) -> None:
    found = host.hear("NBIRTH", payload(metric("since", 5000, edge.DATE_TIME)))[1]
    assert isinstance(found, Telemetry)
    assert found.units == {"since": "ms"}


@pytest.mark.parametrize(
    "wrong",
    [
        metric("m", "text", edge.STRING),
        metric("m", None, null=True),
        metric("m", 1.0, null=True),
        metric("m", None),
        metric("m", float("nan")),
        metric("m", float("inf"), edge.FLOAT),
        metric("m", 1.0, properties={"Quality": 0}),
        metric("m", 1.0, properties={"Quality": 500}),
        metric("m", None, 16) + edge.data(17, b"\x08\x01"),
    ],
)
def test_a_metric_without_a_good_number_is_a_reject_and_the_others_are_stored(born: Host, wrong: bytes) -> None:
    found = born.hear("NDATA", payload(wrong, metric(None, 0.75, alias=1), metric("n", 1.0), seq=2))
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"load": 0.75, "n": 1.0}]
    assert [each.reason for each in found if isinstance(each, Reject)] == [Reason.BAD_VALUE]


def test_a_good_quality_is_no_obstacle(host: Host) -> None:
    content = payload(metric("m", 1.0, properties={"Quality": 192, "engUnit": "Pa", "note": "x"}))
    assert host.values("NBIRTH", content) == {"m": 1.0}


def test_controls_and_the_session_are_not_measured(born: Host) -> None:
    controls = [metric("Node Control/Rebirth", 0, edge.BOOLEAN), metric("Device Control/Reboot", 0, edge.BOOLEAN)]
    assert born.reasons("NDATA", payload(session(1), *controls, seq=2)) == [
        (Reason.NO_VALUES, "no metric that is measured")
    ]


def test_each_metric_has_its_own_time_or_the_payloads(born: Host) -> None:
    content = payload(metric("a", 1.0, at=AT - 5000), metric("b", 2.0), metric("a", 3.0), at=AT, seq=2)
    told = [(each.at, each.values) for each in born.hear("NDATA", content) if isinstance(each, Telemetry)]
    assert told == [(NOW - 5_000_000, {"a": 1.0}), (NOW, {"b": 2.0, "a": 3.0})]
    (without,) = born.hear("NDATA", payload(metric("a", 1.0), at=None, seq=3))
    assert isinstance(without, Telemetry)
    assert without.at is None


def test_a_time_that_is_none_is_a_reject(born: Host) -> None:
    assert [reason for reason, _ in born.reasons("NDATA", payload(metric("a", 1.0, at=2**63), seq=2))] == ["bad_time"]


def test_historical_values_are_marked_and_kept_apart(born: Host) -> None:
    content = payload(metric("a", 1.0, historical=True), metric("a", 2.0), seq=2)
    told = [(each.historical, each.values) for each in born.hear("NDATA", content) if isinstance(each, Telemetry)]
    assert told == [(True, {"a": 1.0}), (False, {"a": 2.0})]


# --- what is asked for ----------------------------------------------------------------------------------------


def test_the_request_is_a_command_to_the_edge_node(host: Host) -> None:
    host.hear("NDATA", payload(metric("load", 1.0)))
    ((topic, content),) = host.decoder.requests()
    assert topic == "spBv1.0/Plant/NCMD/edge-1"
    fields = edge.read(content)
    assert fields[0] == (1, AT)
    assert [tag for tag, _ in fields] == [1, 2]
    assert edge.read(fields[1][1]) == [(1, b"Node Control/Rebirth"), (4, edge.BOOLEAN), (14, 1)]
    assert host.decoder.requests() == []


def test_after_a_restart_names_still_tell_and_aliases_wait_for_the_birth(host: Host) -> None:
    found = host.hear("NDATA", payload(metric("load", 0.5), metric(None, 1.0, alias=9), seq=77))
    assert [each.values for each in found if isinstance(each, Telemetry)] == [{"load": 0.5}]
    assert [each.reason for each in found if isinstance(each, Reject)] == [Reason.NOT_BORN]
    assert host.asked() == 1
    host.hear("NBIRTH", payload(session(3), metric("temp", 1.0, alias=9)))
    assert host.values("NDATA", payload(metric(None, 2.0, alias=9, told=False), seq=1)) == {"temp": 2.0}
    assert host.asked() == 0


def test_an_alias_that_the_births_did_not_tell_is_asked_for(born: Host) -> None:
    assert [reason for reason, _ in born.reasons("DDATA", payload(metric(None, 1.0, alias=99), seq=2), "plc-1")] == [
        Reason.NOT_BORN
    ]
    assert born.asked() == 1


def test_an_alias_is_its_own_speakers(born: Host) -> None:
    assert born.reasons("DDATA", payload(metric(None, 1.0, alias=1), seq=2), "plc-1")[0][0] is Reason.NOT_BORN


def test_a_device_that_was_not_born_is_asked_for(born: Host) -> None:
    assert born.reasons("DDATA", payload(metric(None, 1.0, alias=2), seq=2), "plc-2")[0][0] is Reason.NOT_BORN
    assert born.asked() == 1


def test_a_gap_asks_once_and_then_ever_more_seldom_until_the_birth_comes(born: Host) -> None:
    asked = []
    seq = 5
    for second in range(100):
        born.seconds = second
        assert born.values("NDATA", payload(metric(None, 1.0, alias=1), at=AT + second, seq=seq)) == {"load": 1.0}
        seq = (seq + 1) % 256
        if born.asked():
            asked.append(second)
    assert asked == [0, 5, 15, 35, 75]
    born.hear("NBIRTH", payload(session(3), metric("load", 0.5, alias=1), seq=0))
    born.seconds = 1000
    born.hear("NDATA", payload(metric(None, 1.0, alias=1), at=AT + 1000, seq=1))
    assert born.asked() == 0


def test_an_edge_node_that_goes_on_losing_messages_is_not_asked_at_every_loss(born: Host) -> None:
    asked = 0
    for second in range(60):
        born.seconds = second
        born.hear("NDATA", payload(metric("a", 1.0), at=AT + second, seq=9))
        asked += born.asked()
        born.hear("NBIRTH", payload(session(3), at=AT + second))
    assert asked == 4


def test_numbers_go_around_after_255(born: Host) -> None:
    for n in range(2, 600):
        born.hear("NDATA", payload(metric("a", 1.0), at=AT + n, seq=n % 256))
    assert born.asked() == 0


def test_all_messages_of_an_edge_node_and_its_devices_count_together(born: Host) -> None:
    born.hear("DDATA", payload(metric("a", 1.0), seq=2), "plc-1")
    born.hear("NDATA", payload(metric("a", 1.0), seq=3))
    born.hear("DDEATH", payload(seq=4), "plc-1")
    born.hear("DBIRTH", payload(metric("a", 1.0), seq=5), "plc-1")
    assert born.asked() == 0


def test_a_redelivery_is_no_gap(born: Host) -> None:
    messages = [payload(metric("a", float(n)), at=AT + n, seq=n) for n in range(2, 10)]
    for message in [*messages, *messages[4:], payload(metric("a", 1.0), at=AT + 10, seq=10)]:
        assert born.reasons("NDATA", message) == []
    assert born.asked() == 0


def test_a_missing_number_is_a_zero_left_out(host: Host) -> None:
    host.hear("NBIRTH", payload(session(0), seq=None))
    for n in range(1, 257):
        host.hear("NDATA", payload(metric("a", 1.0), at=AT + n, seq=n % 256 or None))
    assert host.asked() == 0


# --- deaths ---------------------------------------------------------------------------------------------------


def test_the_death_of_an_edge_node_is_that_of_all_behind_it(born: Host) -> None:
    (found,) = born.hear("NDEATH", payload(session(3), seq=None))
    assert isinstance(found, Status)
    assert (found.device, found.online, found.behind) == ("Plant/edge-1", False, True)
    assert born.reasons("DDATA", payload(metric(None, 1.0, alias=2), seq=2), "plc-1")[0][0] is Reason.NOT_BORN
    assert born.asked() == 1


def test_a_death_after_a_restart_counts_though_its_session_is_not_known(host: Host) -> None:
    (found,) = host.hear("NDEATH", payload(session(3), seq=None))
    assert isinstance(found, Status)


def test_the_death_of_an_old_session_does_not_end_the_new_one(born: Host) -> None:
    born.hear("NBIRTH", payload(session(4), metric("load", 0.5, alias=1)))
    assert born.reasons("NDEATH", payload(session(3), seq=None)) == [
        (Reason.BAD_SEQUENCE, "the death of session 3; 4 is alive")
    ]
    assert born.values("NDATA", payload(metric(None, 1.0, alias=1), seq=1)) == {"load": 1.0}


def test_the_death_of_a_device_is_its_own(born: Host) -> None:
    (found,) = born.hear("DDEATH", payload(seq=2), "plc-1")
    assert isinstance(found, Status)
    assert (found.device, found.online, found.behind) == ("Plant/edge-1/plc-1", False, False)
    assert born.values("NDATA", payload(metric(None, 1.0, alias=1), seq=3)) == {"load": 1.0}
    assert born.reasons("DDATA", payload(metric(None, 1.0, alias=2), seq=4), "plc-1")[0][0] is Reason.NOT_BORN


# --- bounds ---------------------------------------------------------------------------------------------------


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST_NODES", 3)
    monkeypatch.setattr(under_test, "MOST_METRICS", 20)
    decoder = Sparkplug()

    def birth(name: str, metrics: int) -> None:
        content = payload(*(metric(f"m{n}", 1.0, alias=n) for n in range(metrics)))
        decoder.decode(Packet(f"spBv1.0/g/NBIRTH/{name}", content, NOW))

    def knows(name: str) -> bool:
        content = payload(metric(None, 1.0, alias=0), seq=1)
        found = decoder.decode(Packet(f"spBv1.0/g/NDATA/{name}", content, NOW))
        return any(isinstance(each, Telemetry) for each in found)

    for name in ("a", "b", "c", "d"):
        birth(name, 1)
    assert [knows(name) for name in ("b", "c", "d")] == [True, True, True]
    birth("b", 9)  # two a metric: its name and its alias
    assert knows("b")
    assert not knows("c")
    birth("e", 100)
    assert not knows("e")


def test_a_birth_replaces_what_the_one_before_it_told(born: Host) -> None:
    for _ in range(3):
        born.hear("NBIRTH", payload(session(3), metric("heat", 0.5, alias=1)))
    assert born.values("NDATA", payload(metric(None, 1.0, alias=1), seq=1)) == {"heat": 1.0}


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("spBv1.0/Plant/NCMD/edge-1", Reason.UNKNOWN_TOPIC),
        ("spBv1.0/STATE/host", Reason.UNKNOWN_TOPIC),
        ("spBv1.0/Plant/NDATA/edge-1/plc-1", Reason.UNKNOWN_TOPIC),
        ("spBv1.0/Plant/DDATA/edge-1", Reason.UNKNOWN_TOPIC),
        ("spBv1.0/Plant/NDATA/", Reason.UNKNOWN_TOPIC),
        ("spBv1.0/Plant/NDATA/edge-1", Reason.UNREADABLE),
    ],
)
def test_anything_else_is_a_reject(topic: str, reason: Reason) -> None:
    (found,) = Decoder().decode(Packet(topic, b"\xff", NOW), ())
    assert isinstance(found, Reject)
    assert found.reason is reason


@pytest.mark.parametrize(
    "content",
    [
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # longer than what there is
        b"\x80" * 11,
        b"\x00\x00",  # field 0
        b"\x13",  # a group
        b"\x0f",  # wire type 7
        b"\x0a\x01a",  # the time as a string
        edge.data(2, edge.data(1, b"\xff")),  # a name that is not UTF-8
        edge.data(2, edge.data(4, b"x")),
        edge.data(2, edge.number(13, 1)),
        edge.data(2, edge.data(9, b"\x80")),
    ],
)
def test_what_is_no_payload_is_unreadable(host: Host, content: bytes) -> None:
    assert [reason for reason, _ in host.reasons("NBIRTH", content)] == [Reason.UNREADABLE]


def test_fields_that_are_not_needed_are_passed_over(host: Host) -> None:
    content = (
        payload(metric("m", 1.0) + edge.data(8, b"\xff") + edge.number(6, 1)) + edge.data(4, b"x") + edge.data(99, b"y")
    )
    assert host.values("NBIRTH", content) == {"m": 1.0}
