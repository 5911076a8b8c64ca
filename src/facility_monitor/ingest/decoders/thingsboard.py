"""Telemetry as devices and gateways send it to ThingsBoard (its MQTT device API and MQTT gateway API).

``tb/{device}/v1/devices/me/telemetry``: an object ``{"ts": <epoch ms>, "values": {...}}``, the bare values
``{"temperature": 42.2}``, or a list of either. ThingsBoard knows the device by its account; here the device must stand
in the topic, which is for a bridge to put there (in mosquitto.conf, ``topic "" in 1 tb/dev-1/`` and the like). Without
it the message is a reject.

``v1/gateway/telemetry``: ``{"Device A": [{"ts": ..., "values": {...}}, ...], "Device B": [...]}``.
``v1/gateway/connect`` and ``v1/gateway/disconnect``: ``{"device": "Device A"}``.

Devices are known by their code or their address, which may be any name. Values that are neither numbers nor booleans
are rejects, each for itself, and the others of the message are stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status
from facility_monitor.ingest.decoders import house

_ME = "v1/devices/me/telemetry"
_GATEWAY = ("v1/gateway/telemetry", "v1/gateway/connect", "v1/gateway/disconnect")


def speaks(topic: str) -> bool:
    """Whether ``topic`` is one of ThingsBoard's."""
    if topic in _GATEWAY or topic == _ME:
        return True
    levels = topic.split("/")
    return len(levels) == 6 and levels[0] == "tb" and topic.endswith(f"/{_ME}")


def decode(packet: Packet) -> Sequence[Decoded]:
    """The telemetry, or the status of a device, that a packet under such a topic brings."""
    try:
        document = orjson.loads(packet.payload)
    except orjson.JSONDecodeError as error:
        return [Reject(packet, Reason.UNREADABLE, str(error))]
    if packet.topic == "v1/gateway/telemetry":
        return _gateway(packet, document)
    if packet.topic in _GATEWAY:
        return [_status(packet, document, online=packet.topic.endswith("/connect"))]
    if packet.topic == _ME:
        return [Reject(packet, Reason.UNKNOWN_DEVICE, "the topic names no device: a bridge has to add it")]
    return _telemetry(packet, packet.topic.split("/")[1], document)


def _gateway(packet: Packet, document: object) -> list[Decoded]:
    if not isinstance(document, dict) or not document:
        return [Reject(packet, Reason.UNREADABLE, 'must be {"<device>": [...], ...}')]
    return [decoded for device, sent in document.items() for decoded in _telemetry(packet, device, sent)]


def _telemetry(packet: Packet, device: str, sent: object) -> list[Decoded]:
    documents = sent if isinstance(sent, list) else [sent]
    if not documents:
        return [Reject(packet, Reason.NO_VALUES, f"{device[:128]!r}: an empty list")]
    decoded: list[Decoded] = []
    for document in documents:
        if not isinstance(document, dict):
            decoded.append(Reject(packet, Reason.UNREADABLE, "must be an object, or a list of them"))
        elif isinstance(document.get("values"), dict):
            decoded += house.telemetry(packet, None, device, document)
        else:
            decoded += house.telemetry(packet, None, device, {"values": document})
    return decoded


def _status(packet: Packet, document: object, *, online: bool) -> Decoded:
    device = document.get("device") if isinstance(document, dict) else None
    if not isinstance(device, str) or not device:
        return Reject(packet, Reason.UNREADABLE, 'must be {"device": "<name>"}')
    return Status(None, device, online, packet)
