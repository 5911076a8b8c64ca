"""Skills and working days."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from facility_monitor.api.models.fields import Flag, Input, KindCode, Words, example


class Skills(Input):
    model_config = example(equipment_kinds=["elevator"])
    equipment_kinds: list[KindCode] = Field(max_length=100)


class CalendarDay(Input):
    day: date
    working: Flag
    name: Words


class Calendar(Input):
    model_config = example(
        days=[{"day": "2026-02-28", "working": True, "name": {"zh-CN": "春节调休上班", "en": "Worked for New Year"}}]
    )
    days: list[CalendarDay] = Field(max_length=400)

    @model_validator(mode="after")
    def _each_once(self) -> Calendar:
        if len({each.day for each in self.days}) < len(self.days):
            raise ValueError("names a day twice")
        return self
