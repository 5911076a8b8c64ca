"""What a coded value means: a mode, a state, a fault. Sets of codes differ by standard, platform and maker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from facility_monitor.domain.elevator.elevator import KIND
from facility_monitor.domain.text import Text

STANDARD = "GB/T 24476"
"""The code set of elevators whose attribute ``code_set`` names none."""
OWN = "facility_monitor"
"""The code set of metrics whose values mean the same at all equipment, such as a water leak."""


@dataclass(frozen=True, slots=True)
class Code:
    """The value ``code`` of ``metric`` in a ``code_set``, as it is understood from the day ``effective_from`` on.

    ``meaning`` is our own word for it (``entrapment``), the same in all sets; None where nothing goes by it.
    """

    code_set: str
    metric: str
    code: int
    meaning: str | None
    name: Text = field(hash=False)
    standard: str
    grade: str
    effective_from: date


Codes = Mapping[tuple[str, str], Mapping[float, Code]]
"""(code_set, metric) to value to what it means."""


def newest(codes: Iterable[Code]) -> Codes:
    """What each code means today: of several rows of one code the newest, since none lies in the future."""
    found: dict[tuple[str, str], dict[float, Code]] = {}
    for each in sorted(codes, key=lambda code: (code.code, code.effective_from)):
        found.setdefault((each.code_set, each.metric), {})[float(each.code)] = each
    return found


def of(
    codes: Codes, attributes: Mapping[str, object], metric: str, equipment_kind: str | None, default: str | None = None
) -> Mapping[float, Code]:
    """What the values of ``metric`` mean at equipment with these attributes; empty where nobody has said.

    The standard is one of elevators: what a pump calls 7 it does not know. Without a kind it is taken for one of them.
    """
    code_set = attributes.get("code_set")
    if not isinstance(code_set, str):
        code_set = default or (STANDARD if equipment_kind in (None, KIND) else OWN)
    return codes.get((code_set, metric)) or codes.get((OWN, metric), {})


def words(
    codes: Codes, attributes: Mapping[str, object], metric: str, equipment_kind: str | None
) -> dict[str, Text] | None:
    """The names of the values of ``metric`` at equipment with these attributes, by code; None where it is measured."""
    return {str(each.code): each.name for each in of(codes, attributes, metric, equipment_kind).values()} or None
