"""Sparkplug B (Eclipse Sparkplug 3.0.0): ``spBv1.0/{group}/{message type}/{edge node}[/{device}]``.

An edge node's address is ``{group}/{edge node}``, a device's ``{group}/{edge node}/{device}``; a metric's name is the
key of a point. A birth tells names, types, units and aliases, data messages after it the aliases alone.

What is learned from births lives in memory and is gone after a restart. Where it is missing or in doubt (no birth was
heard, a sequence number is left out, an alias is unknown) the edge node is asked for its births (section 5.15): at
once, then ever more seldom until they come. A value whose alias is unknown is a reject meanwhile, to be replayed. A
known alias is trusted even after a gap: an edge node gives its aliases new meanings only in a session of its own, and
between two sessions stands a death, which is sent with QoS 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from facility_monitor.domain.instant import MILLISECOND, SECOND, Instant
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import sparkplug_payload
from facility_monitor.ingest.decoders.protobuf import WrongWire
from facility_monitor.ingest.decoders.sparkplug_payload import DATE_TIME, Metric, Payload

FIRST_WAIT: Instant = 5 * SECOND
"""How long an edge node that was asked for its births has until it is asked again; the wait doubles each time."""
LONGEST_WAIT: Instant = 600 * SECOND

MOST_NODES = 10_000
MOST_METRICS = 500_000
"""What is remembered at most; those that have been silent for longest are forgotten first."""

_OF_NODE = ("NBIRTH", "NDATA", "NDEATH")
_OF_DEVICE = ("DBIRTH", "DDATA", "DDEATH")
_DATA = ("NDATA", "DDATA")
_SESSION = "bdSeq"
_CONTROLS = ("Node Control/", "Device Control/")


class Request(NamedTuple):
    """Something to publish, with QoS 0 and not retained."""

    topic: str
    payload: bytes


class _Speaker(NamedTuple):
    group: str
    kind: str
    edge: str
    device: str | None

    @property
    def address(self) -> str:
        return f"{self.group}/{self.edge}" if self.device is None else f"{self.group}/{self.edge}/{self.device}"


class _Known(NamedTuple):
    """A metric as its birth told it."""

    name: str
    datatype: int
    unit: str | None


@dataclass(slots=True)
class _Node:
    """An edge node: its session, how far it has counted, and the metrics of its births by name and alias.

    ``since`` is when its session was first heard.
    """

    since: Instant = 0
    session: int | None = None
    born: bool = False
    doubtful: bool = False
    sequence: int = 0
    heard: dict[int, int | None] = field(default_factory=dict)
    metrics: dict[str | None, dict[int | str, _Known]] = field(default_factory=dict)
    asked_at: Instant | None = None
    wait: Instant = FIRST_WAIT

    def size(self) -> int:
        return sum(map(len, self.metrics.values()))


class Sparkplug:
    """The decoder of one slot, with its memory. Not for use by several threads."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], _Node] = {}
        self._metrics = 0
        self._requests: list[Request] = []

    def decode(self, packet: Packet) -> list[Decoded]:
        """Readings, statuses and rejects in a packet under ``spBv1.0/``; at least one of them."""
        speaker = _speaker(packet.topic)
        if speaker is None:
            return [Reject(packet, Reason.UNKNOWN_TOPIC, "no message that an edge node publishes")]
        try:
            payload = sparkplug_payload.parsed(packet.payload)
        except WrongWire as error:
            return [Reject(packet, Reason.UNREADABLE, str(error))]
        if speaker.kind == "NDEATH":
            return self._death(packet, speaker, payload)
        node = self._node(speaker, packet.received_at)
        if speaker.kind == "NBIRTH":
            self._metrics -= node.size()
            node.metrics.clear()
            if node.born and node.session != _session(payload):
                node.since = packet.received_at
            node.session, node.born, node.doubtful = _session(payload), True, False
            node.sequence = payload.sequence & 0xFF
            node.heard = {node.sequence: payload.sent_at}
        else:
            self._follow(node, payload)

        decoded: list[Decoded] = []
        if speaker.kind in ("NBIRTH", "DBIRTH"):
            self._learn(node, speaker, payload)
            decoded.append(Status(None, speaker.address, True, packet))
        elif speaker.kind == "DDEATH":
            self._metrics -= len(node.metrics.pop(speaker.device, ()))
            decoded.append(Status(None, speaker.address, False, packet))
        decoded += _values(packet, speaker, payload, node)
        if node.doubtful or not node.born:
            self._ask(node, speaker, packet.received_at)
        self._bound()
        return decoded or [Reject(packet, Reason.NO_VALUES, "no metric that is measured")]

    def decode_again(self, packet: Packet) -> list[Decoded]:
        """What a packet that has been here before says by what is known now. Nothing is learned from it.

        What a birth has told since is trusted only where no death was heard in between.
        """
        speaker = _speaker(packet.topic)
        if speaker is None:
            return [Reject(packet, Reason.UNKNOWN_TOPIC, "no message that an edge node publishes")]
        try:
            payload = sparkplug_payload.parsed(packet.payload)
        except WrongWire as error:
            return [Reject(packet, Reason.UNREADABLE, str(error))]
        if speaker.kind == "NDEATH":
            return [Status(None, speaker.address, False, packet, behind=True)]
        now = self._nodes.get((speaker.group, speaker.edge))
        trusted = now is not None and now.since <= packet.received_at and speaker.kind in _DATA
        node = _Node(metrics=now.metrics if now is not None and trusted else {})
        decoded: list[Decoded] = []
        if speaker.kind not in _DATA:
            decoded.append(Status(None, speaker.address, speaker.kind != "DDEATH", packet))
        return [*decoded, *_values(packet, speaker, payload, node)] or [
            Reject(packet, Reason.NO_VALUES, "no metric that is measured")
        ]

    def requests(self) -> list[Request]:
        """What has to be published since the last call: requests for births."""
        asked, self._requests = self._requests, []
        return asked

    def _node(self, speaker: _Speaker, at: Instant) -> _Node:
        """The edge node of ``speaker``, now the last in the order of being forgotten."""
        key = speaker.group, speaker.edge
        node = self._nodes.pop(key, None) or _Node(since=at)
        self._nodes[key] = node
        return node

    def _death(self, packet: Packet, speaker: _Speaker, payload: Payload) -> list[Decoded]:
        """The end of a session (section 5.5), unless it is of one that a newer birth has replaced."""
        key = speaker.group, speaker.edge
        node, session = self._nodes.get(key), _session(payload)
        if node is not None:
            if node.born and None not in (session, node.session) and session != node.session:
                detail = f"the death of session {session}; {node.session} is alive"
                return [Reject(packet, Reason.BAD_SEQUENCE, detail)]
            self._metrics -= self._nodes.pop(key).size()
        return [Status(None, speaker.address, False, packet, behind=True)]

    def _follow(self, node: _Node, payload: Payload) -> None:
        """Count along: a number left out puts the births in doubt (section 5.9), a message that comes again not."""
        sequence = payload.sequence & 0xFF
        if sequence != (node.sequence + 1) & 0xFF:
            if payload.sent_at is not None and node.heard.get(sequence) == payload.sent_at:
                return
            node.doubtful = True
        node.sequence = sequence
        node.heard[sequence] = payload.sent_at

    def _learn(self, node: _Node, speaker: _Speaker, payload: Payload) -> None:
        """Keep what a birth tells; whatever an earlier one of the same speaker told is over."""
        told: dict[int | str, _Known] = {}
        for metric in payload.metrics:
            if metric.name:
                known = told[metric.name] = _Known(metric.name, metric.datatype, metric.unit)
                if metric.alias is not None:
                    told[metric.alias] = known
        self._metrics += len(told) - len(node.metrics.get(speaker.device, ()))
        node.metrics[speaker.device] = told

    def _ask(self, node: _Node, speaker: _Speaker, at: Instant) -> None:
        """Ask for the births, unless that was done too short a time ago."""
        if node.asked_at is not None:
            passed = at - node.asked_at
            if 0 <= passed < node.wait:
                return
            node.wait = FIRST_WAIT if passed > 2 * LONGEST_WAIT else min(node.wait * 2, LONGEST_WAIT)
        node.asked_at = at
        topic = f"spBv1.0/{speaker.group}/NCMD/{speaker.edge}"
        self._requests.append(Request(topic, sparkplug_payload.rebirth(at // MILLISECOND)))

    def _bound(self) -> None:
        while len(self._nodes) > MOST_NODES or (self._metrics > MOST_METRICS and self._nodes):
            self._metrics -= self._nodes.pop(next(iter(self._nodes))).size()


def _speaker(topic: str) -> _Speaker | None:
    match topic.split("/"):
        case ["spBv1.0", group, kind, edge] if kind in _OF_NODE and group and edge:
            return _Speaker(group, kind, edge, None)
        case ["spBv1.0", group, kind, edge, device] if kind in _OF_DEVICE and group and edge and device:
            return _Speaker(group, kind, edge, device)
    return None


def _session(payload: Payload) -> int | None:
    """The number of the session that an edge node's birth or death is of."""
    found = [metric.raw for metric in payload.metrics if metric.name == _SESSION]
    return int(found[0]) if found else None


def _values(packet: Packet, speaker: _Speaker, payload: Payload, node: _Node) -> list[Decoded]:
    """The values of a message, gathered by their time, and a reject for each that is none."""
    known = node.metrics.get(speaker.device, {})
    remembered = speaker.kind in _DATA and bool(known)
    gathered: dict[tuple[Instant | None, bool], Telemetry] = {}
    decoded: list[Decoded] = []
    rejects: list[Decoded] = []
    for metric in payload.metrics:
        told = known.get(metric.name or (-1 if metric.alias is None else metric.alias))
        name = metric.name or (told.name if told is not None else "")
        if not name:
            node.doubtful = True
            rejects.append(Reject(packet, Reason.NOT_BORN, f"{speaker.address}: alias {metric.alias}: no birth heard"))
            continue
        if name == _SESSION or name.startswith(_CONTROLS):
            continue
        value, wrong = _value(metric, told)
        sent_at = payload.sent_at if metric.sent_at is None else metric.sent_at
        at = None if sent_at is None else sparkplug_payload.instant(sent_at)
        if value is None:
            rejects.append(Reject(packet, Reason.BAD_VALUE, f"{speaker.address}: {name[:128]}: {wrong}"))
        elif at is None and sent_at is not None:
            rejects.append(Reject(packet, Reason.BAD_TIME, f"{speaker.address}: {name[:128]}: {sent_at} is no time"))
        else:
            group = gathered.get((at, metric.historical))
            if group is None or name in group.values:
                group = Telemetry(None, speaker.address, at, None, {}, packet, {}, metric.historical, remembered)
                gathered[at, metric.historical] = group
                decoded.append(group)
            group.values[name] = value  # type: ignore[index]
            unit = metric.unit or (told.unit if told is not None else None)
            if unit is None and _datatype(metric, told) == DATE_TIME:
                unit = "ms"
            if unit is not None:
                group.units[name] = unit  # type: ignore[index]
    return [*decoded, *rejects]


def _datatype(metric: Metric, told: _Known | None) -> int:
    return metric.datatype or (told.datatype if told is not None else 0)


def _value(metric: Metric, told: _Known | None) -> tuple[float | None, str]:
    """The value of ``metric``, or what is wrong with it."""
    if metric.null is not None:
        return None, metric.null
    datatype = _datatype(metric, told)
    value = sparkplug_payload.value(metric, datatype)
    return value, f"not a number, a boolean or a time (data type {datatype}, field {metric.field})"
