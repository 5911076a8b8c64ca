"""What a bench found: tables for people as they come about, and one document for machines."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from facility_monitor import __version__

Cell = str | int | float | None
"""A figure, or words; None where there is none."""


class Report:
    """Prints each table when it is complete and keeps everything for ``document``."""

    def __init__(self, bench: str, out: TextIO) -> None:
        self._out = out
        self._tables: dict[str, list[dict[str, Cell]]] = {}
        self._targets: list[dict[str, Cell]] = []
        self._checks: list[dict[str, Cell]] = []
        self._head: dict[str, Any] = {
            "bench": bench,
            "version": __version__,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
        }
        self.say(f"bench {bench}: " + ", ".join(str(fact) for fact in self._head["machine"].values()))

    @property
    def failed(self) -> bool:
        """Whether something that must hold did not. A figure below its target is no failure: machines differ."""
        return any(check["found"] != check["expected"] for check in self._checks)

    def say(self, words: str) -> None:
        """A line about what happens now."""
        print(words, file=self._out, flush=True)

    def table(self, title: str, rows: Sequence[Mapping[str, Cell]]) -> None:
        """Rows that have the same columns, under a title that is also their name in the document."""
        self._tables[title] = [dict(row) for row in rows]
        self.say(f"\n{title}\n{_drawn(rows)}")

    def target(self, what: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> None:
        """A figure that was aimed at, with its bound."""
        met = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        bound = f">= {_text(at_least)}" if at_least is not None else f"<= {_text(at_most)}"
        self._targets.append({"target": what, "value": value, "bound": bound, "met": "yes" if met else "no"})

    def check(self, what: str, found: Cell, expected: Cell) -> None:
        """Something that must hold on any machine."""
        self._checks.append({"check": what, "found": found, "expected": expected})

    def close(self) -> None:
        """Print targets and checks."""
        for title, rows in (("targets", self._targets), ("checks", self._checks)):
            if rows:
                self.say(f"\n{title}\n{_drawn(rows)}")
        self.say("\nFAILED: see the checks" if self.failed else "")

    def document(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {**self._head, "tables": self._tables, "targets": self._targets, "checks": self._checks}


def machine() -> dict[str, Cell]:
    """What the figures were measured on."""
    return {
        "cpus": f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} CPUs",
        "cpu": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"Python {platform.python_version()}",
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` (0 to 1) of them do not exceed. Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    for line in facts.read_text().splitlines() if facts.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _drawn(rows: Sequence[Mapping[str, Cell]]) -> str:
    columns = list(rows[0]) if rows else []
    drawn = [columns, *([_text(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in drawn) for index in range(len(columns))]
    numeric = [all(not isinstance(row[column], str) for row in rows) for column in columns]
    return "\n".join(
        "  " + "  ".join(f"{word:>{width}}" if right else f"{word:<{width}}" for word, width, right in line).rstrip()
        for line in (list(zip(words, widths, numeric, strict=True)) for words in drawn)
    )
