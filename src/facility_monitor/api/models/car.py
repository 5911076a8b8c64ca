"""The car of an elevator as it stands, and what it has been through."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from facility_monitor.api.models.fields import Output, Text


class CarPosition(Output):
    value: float = Field(description="as the gateway tells it")
    floor: str | None = Field(description="the floor's label in the register; null where the value is none of them")
    at: datetime


class CodeName(Output):
    code: float
    name: Text | None = Field(description="null where the code set of this elevator does not hold the code")
    meaning: str | None = Field(description="our own word, the same in all code sets: entrapment, inspection, up, ...")


class CodedState(CodeName):
    at: datetime = Field(description="of the newest reading that says so")


class CarFault(CodeName):
    began_at: datetime
    ended_at: datetime | None = Field(description="null while it stands")


class CarMeasure(Output):
    """What is counted or measured: ``value`` in ``unit``, shown times ``display_scale`` in ``display_unit``."""

    metric: str
    name: Text
    unit: str
    display_unit: str
    display_scale: float
    decimals: int
    point_id: int
    value: float
    at: datetime


class Car(Output):
    """By the newest reading of each of its points (fields of GB/T 24476); what the elevator does not send is null."""

    elevator_id: int
    heard_at: datetime | None = Field(description="when the newest reading arrived")
    silent: bool = Field(description="nothing for three report periods: this is how it was")
    floors: list[str] | None = Field(description="of the register, from the lowest to the highest")
    position: CarPosition | None
    service_mode: CodedState | None
    car_status: CodedState | None
    car_direction: CodedState | None
    door_zone: CodedState | None
    door_status: CodedState | None
    passenger_status: CodedState | None
    fault: CodedState | None = Field(description="the fault code that stands; null where there is none")
    entrapment: bool = Field(description="the elevator says that people are trapped")
    counters: list[CarMeasure] = Field(description="trips, door cycles, running time, distance, rope bends, levelings")
    conditions: list[CarMeasure] = Field(description="leveling error, door times, motor temperature")


class CarWithHistory(Car):
    faults: list[CarFault] = Field(description="the last ten of thirty days, the newest first")
    last_day: dict[str, float] = Field(description="by how much each counter grew in 24 hours, by metric, in its unit")
