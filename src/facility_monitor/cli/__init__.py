"""The command line: ``facility-monitor SUBCOMMAND``. What is wrong is said in one line, with exit code 2."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from facility_monitor import __version__
from facility_monitor.errors import FacilityMonitorError, NotFound

_MODULES: Mapping[str, str] = {
    "demo": "demo",
    **dict.fromkeys(("run", "ingest", "worker", "api"), "serve"),
    "migrate": "migrate",
    "simulate": "simulate",
    "site": "sites",
    "user": "users",
    "device": "devices",
    "rules": "rules",
    "backtest": "backtest",
    "ledger": "ledger",
    "check": "check",
    "kpi": "kpi",
    "bench": "bench",
}
"""Where each subcommand is. Only the one that is asked for is loaded: the whole service takes more than a second."""


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parser(command: str = "") -> argparse.ArgumentParser:
    """All subcommands, or only ``command`` if it is one. Settings come from the environment (FM_*) and .env."""
    root = Parser(prog="facility-monitor", description=__doc__, epilog="Settings: docs/settings.md")
    root.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = root.add_subparsers(dest="command", metavar="SUBCOMMAND", required=True)
    wanted = [_MODULES[command]] if command in _MODULES else dict.fromkeys(_MODULES.values())
    for module in wanted:
        import_module(f"{__name__}.{module}").add_to(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["simulate"]:
        # the simulators have a command line of their own, down to --help
        return int(import_module(f"{__name__}.simulate").run(words[1:]))
    options = parser(*words[:1]).parse_args(words)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        code = int(options.run(options))
        sys.stdout.flush()  # here, where it is known what to do if nobody reads on
    except BrokenPipeError:
        # what is still buffered would be written, and fail, once more at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except FacilityMonitorError as error:
        missing = "there is no " if isinstance(error, NotFound) else ""
        print(f"facility-monitor {options.command}: {missing}{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code
