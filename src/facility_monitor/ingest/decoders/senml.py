"""SenML (RFC 8428) in JSON and in CBOR: which device and which point its names mean.

Section 4.5.1 leaves the meaning of names to the application. Here it is:

- Under ``facility/{site}/{device}/...`` the device is the topic's, whatever the names say. A name ``{device}/{key}`` or
  ``{device}:{key}`` means that key; of any other name it is the last part that counts.
- Under ``senml/...`` a name's last part is the key, and what stands before it is the device's code or address.
- Parts are set apart by ``/`` or ``:``; in a device URN (``urn:dev:``, RFC 9039) a component after ``_`` is a part too.
  A name that is a device alone, such as ``urn:dev:ow:10e2073a01080063``, speaks of its key ``value``.

Values (``v``) and booleans (``vb``) become readings, in the unit that the record or its base names. Strings, data and
sums alone are rejects; ``ut`` has no effect.
"""

from __future__ import annotations

from collections.abc import Sequence

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Telemetry
from facility_monitor.domain.reading.unit import senml_unit
from facility_monitor.ingest.decoders import senml_pack
from facility_monitor.ingest.topics import Address

_ALONE = "value"


def is_pack(document: Sequence[object]) -> bool:
    """Whether a JSON list is a pack: its first record must have a name or a base name, and both are strings."""
    first = document[0]
    return isinstance(first, dict) and (isinstance(first.get("n"), str) or isinstance(first.get("bn"), str))


def decode(packet: Packet, address: Address | None) -> list[Decoded]:
    """Readings and rejects of a payload in JSON or CBOR; ``address`` is None where names tell the device."""
    try:
        document = senml_pack.parsed(packet.payload)
    except senml_pack.WrongPack as error:
        return [Reject(packet, Reason.UNREADABLE, str(error))]
    return read(packet, address, document)


def read(packet: Packet, address: Address | None, document: object) -> list[Decoded]:
    """Readings and rejects of a parsed pack: one telemetry for each device and instant."""
    site = address.site if address is not None else None
    gathered: dict[tuple[str, Instant], tuple[dict[str, float], dict[str, str]]] = {}
    decoded: list[Decoded] = []
    rejects: list[Decoded] = []
    meanings: dict[str, tuple[str, str]] = {}
    try:
        for name, unit, at, value, wrong in senml_pack.resolved(document, packet.received_at):
            if wrong is not None:
                rejects.append(Reject(packet, wrong[0], f"{name[:128]!r}: {wrong[1]}"))
                continue
            meaning = meanings.get(name)
            if meaning is None:
                meaning = meanings[name] = _meaning(name, address)
            device, key = meaning
            known = gathered.get((device, at))
            if known is None or key in known[0]:
                known = gathered[device, at] = {}, {}
                decoded.append(Telemetry(site, device, at, None, known[0], packet, known[1]))
            values, units = known
            values[key] = value
            if unit is not None:
                units[key] = senml_unit(unit)
    except senml_pack.WrongPack as error:
        return [Reject(packet, Reason.UNREADABLE, str(error))]
    return [*decoded, *rejects] or [Reject(packet, Reason.NO_VALUES, "only base values")]


def _meaning(name: str, address: Address | None) -> tuple[str, str]:
    """Device and key of ``name``."""
    device, key = _parts(name)
    if address is None:
        return device, key
    if name == address.device:
        return address.device, _ALONE
    if name.startswith((f"{address.device}/", f"{address.device}:")):
        return address.device, name[len(address.device) + 1 :]
    return address.device, key


def _parts(name: str) -> tuple[str, str]:
    """``name`` without its last part, and that part."""
    if name.startswith("urn:dev:") and name.count(":") == 3 and "/" not in name:
        device, _, key = name.partition("_")
        return device, key or _ALONE
    cut = max(name.rfind("/"), name.rfind(":"))
    return name[: max(cut, 0)], name[cut + 1 :]
