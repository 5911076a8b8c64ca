"""A part of an elevator as it is entered, and what an inspection of it measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from facility_monitor.domain.elevator.part_life import Aspect, LifeRule, Line, Nature
from facility_monitor.domain.elevator.usage import RopeDrive


class PartEvent(StrEnum):
    """What the ledger records of parts."""

    INSTALLED = "elevator_part_installed"
    REPLACED = "elevator_part_replaced"
    CORRECTED = "elevator_part_corrected"
    INSPECTED = "part_inspected"
    COUNTER_READ = "elevator_counter_read"
    ORDER_DUE = "part_order_due"


ROPE = "wire_rope"
CONSTRUCTIONS = ("6x19", "8x19")
DIAMETER = "diameter_mm"
WIRES = ("broken_wires_spread", "broken_wires_concentrated", "broken_wires_adjacent", "valley_breaks")
MEASURED: Mapping[str, tuple[str, ...]] = {ROPE: (DIAMETER, *WIRES), "traction_sheave": ("groove_wear_mm",)}
"""By kind of part: what an inspection may measure, the worst place counts. Millimetres, and wires of one lay."""
MOST: Mapping[str, float] = {DIAMETER: 40.0, "groove_wear_mm": 30.0, **dict.fromkeys(WIRES, 500)}
LOOSEST = 1.1
"""A rope is at most so many times its nominal diameter when it is new (ISO 4344: +6 %, with the caliper's error)."""


class Checked(NamedTuple):
    """An inspection against one line: ``value`` is good up to ``rule.expected``."""

    rule: LifeRule
    value: float

    @property
    def passed(self) -> bool:
        return self.value <= self.rule.expected

    def as_json(self) -> dict[str, Any]:
        return {**self.rule.as_json(), "value": self.value, "passed": self.passed}


def nature_of(kind: str, content: Mapping[str, Any]) -> Nature:
    """What of a part decides which rules are its own."""
    return Nature(kind, content.get("maker"), content.get("model"), content.get("construction"))


def drive_of(content: Mapping[str, Any]) -> RopeDrive | None:
    """The way of a rope, where its sheaves are entered."""
    entered = content.get("drive")
    if not entered:
        return None
    return RopeDrive(
        entered["traction_sheave_mm"],
        entered["deflector_mm"],
        entered["pulleys"],
        entered["reverse_pulleys"],
        entered["traction_equivalent"],
    )


def wrong(kind: str, content: Mapping[str, Any], installed_on: date, today: date) -> dict[str, str]:
    """By field what is wrong with a part."""
    found = {}
    if installed_on > today:
        found["installed_on"] = f"must not lie after today ({today})"
    rope = kind == ROPE
    for name in ("nominal_diameter_mm", "construction", "drive"):
        if content.get(name) is not None and not rope:
            found[name] = "is only for wire ropes"
    drive = content.get("drive")
    if drive and drive["deflector_mm"] is None and drive["pulleys"] + drive["reverse_pulleys"] > 0:
        found["drive.deflector_mm"] = "say the diameter of the pulleys"
    return found


def quantities(kind: str, content: Mapping[str, Any], measured: Mapping[str, float]) -> dict[str, float]:
    """What rules are about, from what was ``measured``: the loss of diameter in percent of nominal, wires, wear."""
    found = {name: value for name, value in measured.items() if name in WIRES}
    nominal = content.get("nominal_diameter_mm")
    if kind == ROPE and nominal and DIAMETER in measured:
        # a new rope is thicker than its nominal diameter, which is no loss; rounded, since 7.52 of 8 mm is 6 % gone and
        # no more, which floating point does not know
        found["diameter_loss"] = round(max(100 * (nominal - measured[DIAMETER]) / nominal, 0.0), 4)
    if "groove_wear_mm" in measured:
        found["groove_wear"] = measured["groove_wear_mm"]
    return found


def wrong_inspection(
    kind: str, content: Mapping[str, Any], measured: Mapping[str, float], on: date, installed_on: date, today: date
) -> dict[str, str]:
    """By field what is wrong with an inspection; a diameter in cm, or of another rope, is far from the nominal one."""
    found: dict[str, str] = {}
    allowed = MEASURED.get(kind, ())
    if not measured:
        found["measured"] = f"give one of {', '.join(allowed)}" if allowed else f"nothing is measured of a {kind}"
    for name, value in measured.items():
        if name not in allowed:
            found[f"measured.{name}"] = f"is not measured of a {kind}"
        elif not 0 <= value <= MOST[name]:
            found[f"measured.{name}"] = f"must lie between 0 and {MOST[name]:g}"
        elif name in WIRES and value != int(value):
            found[f"measured.{name}"] = "must be a whole number of wires"
    nominal = content.get("nominal_diameter_mm")
    if DIAMETER in measured and f"measured.{DIAMETER}" not in found:
        if nominal is None:
            found[f"measured.{DIAMETER}"] = "the part's nominal diameter is not entered"
        elif not nominal / 2 <= measured[DIAMETER] <= nominal * LOOSEST:
            found[f"measured.{DIAMETER}"] = f"is far from the nominal {nominal:g} mm: measured in millimetres?"
    if on > today:
        found["inspected_on"] = f"must not lie after today ({today})"
    elif on < installed_on:
        found["inspected_on"] = f"must not lie before the part was installed ({installed_on})"
    return found


def judge(rules: Iterable[LifeRule], values: Mapping[str, float]) -> list[Checked]:
    """What was measured against every line of ``rules``, those that apply."""
    return [
        Checked(rule, values[rule.quantity])
        for rule in rules
        if rule.aspect is Aspect.CONDITION and rule.quantity is not None and rule.quantity in values
    ]


def passed(checked: Iterable[Checked]) -> bool | None:
    """Whether the part may run on: early lines warn only. None where no line stands for anything."""
    ends = [each.passed for each in checked if each.rule.line is not Line.EARLY]
    return all(ends) if ends else None
