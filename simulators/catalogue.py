"""The named scenarios. Each incident begins ten minutes after the start."""

from __future__ import annotations

from simulators.demo import DEMO
from simulators.errors import SimulatorError
from simulators.incidents import Incident
from simulators.scenarios import Placed, Scenario, Truth

PLUM_RAINS = 175.0
"""Day of the year whose climate makes a room without dehumidifier wet."""
BEGIN_S = 600.0
HOUR = 3600.0


def _scenario(
    name: str,
    title: str,
    duration_s: float,
    placed: tuple[str, str, float],
    *truth: tuple[str, float, float, float],
    season_day: float | None = None,
) -> Scenario:
    """One incident (kind of equipment, incident, seconds it lasts) on the first device of its kind.

    Truth as (limit, raised from, raised to, normal by), in seconds after the incident's beginning.
    """
    kind, incident, lasts_s = placed
    return Scenario(
        name,
        title,
        duration_s,
        (Placed(kind, 1, Incident(incident, BEGIN_S, lasts_s)),),
        tuple(
            Truth(kind, 1, limit, (BEGIN_S + begin, BEGIN_S + end), BEGIN_S + normal)
            for limit, begin, end, normal in truth
        ),
        season_day,
    )


_ALL = (
    Scenario("quiet-day", "A whole day on which nothing should alarm", 24 * HOUR),
    _scenario(
        "humidity-leak",
        "Water on the floor of a distribution room for an hour; its humidity rises in spite of the dehumidifier",
        3 * HOUR,
        ("distribution_room", "leak", HOUR),
        ("water_leak", 0, 10, HOUR + 10),
        ("humidity_warning", 730, 1000, HOUR + 1200),
        ("humidity_high", 1050, 1400, HOUR + 900),
        ("condensation", 250, 700, HOUR + 900),
        season_day=PLUM_RAINS,
    ),
    _scenario(
        "dehumidifier-failed",
        "A dehumidifier stands still for an hour and a half in the plum rains",
        2.5 * HOUR,
        ("distribution_room", "dehumidifier_failed", 1.5 * HOUR),
        ("humidity_warning", 1100, 1900, 1.5 * HOUR + 1900),
        ("humidity_high", 2700, 3700, 1.5 * HOUR + 900),
        ("condensation", 1300, 3000, 1.5 * HOUR + 1200),
        season_day=PLUM_RAINS,
    ),
    _scenario(
        "pump-burst",
        "A main breaks behind a pump room and is closed after five minutes",
        1 * HOUR,
        ("pump_room", "burst", 300),
        ("pressure_drop", 0, 20, 60),
        ("pressure_low", 30, 45, 360),
        ("pressure_deviation", 60, 75, 400),
    ),
    _scenario(
        "suction-low",
        "The town main fails for half an hour; the pumps draw from the tank",
        1.5 * HOUR,
        ("pump_room", "suction_low", 1800),
        ("suction_low", 35, 80, 1860),
    ),
    _scenario(
        "pressure-sensor-drift",
        "A pressure transmitter creeps up by 0.035 MPa while the true pressure stands still",
        1.5 * HOUR,
        ("pump_room", "sensor_drift", HOUR),
        ("pressure_deviation", 450, 2600, HOUR + 60),
    ),
    _scenario(
        "fire",
        "Smoke in a corridor; the alarm stays until the panel is reset",
        1 * HOUR,
        ("smoke_detector", "fire", 600),
        ("smoke_alarm", 40, 52, 610),
    ),
    _scenario(
        "detector-contaminated",
        "Dust of building work fills a smoke detector within two hours; it is cleaned after three",
        3.5 * HOUR,
        ("smoke_detector", "contaminated", 3 * HOUR),
        ("contamination", 4000, 6000, 3 * HOUR + 60),
    ),
    _scenario(
        "battery-low",
        "A smoke detector's battery runs down and is replaced after an hour and a half",
        2 * HOUR,
        ("smoke_detector", "battery_low", 1.5 * HOUR),
        ("battery_low", 0, 60, 1.5 * HOUR + 60),
    ),
    _scenario(
        "self-test-failed",
        "A smoke detector fails its self test until it is replaced",
        2 * HOUR,
        ("smoke_detector", "self_test_failed", HOUR),
        ("self_test_failed", 0, 60, HOUR + 60),
    ),
    _scenario(
        "entrapment",
        "An elevator stops between two floors with a passenger, who is rescued after a quarter of an hour",
        1 * HOUR,
        ("elevator", "entrapment", 900),
        ("fault_code", 0, 130, 930),
        ("stopped_outside_door_zone", 45, 180, 930),
    ),
    _scenario(
        "door-fault",
        "An elevator's door does not close for ten minutes",
        1 * HOUR,
        ("elevator", "door_fault", 600),
        ("fault_code", 0, 130, 630),
        ("door_close_time", 0, 130, 630),
    ),
    _scenario(
        "overtravel",
        "An empty car runs past the top floor and is brought back after ten minutes",
        1 * HOUR,
        ("elevator", "overtravel", 600),
        ("fault_code", 0, 200, 630),
        ("stopped_outside_door_zone", 45, 250, 630),
    ),
    _scenario(
        "leveling-drift",
        "An elevator's stops creep up to 14 mm above the floor and are set right after two hours",
        3 * HOUR + BEGIN_S,
        ("elevator", "leveling_drift", 2 * HOUR),
        ("leveling_error", 1200, 2 * HOUR, 3 * HOUR),
    ),
    _scenario(
        "hydrant-open",
        "A hydrant is opened for ten minutes; the fire pump starts",
        1 * HOUR,
        ("fire_pump", "hydrant_open", 600),
        ("fire_pump_running", 0, 40, 620),
    ),
    _scenario(
        "fire-pump-blocked",
        "A hydrant is opened for ten minutes; the fire pump does not start",
        1 * HOUR,
        ("fire_pump", "fire_pump_blocked", 600),
        ("fire_main_low", 30, 70, 660),
    ),
    DEMO,
)

SCENARIOS = {scenario.name: scenario for scenario in _ALL}


def scenario(name: str) -> Scenario:
    """The scenario of this name. Raises SimulatorError when there is none."""
    if name not in SCENARIOS:
        raise SimulatorError(f"unknown scenario {name!r}; one of {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
