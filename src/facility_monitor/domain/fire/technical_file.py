"""Technical files: the papers of equipment and sites, which are kept for ever (GB 25201-2010 ch. 8-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

SOON = timedelta(days=30)
"""So long before its end the managers are told of a paper (P)."""


class TechnicalKind(StrEnum):
    TYPE_APPROVAL = "type_approval"
    """type approval, certificate of conformity"""
    AS_BUILT = "as_built"
    MANUAL = "manual"
    CALIBRATION = "calibration"
    """of an instrument: calibration or verification certificate"""
    TEST_REPORT = "test_report"
    CONTRACT = "contract"
    """of maintenance"""
    OTHER = "other"


class TechnicalEvent(StrEnum):
    ADDED = "technical_file_added"
    EXPIRES = "technical_file_expires"


@dataclass(frozen=True, slots=True)
class TechnicalFile:
    """What is written of a paper; both days are the site's own, and the last one is still inside."""

    kind: TechnicalKind
    title: str
    valid_from: date | None = None
    valid_until: date | None = None
    remarks: str | None = None

    def wrong(self) -> dict[str, str]:
        """What cannot be, by field."""
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            return {"valid_until": "lies before valid_from"}
        return {}

    def as_json(self) -> dict[str, Any]:
        days = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        return {
            "kind": self.kind.value,
            "title": self.title,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            "remarks": self.remarks,
        }
