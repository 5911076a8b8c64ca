"""An inspector's visit: the link, and what it shows first."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from facility_monitor.api.models.fields import Id, Input, Line, Output, Text, Time, example
from facility_monitor.api.models.shared import EquipmentName


class InspectionLink(Output):
    id: int
    site_id: int
    first: date
    last: date
    purpose: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class MadeInspectionLink(InspectionLink):
    token: str = Field(description="shown once; whoever has it reads the site and the period until it expires")
    url: str


class NewInspectionLink(Input):
    model_config = example(
        site_id=1,
        first="2025-03-01",
        last="2026-02-28",
        purpose="Yearly inspection by the fire brigade",
        expires_at="2026-04-01T00:00:00Z",
    )
    site_id: Id
    first: date
    last: date
    purpose: Line
    expires_at: Time


class MatrixCell(Output):
    """How many tasks of a month stand how; ``checks`` settled or judged them, or found a fault besides."""

    planned: int
    due: int
    done: int
    late: int
    overdue: int
    missed: int
    impaired: int
    waived: int = Field(description="not done, and a manager has said why it need not be made up for; not among missed")
    failed: int = Field(
        description="tasks whose newest check found a fault, and checks out of turn or after the last day that did"
    )
    checks: list[int] = Field(default_factory=list)


class MatrixRow(Output):
    equipment: EquipmentName
    place: Text
    cells: dict[str, MatrixCell] = Field(description="by month, such as 2026-03")


class Waived(Output):
    """What was not done in time, and need not be made up for."""

    duty: Text
    last: date = Field(description="by when it should have been done")
    equipment: list[str] = Field(description="the codes of the pieces")
    reason: str
    by: str
    at: datetime


class InspectedEntry(Output):
    position: int
    hash: str
    at: datetime


class Inspection(Output):
    """Completeness first; from here down to the checks and their photos."""

    site: str = Field(description="its code")
    name: Text
    timezone: str
    first: date
    last: date
    chain_position: int
    chain_head: str = Field(description="hash of the ledger's newest entry of the site")
    key: str = Field(description="the public key with which files are signed")
    months: list[str]
    rows: list[MatrixRow]
    total: MatrixCell
    waivers: list[Waived]
