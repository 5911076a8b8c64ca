"""Elevators, and the tests that are made of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation, StringConstraints, WithJsonSchema

from facility_monitor.api.models.evidence import FileRefs, RecordFile
from facility_monitor.api.models.fields import (
    BigId,
    Id,
    Input,
    Line,
    Number,
    Output,
    Prose,
    Sha256,
    Text,
    Time,
    example,
)
from facility_monitor.api.models.limits import DatedLimit, DoorType
from facility_monitor.api.models.shared import EquipmentName, Named, WrongField
from facility_monitor.api.models.upkeep import CheckPhoto
from facility_monitor.domain.elevator.early_warning import WarningState
from facility_monitor.domain.elevator.elevator import CAR_ITEMS, CLEAR_WIDTH, FLOOR_ITEMS, Item, label
from facility_monitor.domain.limit import Direction
from facility_monitor.domain.repair.ticket import TicketState

MOST_TESTS = 200
"""In one request."""
MOST_FLOORS = 300


def _floor(written: object) -> str:
    found = label(written)
    if found is None:
        raise ValueError("must be a number or a label of 1 to 8 characters, such as B1")
    return found


def _measured(item: Item, **more: Any) -> Any:
    """A field for what is measured; its bounds stand in the description, since the domain has the words for them."""
    bounds: dict[str, Any] = {"minimum": item.least, "maximum": item.most}
    return Field(description=f"{item.meaning}, {item.unit}", json_schema_extra=bounds, **more)


def _at_floor(name: str) -> Any:
    return _measured(FLOOR_ITEMS[name], default=None)


def _of_car(name: str) -> Any:
    return _measured(CAR_ITEMS[name], default=None)


FloorLabel = Annotated[
    str,
    BeforeValidator(_floor),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "minLength": 1, "maxLength": 8}]}),
]
Name = Annotated[Line, StringConstraints(max_length=64)]


class Worker(Input):
    name: Name
    certificate_no: Name = Field(description="of the permit to work on elevators (特种设备作业人员证)")


class Floor(Input):
    """Leave out what was not measured: at the lowest floor nothing comes from below, at the top nothing from above."""

    floor: FloorLabel = Field(
        description="a number or a label; one of the elevator's floors where these are registered"
    )
    leveling_up_mm: Number | None = _at_floor("leveling_up_mm")
    leveling_down_mm: Number | None = _at_floor("leveling_down_mm")
    holding_mm: Number | None = _at_floor("holding_mm")
    door_open_s: Number | None = _at_floor("door_open_s")
    door_close_s: Number | None = _at_floor("door_close_s")
    door_command_to_motion_ms: Number | None = _at_floor("door_command_to_motion_ms")
    reopen_s: Number | None = _at_floor("reopen_s")
    closing_force_n: Number | None = _at_floor("closing_force_n")


class Door(Input):
    """Type and width pick the limits of the door times."""

    type: DoorType = Field(description="panels that part in the centre, or slide to one side")
    clear_width_mm: Number = _measured(CLEAR_WIDTH)


class Speed(Input):
    """With half load, at rated voltage and frequency."""

    rated_m_s: Number | None = _of_car("speed.rated_m_s")
    measured_m_s: Number = _measured(CAR_ITEMS["speed.measured_m_s"])


class Vibration(Input):
    """In the car, measured as in GB/T 24474.1."""

    vertical_m_s2: Number | None = _of_car("vibration.vertical_m_s2")
    vertical_a95_m_s2: Number | None = _of_car("vibration.vertical_a95_m_s2")
    horizontal_m_s2: Number | None = _of_car("vibration.horizontal_m_s2")
    horizontal_a95_m_s2: Number | None = _of_car("vibration.horizontal_a95_m_s2")


_EXAMPLE: dict[str, Any] = {
    "performed_at": "2026-03-02T09:30:00+08:00",
    "workers": [
        {"name": "赵强", "certificate_no": "T5301-0417"},
        {"name": "孙磊", "certificate_no": "T5301-0522"},
    ],
    "door": {"type": "centre", "clear_width_mm": 900},
    "floors": [
        {"floor": 1, "leveling_down_mm": -3, "door_open_s": 2.6, "door_close_s": 3.1, "closing_force_n": 128},
        {"floor": 2, "leveling_up_mm": 4, "leveling_down_mm": -2, "door_open_s": 2.7, "door_close_s": 3.0},
    ],
    "speed": {"rated_m_s": 1.75, "measured_m_s": 1.74},
    "remarks": "Door shoes of floor 2 greased",
}


class TestPhoto(Input):
    """A photo that was sent to POST /photos before, with the site or the elevator that it is of."""

    sha256: Sha256
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")] = Field("test", description="what it shows")


class NewElevatorTest(Input):
    model_config = example(**_EXAMPLE)
    performed_at: Time = Field(description="when the test was made, with its offset from UTC")
    workers: Annotated[list[Worker], Field(max_length=10)] = Field(description="two or more different people")
    floors: Annotated[list[Floor], Field(min_length=1, max_length=MOST_FLOORS)]
    door: Door | None = Field(None, description="needed with door times")
    speed: Speed | None = None
    vibration: Vibration | None = None
    remarks: Prose | None = None
    photos: Annotated[list[TestPhoto], Field(max_length=20)] = Field(default_factory=list)
    files: FileRefs = Field(default_factory=list)
    corrects: BigId | None = Field(None, description="the id of the test that this one replaces")
    reason: Prose | None = Field(None, description="why it is corrected, which must be said, or entered late")


class ListedElevatorTest(NewElevatorTest):
    """One of many tests: it names its elevator."""

    model_config = example(elevator_id=2, **_EXAMPLE)
    elevator_id: Id


class ElevatorTests(Input):
    """Each test is accepted or refused by itself: a fault in one does not hold up the others."""

    model_config = example(tests=[{"elevator_id": 2, **_EXAMPLE, "performed_at": "2026-03-02T10:30:00+08:00"}])
    tests: list[Annotated[ListedElevatorTest, SkipValidation]] = Field(min_length=1, max_length=MOST_TESTS)


class ElevatorTestSummary(Output):
    """``passed`` is null where no limit was in force for anything that was measured."""

    id: int
    elevator: EquipmentName
    performed_at: datetime
    received_at: datetime
    late_entry: bool = Field(description="received more than 24 hours after it was made")
    passed: bool | None = Field(description="the worst value decides")
    failures: int = Field(description="how many items did not pass")
    ticket_id: int | None = Field(description="the repair ticket that its failure has opened or joined")
    corrects: int | None
    corrected_by: int | None = Field(description="the test that has replaced this one")
    reason: str | None
    submitted_by: Named


class ItemLimit(Output):
    """The limit as it stood on the day of the test."""

    direction: Direction
    value: float
    unit: str
    standard: str
    clause: str
    grade: str = Field(description="L looked up, L~ weak source, O common knowledge, P own proposal")
    effective_from: date


class JudgedItem(Output):
    """One value by one limit; ``limit`` and ``passed`` are null where none was in force."""

    floor: str | None = Field(description="null for the car as a whole")
    field: str = Field(description="the field of the request")
    quantity: str
    value: float
    unit: str
    limit: ItemLimit | None
    passed: bool | None


class TestedBy(Output):
    name: str
    certificate_no: str


class TestedDoor(Output):
    type: DoorType
    clear_width_mm: float


class FollowingTicket(Output):
    id: int
    state: TicketState
    opened_at: datetime
    due_at: datetime


class FollowingWarning(Output):
    """Something measured that is on its way to its limit; `GET /elevator-warnings/{id}` has the line."""

    id: int
    quantity: str
    floor: str | None = Field(description="null for the car as a whole")
    state: WarningState
    opened_at: datetime
    expected_at: datetime = Field(description="when the line crosses the limit")


class ElevatorTest(ElevatorTestSummary):
    workers: list[TestedBy]
    door: TestedDoor | None
    car: dict[str, float] = Field(description="what was measured of the car, by field of the request")
    items: list[JudgedItem] = Field(description="floor by floor in the order of the request, then the car")
    remarks: str | None
    files: list[RecordFile]
    photos: list[CheckPhoto] = Field(description="with what speaks against each: from the gallery, wrong time, ...")
    ticket: FollowingTicket | None
    warnings: list[FollowingWarning] = Field(
        description="early warnings that stand for this elevator, those that the test has opened or renewed among them"
    )


class RowProblem(Output):
    """Why a test was refused, as it would be answered to the same test alone."""

    status: int
    title: str
    detail: str
    existing: int | None = None
    errors: list[RowField] | None = None


class RowField(WrongField):
    line: int | None = Field(None, description="in an uploaded file, where `field` is the column")


class RowAnswer(Output):
    """``test`` where it was accepted, ``problem`` where it was refused."""

    index: int = Field(description="the test's place in the request, from 0")
    lines: list[int] | None = Field(None, description="its lines in an uploaded file; the header is line 1")
    accepted: bool
    test: ElevatorTestSummary | None
    problem: RowProblem | None


class ManyAnswers(Output):
    accepted: int
    refused: int
    items: list[RowAnswer]


RegisterEntry = str | int | float | None


class Elevator(Output):
    """What the register holds of an elevator (after GB/T 24476), kept as attributes of the equipment."""

    id: int
    site_id: int
    code: str
    name: Text
    place: Text
    floors: list[str] | None = Field(description="the labels of its floors; null where they are not registered")
    registration_code: RegisterEntry
    use_cert_no: RegisterEntry
    equipment_code: RegisterEntry
    maker: RegisterEntry
    factory_no: RegisterEntry
    model: RegisterEntry
    install_date: RegisterEntry
    maintenance_unit: RegisterEntry
    use_unit: RegisterEntry
    internal_no: RegisterEntry
    emergency_phone: RegisterEntry
    stations: RegisterEntry
    doors: RegisterEntry
    rated_speed: RegisterEntry = Field(description="m/s")
    rated_load: RegisterEntry = Field(description="kg")
    missing: list[str] = Field(description="what the register still lacks")
    last_test: ElevatorTestSummary | None = Field(description="the newest that was not corrected")


class PartDue(Output):
    """A part that is over age, or whose last day to order is near or gone."""

    id: int
    kind: str
    kind_name: Text
    over_age: bool
    expected: date = Field(description="the end of its nearest life")
    order_by: date


class ElevatorDetail(Elevator):
    latest_tests: list[ElevatorTestSummary] = Field(description="the newest ten, corrected ones too")
    parts_due: list[PartDue] = Field(description="the parts that are over age or to be ordered; all are at `parts`")


class MistakenUnit(Output):
    unit: str
    factor: float = Field(description="from this unit to the field's")


class TestField(Output):
    """What lies outside of ``least`` to ``most`` cannot be true."""

    field: str = Field(description="as in a request; of the car with its path")
    quantity: str = Field(
        description="what its limits are of; `measured_speed` is judged as `speed`, % of the rated one"
    )
    unit: str
    least: float
    most: float
    mistaken: list[MistakenUnit] = Field(description="units in which people may have measured instead")


class TestForm(Output):
    """All that a form needs to tell at once, and without a network, what passed."""

    floor: list[TestField]
    car: list[TestField]
    door: list[TestField]
    limits: list[DatedLimit] = Field(description="all there ever were of these quantities")


RowProblem.model_rebuild()
