"""The plant as the ingest sees it: which device speaks for which points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.reading.balance import NOBODY, Holder
from facility_monitor.domain.reading.mapping import PayloadMapping

RESERVED_CODES = frozenset({"facility-monitor", "simulators"})
"""Accounts at the broker with rights of their own (mosquitto.acl): no device may bear such a code."""


@dataclass(frozen=True, slots=True)
class Point:
    """One measured quantity of one piece of equipment, its SenML unit, and the rules that watch it, bound to it."""

    id: int
    equipment_id: int
    site_id: int
    rules: tuple[Rule, ...] = ()
    unit: str = "1"
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A sensor, a controller or a gateway. ``points`` maps the key in its messages to the point."""

    id: int
    code: str
    site: str
    points: Mapping[str, Point]
    slot: int = 0
    """Whose worker evaluates its points: its site's."""


@dataclass(frozen=True, slots=True)
class Plant:
    """All devices at one ``revision`` of the configuration, by code and by foreign address, sites and mappings."""

    revision: int = -1
    devices: Mapping[str, Device] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)
    """The id of each site, by its code."""
    slots: Mapping[str, int] = field(default_factory=dict)
    """The slot of each site, by its code."""
    mappings: tuple[PayloadMapping, ...] = ()

    def holder(self, site: str | None, device: str | None) -> Holder:
        """Whose account values of ``device`` at ``site`` are entered under."""
        known = self.devices.get(device) if device is not None else None
        if known is not None:
            return known.id
        return -self.sites.get(site, NOBODY) if site is not None else NOBODY

    def points(self) -> dict[int, Point]:
        """Every point by id."""
        return {point.id: point for device in set_of(self.devices) for point in device.points.values()}

    def devices_of(self, slot: int) -> list[Device]:
        """The devices whose points that slot evaluates."""
        return [device for device in set_of(self.devices) if device.slot == slot]


def set_of(devices: Mapping[str, Device]) -> list[Device]:
    """Each device once, though it may stand under its code and its address."""
    return list({device.id: device for device in devices.values()}.values())
