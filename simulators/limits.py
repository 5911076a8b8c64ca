"""The limits that a scenario's truth speaks of: what a reasonable set of rules holds the simulated values to.

Where a standard gives the limit, the text names it; the others are practice and our own proposal. Pressures in Pa.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    code: str
    kind: str
    """Kind of equipment."""
    metric: str
    """The metric it reads; two joined by + where it takes both."""
    condition: str
    """Beyond the limit when this holds, for a person to read."""
    for_s: float = 0.0
    """Seconds without a break before it alarms."""


LIMITS = {
    limit.code: limit
    for limit in (
        Limit("humidity_warning", "distribution_room", "humidity", "> 70 %RH, deadband 5", 600),
        Limit("humidity_high", "distribution_room", "humidity", "> 80 %RH, deadband 5", 600),
        Limit("temperature_high", "distribution_room", "temperature", "> 35 Cel"),
        Limit("temperature_low", "distribution_room", "temperature", "< 5 Cel"),
        Limit("condensation", "distribution_room", "humidity+surface_temperature", "surface < dew point + 3 K"),
        Limit("water_leak", "distribution_room", "water_leak", "== 1"),
        Limit("pressure_deviation", "pump_room", "pressure", "more than 20000 Pa from 450000 Pa", 60),
        Limit("pressure_low", "pump_room", "pressure", "< 400000 Pa", 30),
        Limit("pressure_high", "pump_room", "pressure", "> 500000 Pa", 30),
        Limit("pressure_drop", "pump_room", "pressure", "falls by more than 50000 Pa in 10 s"),
        Limit("suction_low", "pump_room", "suction_pressure", "< 100000 Pa", 30),
        Limit("water_level_low", "pump_room", "water_level", "< 0.5 m", 60),
        Limit("water_level_high", "pump_room", "water_level", "> 2.2 m", 60),
        Limit("fault_code", "elevator", "fault_code", "!= 0"),
        Limit(
            "stopped_outside_door_zone", "elevator", "car_status+door_zone", "car_status == 0 and door_zone == 2", 45
        ),
        Limit("leveling_error", "elevator", "leveling_error", "more than 10 mm up or down (GB/T 10058)"),
        Limit("door_open_time", "elevator", "door_open_time", "> 4.0 s (GB/T 10058, centre opening up to 1000 mm)"),
        Limit("door_close_time", "elevator", "door_close_time", "> 4.0 s (GB/T 10058, centre opening up to 1000 mm)"),
        Limit("motor_temperature", "elevator", "motor_temperature", "> 80 Cel"),
        Limit("smoke_alarm", "smoke_detector", "smoke_alarm", "== 1"),
        Limit("contamination", "smoke_detector", "contamination", "> 80 %"),
        Limit("battery_low", "smoke_detector", "battery", "< 2.6 V"),
        Limit("chamber_temperature", "smoke_detector", "chamber_temperature", "> 54 Cel"),
        Limit("self_test_failed", "smoke_detector", "self_test", "== 0"),
        Limit("fire_main_low", "fire_pump", "pressure", "< 600000 Pa", 30),
        Limit("fire_pump_running", "fire_pump", "pump_running", "== 1"),
    )
}
