"""``bench``: how fast this machine is with it, and which faults it survives."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from facility_monitor.bench import alarms, detect, faults, ingest, ledger, push, rules
from facility_monitor.bench.report import Report
from facility_monitor.errors import BadSettings

BENCHES = (ingest, faults, rules, alarms, push, ledger)
"""Each has a docstring that says in its first line what it measures, ``add_options(command)`` and
``run(options, report)``."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "measure speed, and the faults survived, with a broker and a database started for it"
    command = commands.add_parser("bench", help=words, description=words)
    benches = command.add_subparsers(dest="bench", metavar="BENCH", required=True)
    for module in BENCHES:
        words = (module.__doc__ or "").partition("\n")[0]
        each = benches.add_parser(module.__name__.rpartition(".")[2], help=words, description=words)
        each.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found to FILE too")
        module.add_options(each)
        each.set_defaults(run=run, measure=module.run)
    words = (detect.__doc__ or "").partition("\n")[0]
    each = benches.add_parser("detect", help=words, description=words)
    detect.add_options(each)
    each.set_defaults(run=run_detect)


def run_detect(options: argparse.Namespace) -> int:
    """Nothing is measured here that depends on the machine: all that comes out is figures, as JSON.

    Exit code 2 where of some set there are files, and none of them can be read.
    """
    figures = detect.run(options)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    for each in figures["skipped"]:
        print(f"{each['file']}: {each['why']}", file=sys.stderr)
    for found in figures["sets"].values():
        for file, of in found["files"].items():
            if "unreadable_rows" in of:
                print(f"{file}: {of['unreadable_rows']} rows that cannot be read in whole", file=sys.stderr)
    return 2 if {each["set"] for each in figures["skipped"]} - figures["sets"].keys() else 0


def run(options: argparse.Namespace) -> int:
    """Exit code 1 where something that must hold did not. Raises BadSettings, Unavailable."""
    if options.json is not None and not options.json.parent.is_dir():
        raise BadSettings(f"--json {options.json}: no such folder")
    report = Report(options.bench, sys.stdout)
    try:
        options.measure(options, report)
    finally:
        report.close()
        if options.json is not None:
            options.json.write_text(json.dumps(report.document(), indent=2, ensure_ascii=False) + "\n")
    return 1 if report.failed else 0
