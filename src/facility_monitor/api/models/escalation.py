"""Escalation policies: who is told of an alarm that nobody takes, and when."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from facility_monitor.api.models.fields import (
    Changes,
    Code,
    Flag,
    Id,
    Input,
    KindCode,
    Output,
    Text,
    Words,
    example,
    left_out,
)
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.message.rota import Position


class EscalationStep(Input):
    after_s: Annotated[int, Field(strict=True, ge=0, le=7 * 86400)] = Field(description="since the alarm called")
    to: Position


def _in_order(steps: list[EscalationStep]) -> list[EscalationStep]:
    if any(later.after_s < sooner.after_s for sooner, later in pairwise(steps)):
        raise ValueError("must stand in the order of their times")
    return steps


Steps = Annotated[list[EscalationStep], Field(min_length=1, max_length=20), AfterValidator(_in_order)]
RepeatEvery = Annotated[
    Annotated[int, Field(strict=True, ge=60, le=7 * 86400)] | None,
    Field(description="how often the last step comes again until somebody takes the alarm; null for never"),
]
_EXAMPLE_STEPS = [{"after_s": 300, "to": "engineer"}, {"after_s": 900, "to": "manager"}]


class EscalationPolicy(Output):
    """Holds for the alarms that fit all of its fields, null fits all; of several that fit the narrowest holds."""

    id: int
    code: str
    name: Text
    site_id: int | None
    equipment_kind: str | None
    severity: str | None
    life_safety: bool | None
    steps: list[EscalationStep]
    repeat_every_s: int | None = Field(description="how often the last step comes again until somebody takes the alarm")
    enabled: bool
    version: int


class NewPolicy(Input):
    """For all alarms, or only for those of a site, a kind of equipment, a severity, or where life is at stake."""

    model_config = example(
        code="hill-pumps",
        name={"zh-CN": "泵房高级报警", "en": "High alarms of pump rooms"},
        site_id=1,
        equipment_kind="pump_room",
        severity="high",
        steps=_EXAMPLE_STEPS,
        repeat_every_s=1800,
    )
    code: Code
    name: Words
    site_id: Id | None = Field(None, description="null: every site")
    equipment_kind: KindCode | None = None
    severity: Severity | None = None
    life_safety: Flag | None = None
    steps: Steps
    repeat_every_s: RepeatEvery = None
    enabled: Flag = True


class PolicyChanges(Changes):
    model_config = example(steps=_EXAMPLE_STEPS)
    name: Words = left_out()
    site_id: Id | None = None
    equipment_kind: KindCode | None = None
    severity: Severity | None = None
    life_safety: Flag | None = None
    steps: Steps = left_out()
    repeat_every_s: RepeatEvery = None
    enabled: Flag = left_out()
