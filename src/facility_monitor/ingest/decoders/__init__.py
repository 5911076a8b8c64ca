"""From a packet's bytes to telemetry: one file a format, chosen here by topic and, under the house's, by content.

=============================================  ==================================================
``facility/{site}/{device}/telemetry``         the house's JSON, SenML in JSON, SenML in CBOR
``facility/{site}/{device}/senml``             SenML in JSON or CBOR
``facility/{site}/{device}/status``            births and wills
``senml/#``                                    SenML of gateways: names tell the device
``tb/{device}/v1/devices/me/telemetry``        ThingsBoard, one device
``v1/gateway/telemetry``, connect, disconnect  ThingsBoard, devices behind a gateway
``spBv1.0/{group}/{type}/{edge}[/{device}]``   Sparkplug B
any other                                      the first mapping whose filter takes the topic in
=============================================  ==================================================
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from facility_monitor.domain.reading.mapping import PayloadMapping, matches
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Telemetry
from facility_monitor.ingest import topics
from facility_monitor.ingest.decoders import house, mapped, senml, thingsboard
from facility_monitor.ingest.decoders.sparkplug import Request, Sparkplug

log = logging.getLogger(__name__)


class Decoder:
    """The decoders of one slot, and what they have to remember between packets. Not for use by several threads."""

    def __init__(self) -> None:
        self._sparkplug = Sparkplug()

    def decode(self, packet: Packet, mappings: Sequence[PayloadMapping]) -> Sequence[Decoded]:
        """What ``packet`` says: at least one telemetry, status or reject. Never raises, whatever the bytes are."""
        return self._decode(packet, mappings, self._sparkplug.decode)

    def decode_again(self, packet: Packet, mappings: Sequence[PayloadMapping]) -> Sequence[Decoded]:
        """The same for a packet that has been here before; nothing is remembered of it."""
        return self._decode(packet, mappings, self._sparkplug.decode_again)

    def _decode(
        self, packet: Packet, mappings: Sequence[PayloadMapping], sparkplug: Callable[[Packet], Sequence[Decoded]]
    ) -> Sequence[Decoded]:
        try:
            address = topics.parse(packet.topic)
            if address is not None:
                decoded = house.decode(packet, address)
                return decoded if len(decoded) == 1 and type(decoded[0]) is Telemetry else _all_of(decoded, address)
            if packet.topic.startswith("spBv1.0/"):
                return sparkplug(packet)
            return _foreign(packet, mappings)
        except Exception as error:
            log.exception("a packet could not be decoded: topic %.200r", packet.topic)
            return [Reject(packet, Reason.NOT_PROCESSED, f"{type(error).__name__}: {error}")]

    def requests(self) -> list[Request]:
        """What the packets decoded since the last call ask to publish."""
        return self._sparkplug.requests()


def _all_of(decoded: Sequence[Decoded], address: topics.Address) -> Sequence[Decoded]:
    """The same; a reject says whose it is."""
    return [
        each._replace(site=address.site, device=address.device) if type(each) is Reject else each for each in decoded
    ]


def _foreign(packet: Packet, mappings: Sequence[PayloadMapping]) -> Sequence[Decoded]:
    topic = packet.topic
    if thingsboard.speaks(topic):
        return thingsboard.decode(packet)
    if topic.startswith("senml/"):
        return senml.decode(packet, None)
    for mapping in mappings:
        if matches(mapping.topic_filter, topic):
            return mapped.decode(packet, mapping)
    return [Reject(packet, Reason.UNKNOWN_TOPIC, "neither ours nor in any mapping")]
