"""The scenario `demo`: the compound, three alarms in its first minute, then an incident every few minutes for ever.

Half an hour of history comes first. In it the dehumidifier of distribution room 1 stands still and a vent is open, so
that the humidity passes 80 %RH some ten minutes before the start and a ten-minute hold ripens some seconds after it.
"""

from __future__ import annotations

from simulators.incidents import Incident
from simulators.scenarios import Placed, Scenario, Truth

HISTORY_S = 1800.0
CYCLE_S = 3600.0
"""Seconds after which the later incidents come again."""

_ROOM_FROM_S, _ROOM_TO_S = -1821.0, 720.0
_FIRST = (
    Placed("distribution_room", 1, Incident("dehumidifier_failed", _ROOM_FROM_S, _ROOM_TO_S - _ROOM_FROM_S)),
    Placed("distribution_room", 1, Incident("open_vent", _ROOM_FROM_S, _ROOM_TO_S - _ROOM_FROM_S)),
    Placed("smoke_detector", 17, Incident("fire", -41.0, 167.0)),
    Placed("pump_room", 1, Incident("burst", 8.0, 175.0)),
)
_FIRST_TRUTH = (
    Truth("distribution_room", 1, "humidity_warning", (-650.0, -590.0), 2000.0),
    Truth("distribution_room", 1, "humidity_high", (0.0, 35.0), 1500.0),
    Truth("distribution_room", 1, "condensation", (-1000.0, -600.0), 1500.0),
    Truth("smoke_detector", 17, "smoke_alarm", (2.0, 10.0), 127.0),
    Truth("pump_room", 1, "pressure_drop", (8.0, 28.0), 60.0),
    Truth("pump_room", 1, "pressure_low", (38.0, 55.0), 220.0),
    Truth("pump_room", 1, "pressure_deviation", (68.0, 85.0), 280.0),
)


def _again(kind: str, number: int, incident: str, at_s: float, lasts_s: float) -> Placed:
    return Placed(kind, number, Incident(incident, at_s, lasts_s, CYCLE_S))


def _known(placed: Placed, limit: str, begin: float, end: float, normal: float) -> Truth:
    """Truth of a repeated incident; times in seconds after its beginning."""
    at = placed.incident.at_s
    return Truth(placed.kind, placed.number, limit, (at + begin, at + end), at + normal, CYCLE_S)


_DOOR = _again("elevator", 2, "door_fault", 420.0, 180.0)
_SUCTION = _again("pump_room", 2, "suction_low", 780.0, 240.0)
_ENTRAPMENT = _again("elevator", 3, "entrapment", 1140.0, 360.0)
_FIRE = _again("smoke_detector", 29, "fire", 1500.0, 180.0)
_LEAK = _again("distribution_room", 2, "leak", 1860.0, 240.0)
_SELF_TEST = _again("smoke_detector", 8, "self_test_failed", 2220.0, 300.0)
_BURST = _again("pump_room", 2, "burst", 2580.0, 150.0)
_OVERTRAVEL = _again("elevator", 1, "overtravel", 2940.0, 300.0)
_HYDRANT = _again("fire_pump", 1, "hydrant_open", 3300.0, 180.0)

_LATER_TRUTH = (
    _known(_DOOR, "fault_code", 0, 130, 210),
    _known(_DOOR, "door_close_time", 0, 130, 210),
    _known(_SUCTION, "suction_low", 35, 80, 300),
    _known(_ENTRAPMENT, "fault_code", 0, 130, 390),
    _known(_ENTRAPMENT, "stopped_outside_door_zone", 45, 180, 390),
    _known(_FIRE, "smoke_alarm", 40, 52, 190),
    _known(_LEAK, "water_leak", 0, 10, 250),
    _known(_SELF_TEST, "self_test_failed", 0, 60, 360),
    _known(_BURST, "pressure_drop", 0, 20, 60),
    _known(_BURST, "pressure_low", 30, 45, 190),
    _known(_BURST, "pressure_deviation", 60, 75, 250),
    _known(_OVERTRAVEL, "fault_code", 0, 200, 330),
    _known(_OVERTRAVEL, "stopped_outside_door_zone", 45, 250, 330),
    _known(_HYDRANT, "fire_pump_running", 0, 40, 200),
)

DEMO = Scenario(
    "demo",
    "The demo compound: half an hour of history, three alarms in the first minute, then an incident every six minutes",
    None,
    (*_FIRST, _DOOR, _SUCTION, _ENTRAPMENT, _FIRE, _LEAK, _SELF_TEST, _BURST, _OVERTRAVEL, _HYDRANT),
    _FIRST_TRUTH + _LATER_TRUTH,
    season_day=175.0,
    history_s=HISTORY_S,
    longest_history_s=HISTORY_S,
)
