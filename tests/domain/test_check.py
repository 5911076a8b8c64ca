"""Checks: forms of the catalogue, what was entered is looked at, and judged by the limits of its day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from facility_monitor.catalogue import read, said_basis
from facility_monitor.domain.elevator import elevator
from facility_monitor.domain.fire import check as checks
from facility_monitor.domain.fire.check import Check, Form, Instrument, Signature
from facility_monitor.domain.limit import DatedLimit, Direction
from facility_monitor.store import limits
from facility_monitor.store.fire.upkeep import read_form

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ON = date(2026, 3, 2)
LIMITS = [DatedLimit(**{**row, "direction": Direction(row["direction"])}) for row in limits.rows(read("limits"))]
FORMS = {
    row["form"]: read_form(row["form"], row["effective_from"], row.get("effective_to"), row)
    for row in read("check_forms")
}
WANG = Signature("王芳", "A-1182")
LI = Signature("李强", "A-0917")
CHECKED: dict[str, dict[str, Any]] = {
    "detector-sensitivity": {
        "method": "meter",
        "threshold": 0.12,
        "threshold_unit": "dB/m",
        "delivered_threshold": 0.1,
        **dict.fromkeys(("alarm_at_panel", "lamp", "clean"), True),
    },
    "extinguisher-check": {
        "method": "weigh",
        "delivered_kg": 7.0,
        "agent_kg": 3.0,
        "gross_kg": 6.96,
        **dict.fromkeys(("in_place", "seal", "body", "hose"), True),
    },
    "fire-pump-linkage": {
        "occasion": "quarterly",
        "start_to_running_s": 48,
        "standby_pump_s": 60,
        "power_switch_s": 1.4,
        "pressure_mpa": 0.85,
        "flow_l_s": 40,
        "feedback": True,
        "by_detector": True,
    },
    "lake-water": {"ph": 7.1, "clear": True},
}


METER = Instrument("sensitivity meter", "SN 20731", date(2026, 12, 31))


def entered(form: str, signatures: tuple[Signature, ...] = (WANG, LI), **changes: Any) -> Check:
    values = {name: value for name, value in {**CHECKED[form], **changes}.items() if value is not None}
    return Check(form, NOW, values, signatures, METER if form == "detector-sensitivity" else None)


def failed(form: str, **changes: Any) -> set[str]:
    check = entered(form, **changes)
    assert checks.check(FORMS[form], check, NOW, None) == {}
    return {each.field for each in checks.judge(FORMS[form], check, LIMITS, ON) if each.passed is False}


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.code)
def test_a_form_of_the_catalogue_names_only_what_there_is(form: Form) -> None:
    names = {field.name for field in form.fields}
    quantities = {each.quantity for each in LIMITS}
    assert len(names) == len(form.fields)
    for field in form.fields:
        assert set(field.good) <= set(field.options or ())
        assert field.when is None or field.when[0] in names
        assert field.quantity is None or field.quantity in quantities
        assert set(field.label) == {"zh-CN", "en"}
    for derived in form.derived:
        assert set(derived.of) <= names
        assert derived.quantity in quantities


@pytest.mark.parametrize("plan", read("upkeep_plans"), ids=lambda plan: str(plan["code"]))
def test_a_plan_of_the_catalogue_has_a_form_for_its_equipment(plan: dict[str, Any]) -> None:
    assert plan["kind"] in ([elevator.KIND] if plan["form"] == elevator.FORM else FORMS[plan["form"]].kinds)


@pytest.mark.parametrize("form", CHECKED)
def test_what_is_in_order_passes(form: str) -> None:
    assert failed(form) == set()


@pytest.mark.parametrize(
    ("form", "changes", "fields"),
    [
        ("detector-sensitivity", {"threshold": 0.161}, {"threshold_ratio"}),
        ("detector-sensitivity", {"threshold": 0.062}, {"threshold_ratio"}),
        ("detector-sensitivity", {"threshold": 0.04, "delivered_threshold": 0.05}, {"threshold_db_m"}),
        # 1.1 %/m is 0.048 dB/m
        (
            "detector-sensitivity",
            {"threshold": 1.1, "threshold_unit": "%/m", "delivered_threshold": 1.2},
            {"threshold_db_m"},
        ),
        ("detector-sensitivity", {"lamp": False}, {"lamp"}),
        ("extinguisher-check", {"gross_kg": 6.949}, {"loss_g"}),
        ("extinguisher-check", {"agent_kg": 0.5, "gross_kg": 6.97}, {"loss_percent"}),
        ("fire-pump-linkage", {"start_to_running_s": 120.5}, {"start_to_running_s"}),
        ("fire-pump-linkage", {"power_switch_s": 2.1}, {"power_switch_s"}),
        (
            "fire-pump-linkage",
            {"occasion": "commissioning", "start_to_running_s": None, "commissioning_start_s": 56},
            {"commissioning_start_s"},
        ),
        ("lake-water", {"ph": 6.79}, {"ph"}),
        ("lake-water", {"ph": 7.51}, {"ph"}),
    ],
)
def test_what_is_beyond_a_limit_fails(form: str, changes: dict[str, Any], fields: set[str]) -> None:
    assert failed(form, **changes) == fields


def test_a_verdict_names_limit_standard_and_days_of_force() -> None:
    verdicts = checks.judge(FORMS["fire-pump-linkage"], entered("fire-pump-linkage"), LIMITS, ON)
    limit = next(each for each in verdicts if each.field == "start_to_running_s").as_json()["limit"]
    assert (limit["value"], limit["standard"], limit["clause"]) == (120, "GB 50974-2014", "11.0.3")
    before = checks.judge(FORMS["lake-water"], entered("lake-water"), LIMITS, date(2025, 12, 31))
    assert [each.passed for each in before if each.field == "ph"] == [None]


def test_an_instrument_out_of_calibration_fails_the_check() -> None:
    check = Check("lake-water", NOW, CHECKED["lake-water"], (WANG,), Instrument("pH meter", "7", date(2026, 3, 1)))
    assert [each.passed for each in checks.judge(FORMS["lake-water"], check, LIMITS, ON)][-1] is False


@pytest.mark.parametrize(
    ("form", "changes", "field"),
    [
        ("lake-water", {"ph": "7"}, "values.ph"),
        ("lake-water", {"ph": True}, "values.ph"),
        ("lake-water", {"ph": float("nan")}, "values.ph"),
        ("lake-water", {"ph": 15}, "values.ph"),
        ("lake-water", {"ph": None}, "values.ph"),
        ("lake-water", {"clear": "yes"}, "values.clear"),
        ("lake-water", {"smell": 1}, "values.smell"),
        ("extinguisher-check", {"method": "shake"}, "values.method"),
        ("extinguisher-check", {"method": ["gauge"]}, "values.method"),
        ("extinguisher-check", {"zone": "green"}, "values.zone"),
        ("extinguisher-check", {"method": "gauge", "zone": "green"}, "values.gross_kg"),
    ],
)
def test_what_cannot_be_true_is_named(form: str, changes: dict[str, Any], field: str) -> None:
    assert field in checks.check(FORMS[form], entered(form, **changes), NOW, None)


def test_what_was_measured_is_said_with_what() -> None:
    form, check = FORMS["detector-sensitivity"], replace(entered("detector-sensitivity"), instrument=None)
    assert set(checks.check(form, check, NOW, None)) == {"instrument"}
    by_panel = replace(check, values={**check.values, "method": "panel"})
    assert checks.check(form, by_panel, NOW, None) == {}


def test_carbon_dioxide_has_no_gauge() -> None:
    form = FORMS["extinguisher-check"]
    check = entered(form.code, method="gauge", zone="green", delivered_kg=None, agent_kg=None, gross_kg=None)
    assert checks.check(form, check, NOW, None, "powder") == {}
    assert set(checks.check(form, check, NOW, None, "co2")) == {"values.method"}


def test_every_standard_and_clause_has_chinese_words() -> None:
    files = ("check_forms", "limits", "upkeep_plans", "service_rules", "record_retention", "rules")
    said = {words for name in files for row in read(name) for words in sources(row)}
    unsaid = sorted(words for words in said if re.search("[a-z]{4}", said_basis(words, "zh-CN")))
    assert unsaid == []


def sources(document: Any) -> Iterator[str]:
    """All that names a standard, a clause or another source, however deep it lies."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("standard", "clause", "source"):
                yield value
            else:
                yield from sources(value)
    elif isinstance(document, list):
        for each in document:
            yield from sources(each)


def test_two_sign_where_the_form_asks_and_they_are_not_the_same() -> None:
    form = FORMS["fire-pump-linkage"]
    assert "signatures" in checks.check(form, entered(form.code, (WANG,)), NOW, None)
    twice = checks.check(form, entered(form.code, (WANG, Signature("王 芳", "a-1182 "))), NOW, None)
    assert set(twice) == {"signatures.1.certificate_no", "signatures"}


def test_a_late_entry_says_why_and_nothing_is_entered_ahead() -> None:
    form, check = FORMS["lake-water"], entered("lake-water")
    assert checks.check(form, check, NOW + timedelta(hours=24), None) == {}
    assert set(checks.check(form, check, NOW + timedelta(hours=24, seconds=1), None)) == {"reason"}
    assert checks.check(form, check, NOW + timedelta(days=9), "no network") == {}
    assert set(checks.check(form, check, NOW - timedelta(minutes=6), None)) == {"performed_at"}
