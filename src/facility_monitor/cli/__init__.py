"""The command line: ``facility-monitor SUBCOMMAND``. What is wrong is said in one line, with exit code 2."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

from facility_monitor import __version__
from facility_monitor.cli import (
    backtest,
    bench,
    check,
    demo,
    devices,
    kpi,
    ledger,
    migrate,
    rules,
    serve,
    simulate,
    sites,
    users,
)
from facility_monitor.errors import FacilityMonitorError


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """All subcommands. Settings come from the environment (FM_*) and .env, not from options."""
    root = Parser(prog="facility-monitor", description=__doc__, epilog="Settings: docs/settings.md")
    root.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = root.add_subparsers(dest="command", metavar="SUBCOMMAND", required=True)
    modules = (demo, serve, migrate, simulate, sites, users, devices, rules, backtest, ledger, check, kpi, bench)
    for module in modules:
        module.add_to(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["simulate"]:
        # the simulators have a command line of their own, down to --help
        return simulate.run(words[1:])
    options = parser().parse_args(words)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        code: int = options.run(options)
        return code
    except FacilityMonitorError as error:
        print(f"facility-monitor {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
