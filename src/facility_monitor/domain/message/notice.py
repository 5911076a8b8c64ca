"""What people are told: where, what, and what to do, in one glance at a locked screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from facility_monitor.domain.text import Text, said


@dataclass(frozen=True, slots=True)
class Notice:
    """A message before it has a person and a channel.

    ``kind`` is the ledger event that caused it. A later notice with the same ``tag`` replaces an earlier one on the
    same screen. ``path`` is where the app opens. ``value`` and ``limit`` are in ``unit``, a SenML unit; people see both
    times ``shown_scale`` in ``shown_unit``, with so many ``decimals`` (None: as many as there are). What was seen
    without a value stands in ``seen``.
    """

    kind: str
    tag: str
    severity: str
    life_safety: bool
    title: Text
    place: Text
    response: Text
    path: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    seen: Text = field(default_factory=dict)
    shown_unit: str | None = None
    shown_scale: float = 1.0
    decimals: int | None = None

    def headline(self, locale: str) -> str:
        """Place and what happened: the first line."""
        return f"{said(self.place, locale)} · {said(self.title, locale)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "tag": self.tag,
            "severity": self.severity,
            "life_safety": self.life_safety,
            "title": dict(self.title),
            "place": dict(self.place),
            "response": dict(self.response),
            "path": self.path,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit,
            "seen": dict(self.seen),
            "shown_unit": self.shown_unit,
            "shown_scale": self.shown_scale,
            "decimals": self.decimals,
        }

    @staticmethod
    def from_json(body: dict[str, Any]) -> Notice:
        return Notice(**body)
