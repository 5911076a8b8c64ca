"""The register of fire equipment, the calendar of upkeep, and checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from facility_monitor.api.models.evidence import FileRefs, RecordFile
from facility_monitor.api.models.fields import (
    BigId,
    Changes,
    Id,
    Input,
    Json,
    Line,
    Output,
    Prose,
    Sha256,
    Text,
    Time,
    Words,
    example,
)
from facility_monitor.api.models.shared import EquipmentName, Named
from facility_monitor.domain.fire.service_life import Step
from facility_monitor.domain.fire.upkeep import Cycle, State
from facility_monitor.domain.limit import Direction

FormCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
Name = Annotated[Line, StringConstraints(max_length=64)]


class DueStep(Output):
    """Something that is due of a piece, with the rule that says so."""

    step: Step
    on: date
    since: date = Field(description="the day from which it is counted")
    months: int
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date


class RegisterEntry(EquipmentName):
    site_id: int
    place: Text
    subtype: str | None = Field(description="of an extinguisher: water, powder, co2, clean_gas")
    place_class: str | None = Field(
        description="basement, crowded or fuel: extinguishers there are checked half-monthly"
    )
    made_on: date | None
    installed_on: date | None
    serviced_on: date | None
    due: list[DueStep] = Field(description="the first first")


class RowRefusal(Output):
    line: int
    field: str
    message: str


class Imported(Output):
    """Nothing is stored where anything is refused."""

    stored: int
    refused: list[RowRefusal]


class DatedBasis(Output):
    standard: str
    clause: str
    grade: str = Field(description="L looked up, L~ weak source, O common knowledge, P own proposal")
    effective_from: date
    effective_to: date | None


class UpkeepPlan(DatedBasis):
    code: str
    name: Text
    kind: str
    form: str
    cycle: Cycle
    parts: int = Field(description="a rolling plan: each period takes one of so many parts of the equipment")
    places: list[str]
    elsewhere: bool = Field(description="holds in all places but these")
    shifts: bool = Field(description="a due day that is a holiday moves to the next that is none")
    remind_days: int


class FormField(Output):
    name: str
    label: Text
    type: Literal["number", "choice", "flag", "date", "text"]
    required: bool
    unit: str
    least: float | None
    most: float | None
    quantity: str | None = Field(description="judged by the limits of it: GET /limits")
    options: dict[str, Text] | None
    good: list[str]
    when: dict[str, list[str]] | None = Field(description="asked for only where another field has one of these")
    not_at: dict[str, list[str]] | None = Field(
        description="by subtype of the equipment: options that it does not have"
    )


class FormDerived(Output):
    """A value that is made of others: ``ratio`` of the two (the larger by the smaller), ``loss`` (first less second,
    times ``factor``), ``loss_percent`` (that of the field ``by``), ``db_m`` (the first in dB/m, by its unit field)."""

    name: str
    label: Text
    of: list[str]
    how: Literal["ratio", "loss", "loss_percent", "db_m"]
    unit: str
    quantity: str
    factor: float
    by: str | None


class FormLimit(Output):
    quantity: str
    direction: Direction
    value: float
    unit: str
    standard: str
    clause: str
    grade: str
    effective_from: date


class CheckForm(DatedBasis):
    code: str
    name: Text
    sheet: Literal["patrol", "test", "upkeep"]
    kinds: list[str]
    signatures: int
    fields: list[FormField]
    derived: list[FormDerived]
    limits: list[FormLimit] = Field(description="by which its values are judged on the day that was asked for")
    photos: dict[str, int] = Field(description="how many photos it needs for each purpose")
    instrument: dict[str, list[str]] | None = Field(
        description="where a field has one of these, it must be said what was measured with"
    )


class Task(Output):
    plan: str
    name: Text
    form: str
    equipment_id: int
    equipment: str = Field(description="its code")
    equipment_name: Text
    first: date
    last: date
    until: date = Field(description="what is done before this day still counts, as late")
    state: State
    check_id: int | None
    test_id: int | None = Field(description="where it was done by a test of an elevator")
    passed: bool | None = Field(
        description="of the newest check or test; a task that was done may still have found a fault"
    )
    waived_for: str | None = Field(description="why nobody need make up for what was missed")


class OpenDuty(Output):
    """A piece at which a duty was not done, and has neither been made up for nor waived."""

    equipment_id: int
    code: str
    name: Text
    last: date = Field(description="the day by which it should have been done")
    ticket_id: int | None = Field(description="its open ticket; of a duty that many pieces missed at once, one for all")


class NewWaiver(Input):
    """A duty that was not done and need not be made up for. It stays missed; its alarm ends."""

    model_config = example(
        site_id=1, plan="extinguisher-monthly", equipment_ids=[12], reason="The shop was closed and sealed by its owner"
    )
    site_id: Id
    plan: FormCode
    equipment_ids: Annotated[list[Id], Field(min_length=1, max_length=5000)] | None = Field(
        None, description="null: all at which it is open"
    )
    reason: Prose


class Waiver(Output):
    site_id: int
    plan: str
    reason: str
    pieces: int = Field(description="at how many pieces of equipment it was open")


class NewestCheck(Output):
    id: int
    form: str
    performed_at: datetime
    passed: bool | None


class RoundPiece(EquipmentName):
    place: Text
    subtype: str | None
    newest: NewestCheck | None = Field(description="its newest check")


class Round(Output):
    site_id: int
    on: date
    tasks: list[Task]
    equipment: list[RoundPiece]


class Holiday(Output):
    day: date
    name: Text


class NewHoliday(Input):
    model_config = example(day="2026-10-01", name={"zh-CN": "国庆节", "en": "National Day"})
    day: date
    name: Words


class Impairment(Output):
    id: int
    site_id: int
    equipment_id: int
    starts_on: date
    ends_on: date | None
    reason: str
    measure: str
    version: int


class NewImpairment(Input):
    """Equipment out of service. What stands in for it must be said (GB 29837-2013 3.1.4)."""

    model_config = example(
        equipment_id=1,
        starts_on="2026-03-02",
        ends_on="2026-03-04",
        reason="Loop under repair",
        measure="Patrol hourly",
    )
    equipment_id: Id
    starts_on: date
    ends_on: date | None = None
    reason: Prose
    measure: Prose


class ImpairmentChanges(Changes):
    model_config = example(ends_on="2026-03-03")
    ends_on: date | None


class Signature(Input):
    name: Name
    certificate_no: Name


class Instrument(Input):
    name: Name
    serial_no: Name
    calibrated_until: date


class PhotoUse(Input):
    sha256: Sha256
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")] = Field("check", description="what it shows")


class NewCheck(Input):
    """``client_id`` is made where the check is made, so that what is sent twice is kept once."""

    model_config = example(
        client_id="018f3c7e-5d9b-7cc1-9a51-0f2f7a3b9c10",
        equipment_id=1,
        form="cleaning-patrol",
        performed_at="2026-03-02T07:30:00Z",
        values={"clean": True, "drains": True},
        signatures=[{"name": "王芳", "certificate_no": "A-1182"}],
    )
    client_id: UUID
    equipment_id: Id
    form: FormCode
    performed_at: Time = Field(description="when it was done; when it came in is noted by itself")
    values: Json = Field(description="by the fields of the form: GET /check-forms")
    signatures: Annotated[list[Signature], Field(min_length=1, max_length=10)]
    instrument: Instrument | None = None
    remarks: Prose | None = None
    photos: Annotated[list[PhotoUse], Field(max_length=20)] = Field(
        default_factory=list, description="sent to POST /photos before"
    )
    files: FileRefs = Field(default_factory=list)
    alarm_ids: Annotated[list[BigId], Field(max_length=50)] = Field(
        default_factory=list, description="alarms that were part of the proof, raised within 2 hours of the act"
    )
    corrects: BigId | None = None
    reason: Prose | None = Field(None, description="why it is corrected, or entered later than 24 hours after the act")


class CheckPhoto(Output):
    sha256: str
    purpose: str
    taken_at: datetime | None = Field(description="by the camera's clock, as the picture says")
    device_at: datetime | None = Field(description="by the phone's clock")
    received_at: datetime
    doubts: list[dict[str, Any]] = Field(description="what speaks against it, with what was measured")


class CheckVerdict(Output):
    field: str
    label: Text
    value: Any
    unit: str
    passed: bool | None
    limit: dict[str, Any] | None = Field(description="the dated limit as it stood on the day, with its standard")
    requirement: dict[str, Any] | None = Field(description="what the form asks for where no limit is")


class CheckField(Output):
    """A field of the form as it was when the check was made."""

    name: str
    label: Text
    unit: str | None
    options: dict[str, Text] | None


class Check(Output):
    id: int
    client_id: UUID
    site_id: int
    equipment: EquipmentName
    form: str
    form_name: Text
    sheet: str
    performed_at: datetime
    received_at: datetime
    late_entry: bool = Field(description="补录: entered more than 24 hours after the act")
    reason: str | None
    passed: bool | None
    failures: int
    ticket_id: int | None
    corrects: int | None
    corrected_by: int | None
    submitted_by: Named
    values: dict[str, Any]
    fields: list[CheckField]
    verdicts: list[CheckVerdict]
    signatures: list[dict[str, str]]
    instrument: dict[str, str] | None
    remarks: str | None
    alarm_ids: list[int]
    photos: list[CheckPhoto]
    files: list[RecordFile]
