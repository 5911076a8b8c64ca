"""Rules in a YAML file: a list of rules, or a mapping with the list under ``rules``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from facility_monitor import catalogue, yaml_text
from facility_monitor.api.models.rules import NewRule
from facility_monitor.errors import InvalidInput

_NAMES = {"rules", "attributes"}


class RuleFile:
    """The rules of a file as they stand there, and the attributes of the equipment that they are tried on."""

    def __init__(self, text: str) -> None:
        """Raises InvalidInput where ``text`` is no list of rules."""
        document = yaml_text.load(text, "file")
        self.attributes: Mapping[str, Any] = {}
        if isinstance(document, dict):
            unknown = {str(name): "is unknown: a file has rules and attributes" for name in document.keys() - _NAMES}
            if "rules" in document and unknown:
                raise InvalidInput(unknown)
            attributes = document.get("attributes") or {}
            if not isinstance(attributes, dict):
                raise InvalidInput(
                    {"attributes": "must be a mapping of names to numbers, or to words such as a code set"}
                )
            for name, value in attributes.items():
                if not isinstance(value, str) and not (type(value) in (int, float) and math.isfinite(value)):
                    raise InvalidInput({f"attributes.{name}": "must be a number, or a word such as a code set"})
            self.attributes = attributes
            document = document.get("rules")
        if not isinstance(document, list) or not all(isinstance(each, dict) for each in document):
            raise InvalidInput({"file": "must be a list of rules, or have one under `rules`"})
        if not document:
            raise InvalidInput({"file": "has no rules"})
        self.written: list[dict[str, Any]] = document


def rules(written: list[dict[str, Any]]) -> list[NewRule]:
    """The rules, each checked as by the API. Raises InvalidInput naming each wrong field: ``rules.0.limit.value``."""
    units = {metric["code"]: metric["unit"] for metric in catalogue.read("metrics")}
    found: list[NewRule] = []
    wrong: dict[str, str] = {}
    for index, body in enumerate(written):
        try:
            found.append(NewRule.model_validate(_with_unit(body, units)))
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(str(step) for step in each["loc"] if step != "[key]")
                field = ".".join(part for part in ("rules", str(index), where) if part)
                wrong.setdefault(field, each["msg"].removeprefix("Value error, "))
    codes = [rule.code for rule in found]
    for index, code in enumerate(codes):
        if not wrong and code in codes[:index]:
            wrong[f"rules.{index}.code"] = f"{code} stands here twice"
    if wrong:
        raise InvalidInput(wrong)
    return found


def drafts(written: list[dict[str, Any]]) -> list[NewRule]:
    """The rules of a file that only tries them: what they look for is enough, and where (``point: NAME``)."""
    return rules([_completed(body, index) for index, body in enumerate(written)])


def _completed(body: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A draft with all that a rule needs before it may go live."""
    rest = {name: value for name, value in body.items() if name != "point"}
    code = rest.get("code", f"rule-{index + 1}")
    if "point" in body and "scope" not in body:
        rest["scope"] = {"metric": body["point"]}
    if isinstance(rest.get("scope"), Mapping):
        # ids of a database, which a file of readings has nothing to do with
        rest["scope"] = {"metric": rest["scope"].get("metric")}
    needed = {
        "code": code,
        "name": {"en": str(code)},
        "severity": "medium",
        "response": {"en": "not written yet"},
        "basis": {"source": "draft", "grade": "P"},
        "reason": "draft",
    }
    return {**needed, **rest}


def _with_unit(body: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    """A rule with the unit of its metric where it names none."""
    whole = {"reason": "from a file", **body}
    scope = whole.get("scope")
    metric = scope.get("metric") if isinstance(scope, Mapping) else None
    for kind in ("limit", "rate", "fluctuation"):
        spec = whole.get(kind)
        if isinstance(spec, Mapping) and "unit" not in spec:
            whole[kind] = {**spec, "unit": units.get(str(metric), "1")}
    return whole
