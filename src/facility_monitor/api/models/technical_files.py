"""Technical files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from facility_monitor.api.models.evidence import FileRefs, PhotoRef, RecordFile
from facility_monitor.api.models.fields import BigId, Id, Input, Line, Output, Prose, example
from facility_monitor.api.models.shared import EquipmentName, Named
from facility_monitor.api.models.upkeep import CheckPhoto
from facility_monitor.domain.fire.technical_file import TechnicalKind


class NewTechnicalFile(Input):
    model_config = example(
        equipment_id=1,
        kind="calibration",
        title="Smoke tester 4711, calibration",
        valid_from="2026-03-01",
        valid_until="2027-02-28",
        files=[{"sha256": "0" * 64, "purpose": "certificate"}],
    )
    equipment_id: Id | None = Field(None, description="of which piece; this, or the site as a whole")
    site_id: Id | None = None
    kind: TechnicalKind
    title: Line
    valid_from: date | None = None
    valid_until: date | None = Field(None, description="the last day; the managers are told 30 days before")
    remarks: Prose | None = None
    replaces: BigId | None = Field(None, description="the one that it takes the place of, which stays in the ledger")
    reason: Prose | None = Field(None, description="why it is replaced")
    photos: Annotated[list[PhotoRef], Field(max_length=20)] = Field(
        default_factory=list, description="of paper, plates or places: sent to POST /photos before"
    )
    files: FileRefs = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if (self.equipment_id is None) == (self.site_id is None):
            raise ValueError("say of which equipment_id or site_id it is, one of the two")
        return self


class TechnicalFile(Output):
    """Kept for ever."""

    id: int
    site_id: int
    equipment: EquipmentName | None = Field(description="null: of the whole site")
    kind: TechnicalKind
    title: str
    valid_from: date | None
    valid_until: date | None
    remarks: str | None
    replaces: int | None
    replaced_by: int | None
    reason: str | None
    submitted_by: Named
    submitted_at: datetime
    photos: list[CheckPhoto]
    files: list[RecordFile]
