"""From a packet's bytes to telemetry: one file a format, chosen here by topic.

A decoder never raises: whatever the bytes are, they end as telemetry, a status or a reject.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from facility_monitor.domain.mapping import PayloadMapping, mapped, matches
from facility_monitor.domain.telemetry import Decoded, Packet, Reason, Reject
from facility_monitor.ingest import topics
from facility_monitor.ingest.decoders import house


def decode(packet: Packet, mappings: Sequence[PayloadMapping]) -> Sequence[Decoded]:
    """What ``packet`` says. The house's own topics come first, then the first mapping whose filter takes it in."""
    address = topics.parse(packet.topic)
    if address is not None:
        return house.decode(packet, address)
    for mapping in mappings:
        if matches(mapping.topic_filter, packet.topic):
            try:
                document = orjson.loads(packet.payload)
            except orjson.JSONDecodeError as error:
                return [Reject(packet, Reason.UNREADABLE, str(error))]
            return mapped(mapping, packet, document)
    return [Reject(packet, Reason.UNKNOWN_TOPIC, "neither ours nor in any mapping")]
