"""The command: simulate a site in a scenario, list what there is, or replay a recording."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Sequence

from simulators import replay
from simulators.catalogue import SCENARIOS, scenario
from simulators.clock import start_clock
from simulators.drive import drive
from simulators.errors import SimulatorError
from simulators.options import (
    Parser,
    add_faults,
    add_sending,
    code,
    duration,
    instant,
    iso,
    line_from,
    positive,
    print_summary,
    seconds,
    sink_from,
    speed,
    stop_signal,
    whole,
)
from simulators.scenarios import Scenario
from simulators.sites import KINDS, Device, demo_devices, generated_devices
from simulators.stream import messages

END_PATIENCE_S, STOP_PATIENCE_S = 15.0, 1.0
"""Seconds to wait for the last acknowledgements, at the end and when stopped."""


def main(argv: list[str] | None = None) -> int:
    """Runs the command: 0, 1 when not everything was acknowledged, 2 with one line on stderr for wrong input."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        if arguments[:1] == ["replay"]:
            return replay.main(arguments[1:])
        return _simulate(_parser().parse_args(arguments))
    except SimulatorError as error:
        print(f"simulators: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # Only while a recording is still being read: once something is sent, Ctrl-C ends the run with its summary.
        return 130
    except BrokenPipeError:
        # The reader of --stdout has gone, as `| head` does; Python must not fail on its last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:
        # argparse leaves this way after --help.
        return end.code if isinstance(end.code, int) else 0


def _parser() -> Parser:
    parser = Parser(
        prog="python -m simulators",
        description="Simulates the sensors of a residential compound and sends their messages.",
        epilog="SPAN: seconds, or a number with s, m, h or d. A second command, `python -m simulators replay`, sends a "
        "recording; see its --help. Exit codes: 0 done, 1 not everything was acknowledged, 2 wrong options, wrong "
        "input or no broker.",
    )
    parser.add_argument("--scenario", metavar="NAME", default="demo", help="what happens (default demo; see --list)")
    parser.add_argument("--list", action="store_true", help="print the scenarios and their truth as JSON and end")
    parser.add_argument(
        "--list-devices", action="store_true", help="print the devices and their points as JSON and end"
    )
    site = parser.add_argument_group("site")
    site.add_argument(
        "--site", metavar="CODE", type=code, default="jade-garden", help="site code (default jade-garden)"
    )
    site.add_argument(
        "--count",
        metavar="N",
        type=positive,
        help="so many generated devices (dr-0001-env, ...) instead of the demo compound's 49",
    )
    site.add_argument("--kind", choices=tuple(KINDS), help="with --count: all of this kind")
    site.add_argument(
        "--first",
        metavar="N",
        type=positive,
        default=1,
        help="with --count: number of the first device of each kind, so that sites do not share codes",
    )
    site.add_argument(
        "--utc-offset",
        metavar="HOURS",
        type=float,
        default=8.0,
        help="local time of the site, which demand and traffic follow (default 8)",
    )
    when = parser.add_argument_group("time")
    when.add_argument("--seed", metavar="N", type=whole, default=1, help="same seed, same values (default 1)")
    when.add_argument(
        "--duration", metavar="SPAN", type=duration, help="simulated time; forever is allowed (default: the scenario's)"
    )
    when.add_argument(
        "--speed",
        metavar="X",
        type=speed,
        default=1.0,
        help="simulated seconds in a second, or max (default 1). D seconds at speed X start at now - D + D/X "
        "and end at now; events never run ahead of the wall clock",
    )
    when.add_argument("--start", metavar="TIME", type=instant, help="event time of the start: Unix seconds or ISO 8601")
    when.add_argument(
        "--history",
        metavar="SPAN",
        type=seconds,
        help="normal time before the start, sent at once (default: the scenario's; demo 30m at most)",
    )
    add_sending(parser)
    add_faults(parser)
    return parser


def _simulate(options: argparse.Namespace) -> int:
    if options.count is None and (options.kind or options.first != 1):
        raise SimulatorError("--kind and --first need --count")
    devices = (
        demo_devices()
        if options.count is None
        else generated_devices(options.count, kind=options.kind, first=options.first)
    )
    if options.list:
        return _print_json({"scenarios": _listed(devices)})
    if options.list_devices:
        return _print_json({"site": options.site, "devices": [device.as_json() for device in devices]})
    return _run(options, scenario(options.scenario), devices)


def _print_json(body: object) -> int:
    print(json.dumps(body, indent=2, ensure_ascii=False))
    return 0


def _listed(devices: Sequence[Device]) -> list[dict[str, object]]:
    """The scenarios for which the site has the devices."""
    listed = []
    for one in SCENARIOS.values():
        try:
            listed.append(one.as_json(devices))
        except SimulatorError:
            continue
    return listed


def _run(options: argparse.Namespace, chosen: Scenario, devices: Sequence[Device]) -> int:
    wanted = options.duration if options.duration is not None else chosen.duration_s
    duration_s = None if wanted is None or math.isinf(wanted) else wanted
    history_s = chosen.history_s if options.history is None else options.history
    if chosen.longest_history_s is not None and history_s > chosen.longest_history_s:
        raise SimulatorError(f"--history of {chosen.name} is at most {chosen.longest_history_s:g} s")
    line = line_from(options)
    with stop_signal() as stop, sink_from(options, stop) as sink:
        codes = [device.code for device in devices]
        sink.open(codes)
        began = time.time()
        clock = start_clock(began, speed=options.speed, duration_s=duration_s, start=options.start)
        stream = messages(
            chosen,
            devices,
            seed=options.seed,
            zero=clock.zero,
            history_s=history_s,
            duration_s=duration_s,
            utc_offset_h=options.utc_offset,
        )
        print(
            f"simulators: {chosen.name} at {options.site}, {len(devices)} devices, seed {options.seed}, from "
            f"{iso(clock.zero)}",
            file=sys.stderr,
        )
        driven = drive(line.through(stream), sink, clock, stop, pending=line.pending)
        counts = sink.close(STOP_PATIENCE_S if driven.stopped else END_PATIENCE_S)
    faults = dict(line.done)
    made = faults.pop("messages")
    print_summary(
        options,
        {
            "scenario": chosen.name,
            "site": options.site,
            "seed": options.seed,
            "devices": len(devices),
            "zero": iso(clock.zero),
            "first_at": iso(driven.first_at),
            "last_at": iso(driven.last_at),
            "elapsed_s": round(time.time() - began, 3),
            "stopped": driven.stopped,
            "messages": made,
            **counts,
            "unsent": driven.unsent,
            "faults": faults,
        },
    )
    return 0 if counts.get("acknowledged", counts["published"]) == counts["published"] else 1
