"""Which faults in recordings of real equipment are found, and how many alarms are false."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from facility_monitor.bench import detect_scores as scores
from facility_monitor.bench.detect_recordings import LAYOUT, Recording, Unsuitable, stamped, told_at
from facility_monitor.bench.detect_replay import Raised, replay, rules
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.errors import BadSettings

LEARNING_ROWS = 400
"""Rows at the head of each skab file that are there to learn from, and are not scored."""
FOUND_WITHIN_S = 60
WINDOWS = "nab/combined_windows.json"
"""Where the labels of all nab files are; without them nothing of that set can be scored."""

Figures = dict[str, Any]
Replayed = tuple[Recording, list[Raised]]


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with the recordings")
    command.add_argument("--alarms", type=Path, metavar="FILE", help="write every alarm to FILE, a JSON line each")


def run(options: argparse.Namespace) -> Figures:
    """Every figure, by set and file. Raises BadSettings where there is nothing to read or no place to write."""
    data: Path = options.data
    if not data.is_dir():
        raise BadSettings(f"--data {data}: no such folder")
    replayed, skipped = _replayed(data)
    if not any(replayed.values()):
        if skipped:
            raise BadSettings(f"--data {data}: {skipped[0]['file']}: {skipped[0]['why']}")
        raise BadSettings(f"--data {data}: no recordings in it (such as {', '.join(at for at, _ in LAYOUT.values())})")
    if options.alarms is not None:
        _write(options.alarms, [each for found in replayed.values() for each in found])
    sets: Figures = {}
    for name, found in replayed.items():
        try:
            if found:
                sets[name] = _SCORED[name](data, found)
        except Unsuitable as error:
            skipped.append({"set": name, "file": WINDOWS, "why": str(error)})
    if not sets:
        raise BadSettings(f"--data {data}: {skipped[0]['file']}: {skipped[0]['why']}")
    return {"data": str(data), "sets": sets, "skipped": skipped}


def _replayed(data: Path) -> tuple[dict[str, list[Replayed]], list[dict[str, str]]]:
    """All recordings below the folder with their alarms, by set; and what could not be taken, with the reason."""
    replayed: dict[str, list[Replayed]] = {}
    skipped = []
    for name, (pattern, read) in LAYOUT.items():
        found = replayed.setdefault(name, [])
        for path in sorted(path for path in data.glob(pattern) if not path.is_dir()):
            file = path.relative_to(data).as_posix()
            try:
                recording = read(path, file)
                if not recording.told:
                    raise Unsuitable("no row with a time and a number in it")
            except (Unsuitable, OSError) as error:
                skipped.append({"set": name, "file": file, "why": str(error)})
                continue
            found.append((recording, replay(recording, rules(recording.signals))))
    return replayed, skipped


def _write(to: Path, replayed: Sequence[Replayed]) -> None:
    try:
        with to.open("w", encoding="utf-8") as out:
            for recording, alarms in replayed:
                for alarm in alarms:
                    cleared_at = None if alarm.cleared_at is None else told_at(alarm.cleared_at)
                    line: Figures = {"file": recording.file, "rule": alarm.rule, "point": alarm.point}
                    line |= {"raised_at": told_at(alarm.raised_at), "cleared_at": cleared_at}
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadSettings(f"--alarms {to}: {error.strerror or error}") from error


def _by_rows(recording: Recording, alarms: Sequence[Raised], first: int) -> scores.Rows:
    """Rows from ``first`` on; without labels every alarm is false."""
    counted = scores.Rows()
    labels = recording.labels or [False] * len(recording.rows)
    for at, label in list(zip(recording.rows, labels, strict=True))[first:]:
        counted.count(any(alarm.covers(at) for alarm in alarms), label)
    return counted


def _base(recording: Recording, alarms: Sequence[Raised]) -> Figures:
    figures: Figures = {"alarms": len(alarms)}
    if recording.unreadable:
        figures["unreadable_rows"] = recording.unreadable
    return figures


def _skab(data: Path, replayed: Sequence[Replayed]) -> Figures:
    del data
    files: Figures = {}
    labelled, quiet = scores.Rows(), scores.Rows()
    total = {"events": 0, "found": 0, "false_episodes": 0}
    for recording, alarms in replayed:
        rows = _by_rows(recording, alarms, LEARNING_ROWS)
        scored = recording.rows[LEARNING_ROWS:]
        # what stands before the first scored row and beyond it counts from there
        late = [alarm for alarm in alarms if scored and (alarm.cleared_at is None or alarm.cleared_at > scored[0])]
        spans = scores.episodes(late)
        blocks = scores.events(recording.rows, recording.labels or [False] * len(recording.rows))
        blocks = [block for block in blocks if scored and block.until >= scored[0]]
        figures = {
            "events": len(blocks),
            "found": sum(any(block.overlaps(span) for span in spans) for block in blocks),
            "false_episodes": sum(not any(block.overlaps(span) for block in blocks) for span in spans),
        }
        files[recording.file] = {**_base(recording, alarms), **rows.figures(), **figures}
        (quiet if recording.labels is None else labelled).add(rows)
        if recording.labels is not None:
            total = {name: count + figures[name] for name, count in total.items()}
    return {**labelled.figures(), **total, "without_labels": quiet.figures(), "files": files}


def _lwsndr(data: Path, replayed: Sequence[Replayed]) -> Figures:
    del data
    files: Figures = {}
    pooled, total = scores.Rows(), {"blocks": 0, "found_in_time": 0}
    for recording, alarms in replayed:
        rows = _by_rows(recording, alarms, 0)
        blocks = scores.events(recording.rows, recording.labels or [False] * len(recording.rows))
        delays = [_delay_s(block, alarms) for block in blocks]
        figures = {
            "blocks": len(blocks),
            "found_in_time": sum(delay is not None and delay <= FOUND_WITHIN_S for delay in delays),
        }
        files[recording.file] = {**_base(recording, alarms), **rows.figures(), **figures, "delays_s": delays}
        pooled.add(rows)
        total = {name: count + figures[name] for name, count in total.items()}
    return {**pooled.figures(), **total, "files": files}


def _delay_s(block: scores.Event, alarms: Sequence[Raised]) -> float | None:
    """From the first labelled row to the first alarm in the block; None where there is none."""
    within = [max(alarm.raised_at, block.since) for alarm in alarms if block.overlaps(alarm[2:])]
    return (min(within) - block.since) / SECOND if within else None


def _nab(data: Path, replayed: Sequence[Replayed]) -> Figures:
    told = _windows(data / WINDOWS)
    files = {}
    for recording, alarms in replayed:
        windows = told.get(recording.file.removeprefix("nab/"), [])
        raised = [alarm.raised_at for alarm in alarms]
        inside = [any(scores.Event(*window).overlaps((at, at + 1)) for window in windows) for at in raised]
        files[recording.file] = {
            **_base(recording, alarms),
            "windows": len(windows),
            "hit": sum(any(since <= at <= until for at in raised) for since, until in windows),
            "outside": inside.count(False),
            "score_standard": scores.nab(recording.rows, windows, raised),
        }
    return {"files": files}


def _windows(path: Path) -> Mapping[str, list[tuple[Instant, Instant]]]:
    """By file; none where they are not told. Raises Unsuitable where they cannot be read."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text("utf-8"))
        return {file: [(_at(since), _at(until)) for since, until in windows] for file, windows in document.items()}
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise Unsuitable(f"no windows by file in it ({error})") from error


def _at(told: object) -> Instant:
    at = stamped(told)
    if at is None:
        raise ValueError(f"{told} is no time")
    return at


def _quiet(data: Path, replayed: Sequence[Replayed]) -> Figures:
    """Recordings without labels, in which no alarm is expected."""
    del data
    files = {}
    for recording, alarms in replayed:
        files[recording.file] = {
            **_base(recording, alarms),
            "rows": len(recording.rows),
            "rows_in_alarm": _by_rows(recording, alarms, 0).fp,
        }
    return {
        "rows": sum(len(recording.rows) for recording, _ in replayed),
        "alarms": sum(len(alarms) for _, alarms in replayed),
        "files": files,
    }


_SCORED: Mapping[str, Callable[[Path, Sequence[Replayed]], Figures]] = {
    "skab": _skab,
    "lwsndr": _lwsndr,
    "nab": _nab,
    "occupancy": _quiet,
    "stafford_mqtt": _quiet,
}
