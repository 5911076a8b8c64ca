"""What every decoder promises for any bytes under any topic, as one function; the fuzzers hold them to it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from facility_monitor import catalogue
from facility_monitor.domain.instant import EARLIEST, LATEST
from facility_monitor.domain.reading.mapping import PayloadMapping, mapping
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import Decoder

NOW = 1_772_438_400_000_000

_VALUES = {
    "a": {"path": "a", "unit": {"path": "u"}},
    "b": {"path": "*.b", "words": {"ON": 1, "OFF": 0}, "scale": 1e200},
    "whole": {"path": "$"},
}
MAPPINGS: list[PayloadMapping] = [
    *(mapping(each["topic_filter"], each["definition"]) for each in catalogue.read("mappings")),
    mapping("map/json", {"device": {"level": 1}, "values": _VALUES}),
    mapping("map/text", {"payload": "text", "device": {"level": 1}, "values": _VALUES}),
    mapping(
        "map/each",
        {
            "each": "rows",
            "device": {"path": "id"},
            "time": {"path": "t", "unit": "ms", "optional": True},
            "sequence": {"path": "n"},
            "values": _VALUES,
        },
    ),
    mapping(
        "map/iso",
        {
            "device": {"path": "*.id"},
            "time": {"path": "t", "unit": "iso8601", "zone": "Europe/Berlin"},
            "values": _VALUES,
        },
    ),
    mapping("map/+/online", {"device": {"level": 1}, "online": {"path": "$", "words": {"up": 1}}}),
]

TOPICS = (
    "facility/hill/dr-1-env/telemetry",
    "facility/hill/dr-1-env/senml",
    "facility/hill/dr-1-env/status",
    "senml/gateway",
    "tb/dev-1/v1/devices/me/telemetry",
    "v1/devices/me/telemetry",
    "v1/gateway/telemetry",
    "v1/gateway/connect",
    "spBv1.0/Plant/NBIRTH/edge-1",
    "spBv1.0/Plant/NDATA/edge-1",
    "spBv1.0/Plant/NDEATH/edge-1",
    "spBv1.0/Plant/DBIRTH/edge-1/plc-1",
    "spBv1.0/Plant/DDATA/edge-1/plc-1",
    "spBv1.0/Plant/DDEATH/edge-1/plc-1",
    "zigbee2mqtt/lamp",
    "tele/plug/SENSOR",
    "tele/plug/LWT",
    "shellies/ht/sensor/temperature",
    "shellyplusht/events/rpc",
    "foreign/stafford/x",
    "map/json",
    "map/text",
    "map/each",
    "map/iso",
    "map/x/online",
    "nobody/knows",
)


def keep(decoder: Decoder, topic: str, payload: bytes) -> None:
    """Decode, and fail where a promise is broken."""
    packet = Packet(topic, payload, NOW)
    found = decoder.decode(packet, MAPPINGS)
    assert len(found) >= 1, "a packet without a trace"
    check(packet, found)
    for to, asked in decoder.requests():
        assert to.startswith("spBv1.0/")
        assert len(asked) < 100


def check(packet: Packet, found: Iterable[Decoded]) -> None:
    for each in found:
        assert each.packet is packet
        if isinstance(each, Reject):
            assert each.reason is not Reason.NOT_PROCESSED, each.detail
            each.detail.encode()
            assert len(each.detail) < 1000
        elif isinstance(each, Status):
            assert type(each.device) is str
            assert type(each.online) is bool
        else:
            _check_telemetry(each)


def _check_telemetry(each: Telemetry) -> None:
    each.device.encode()
    assert each.values
    assert each.at is None or (type(each.at) is int and EARLIEST <= each.at <= LATEST)
    assert each.sequence is None or (type(each.sequence) is int and 0 <= each.sequence < 1 << 63)
    for key, value in each.values.items():
        assert type(value) is float, value
        assert math.isfinite(value), value
        key.encode()
    for key, unit in (each.units or {}).items():
        assert key in each.values
        assert type(unit) is str
