"""An elevator behind a gateway: trips over 18 floors, door cycles, leveling, counters, service modes and fault codes.

Modes, states and fault codes 1-8 are those of GB/T 24476-2017; 9 (overtravel at the top) and 11 (entrapment) follow
a common platform's list, as the standard has no number for them.
Incidents: `entrapment` (stops between floors with a passenger, until the rescue), `door_fault` (the door does not
close), `overtravel` (the empty car passes the top floor), `leveling_drift` (stops end up 14 mm too high).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.incidents import Incidents
from simulators.message import Message, Value, Values
from simulators.noise import OrnsteinUhlenbeck, count_since_commissioning, generator, interpolate, local_hour

PERIOD_S = 5.0
FLOORS, FLOOR_HEIGHT_M, SPEED = 18, 3.0, 1.75
"""Floors served, metres between them, metres a second."""
DRIFT_MM = 14.0
"""Leveling error that a drift ends up with; it arrives there after half of its time."""
OUT_OF_SERVICE, NORMAL, INSPECTION = 0, 1, 2
DOOR_CLOSING_FAULT, STOPPED_OUTSIDE_DOOR_ZONE, OVERTRAVEL_TOP, ENTRAPMENT = 2, 4, 9, 11

# Local hour to mean seconds between two trips.
GAP = ((0, 240.0), (5, 240.0), (7, 70.0), (9, 110.0), (12, 80.0), (14, 130.0), (17.5, 70.0), (20, 90.0), (23, 200.0),
       (24, 240.0))  # fmt: skip

Phase = tuple[float, Values]
"""Seconds that a phase lasts, and what changes at its beginning."""


class Elevator:
    """One car: all metrics every 5 s, and what changed at once when it changes."""

    def __init__(self, device: str, seed: int, incidents: Incidents, *, utc_offset_h: float = 8.0) -> None:
        self.device = device
        self._incidents = incidents
        self._utc_offset_h = utc_offset_h
        self._rng = generator(seed, device)
        self._room = OrnsteinUhlenbeck(self._rng, 0.8, 3600.0)
        self._now = 0.0
        self._duty = 0.15
        self._floor = 1
        self._values: dict[str, Value] = {}

    def run(self, start: float) -> Iterator[Message]:
        """Messages from `start` (Unix seconds) on, without end."""
        self._now = report_at = start + self._rng.uniform(0.0, PERIOD_S)
        self._values = self._first_values(start)
        for seconds, changes in self._life():
            changed = {key: value for key, value in changes.items() if self._values[key] != value}
            self._values.update(changed)
            if changed:
                yield Message(self._now, self.device, changed)
            end = self._now + seconds
            while report_at < end:
                self._values["motor_temperature"] = self._motor_temperature()
                yield Message(report_at, self.device, dict(self._values))
                report_at += PERIOD_S
            self._now = end

    def _first_values(self, start: float) -> dict[str, Value]:
        trips = count_since_commissioning(start, 80.0) + self._rng.randint(0, 50_000)
        return {
            "service_mode": NORMAL,
            "car_status": 0,
            "car_direction": 0,
            "door_zone": 1,
            "car_position": self._floor,
            "door_status": 1,
            "passenger_status": 2,
            "fault_code": 0,
            "total_running_time": round(trips * 20 / 3600, 3),
            "present_counter_value": trips,
            "door_count": trips,
            "rope_bend_count": trips * 3,
            "level_trigger_count": trips,
            "run_distance": round(trips * 30.0, 1),
            "leveling_error": self._leveling_error(),
            "door_open_time": round(self._rng.gauss(2.7, 0.05), 2),
            "door_close_time": round(self._rng.gauss(3.1, 0.05), 2),
            "motor_temperature": self._motor_temperature(),
        }

    def _life(self) -> Iterator[Phase]:
        faults = {"entrapment": self._entrapment, "door_fault": self._door_fault, "overtravel": self._overtravel}
        while True:
            fault = next((run for kind, run in faults.items() if self._incidents.on(kind, self._now)), None)
            if fault is not None:
                yield from fault()
                continue
            gap = self._rng.expovariate(1.0 / interpolate(GAP, local_hour(self._now, self._utc_offset_h)))
            until_change = self._incidents.next_change(self._now) - self._now
            yield min(gap, until_change), {}
            if gap < until_change:
                yield from self._trip()

    def _trip(self) -> Iterator[Phase]:
        """A passenger calls the car, rides, and leaves; most trips begin or end at the entrance."""
        upper = self._rng.randint(2, FLOORS)
        other = 1 if self._rng.random() < 0.8 else self._rng.randint(1, FLOORS)
        called_from, wanted = (upper, other) if self._rng.random() < 0.5 else (other, upper)
        yield from self._travel(called_from)
        yield from self._door_cycle(passenger_after=1)
        yield from self._travel(wanted)
        yield from self._door_cycle(passenger_after=2)

    def _travel(self, to: int) -> Iterator[Phase]:
        if to == self._floor:
            return
        begin = self._now
        distance = abs(to - self._floor) * FLOOR_HEIGHT_M
        step = 1 if to > self._floor else -1
        yield from self._start_towards(to)
        while self._floor != to:
            self._floor += step
            yield FLOOR_HEIGHT_M / SPEED, {"car_position": self._floor}
        yield 0.0, self._stop() | self._counted(distance, self._now - begin)

    def _start_towards(self, to: int) -> Iterator[Phase]:
        yield 1.5, {"car_status": 1, "car_direction": 1 if to > self._floor else 2, "door_zone": 2}

    def _stop(self) -> dict[str, Value]:
        return {"car_status": 0, "car_direction": 0, "door_zone": 1, "leveling_error": self._leveling_error()}

    def _counted(self, distance_m: float, seconds: float) -> dict[str, Value]:
        values = self._values
        return {
            "total_running_time": round(values["total_running_time"] + seconds / 3600, 4),
            "present_counter_value": values["present_counter_value"] + 1,
            "rope_bend_count": values["rope_bend_count"] + 3,
            "level_trigger_count": values["level_trigger_count"] + 1,
            "run_distance": round(values["run_distance"] + distance_m, 1),
        }

    def _door_cycle(self, passenger_after: int) -> Iterator[Phase]:
        opening, closing = self._rng.gauss(2.7, 0.08), self._rng.gauss(3.1, 0.1)
        yield opening, {"door_status": 2}
        yield self._rng.uniform(1.0, 3.0), {"door_open_time": round(opening, 2)}
        yield self._rng.uniform(2.0, 5.0), {"passenger_status": passenger_after}
        yield closing, {}
        yield (
            1.0,
            {
                "door_status": 1,
                "door_close_time": round(closing, 2),
                "door_count": self._values["door_count"] + 1,
            },
        )

    def _leveling_error(self) -> float:
        """mm above (+) or below (-) the floor at this stop."""
        drift = DRIFT_MM * min(1.0, self._incidents.progress("leveling_drift", self._now) / 0.5)
        return round(drift + max(-5.0, min(5.0, self._rng.gauss(0.0, 1.6))), 1)

    def _motor_temperature(self) -> float:
        moving = self._values.get("car_status", 0)
        self._duty += (moving - self._duty) * PERIOD_S / 1200.0
        return round(28.0 + 45.0 * self._duty + self._room.step(PERIOD_S), 1)

    def _end_of(self, incident: str) -> float:
        # A little past the end, or rounding would find the incident still on and begin it again.
        return self._now + self._incidents.left(incident, self._now) + 0.01

    def _entrapment(self) -> Iterator[Phase]:
        """Code 4 three seconds after the stop, code 11 after a minute with a person inside; a rescue at the end."""
        end = self._end_of("entrapment")
        towards = FLOORS if self._floor <= FLOORS // 2 else 1
        yield from self._door_cycle(passenger_after=1)
        yield from self._start_towards(towards)
        self._floor += 1 if towards == FLOORS else -1
        yield 1.0, {"car_position": self._floor}
        yield 3.0, {"car_status": 0, "car_direction": 0}
        yield 57.0, {"fault_code": STOPPED_OUTSIDE_DOOR_ZONE}
        yield max(1.0, end - 60.0 - self._now), {"fault_code": ENTRAPMENT}
        yield 15.0, {"service_mode": INSPECTION, "car_status": 1, "car_direction": 1}
        yield 5.0, self._stop()
        yield 15.0, {"door_status": 2}
        yield 5.0, {"passenger_status": 2}
        yield 10.0, {"door_status": 1, "fault_code": 0}
        yield max(0.0, end - self._now), {"service_mode": NORMAL}

    def _door_fault(self) -> Iterator[Phase]:
        """The door tries again and again; repaired in the last half minute."""
        end = self._end_of("door_fault")
        yield 3.0, {"door_status": 2}
        while self._now < end - 30.0:
            closing = self._rng.uniform(6.5, 8.5)
            yield closing, {}
            yield 3.0, {"fault_code": DOOR_CLOSING_FAULT, "door_close_time": round(closing, 2)}
        yield 20.0, {"service_mode": INSPECTION}
        yield 5.0, {"door_status": 1, "door_close_time": round(self._rng.gauss(3.1, 0.1), 2), "fault_code": 0}
        yield max(0.0, end - self._now), {"service_mode": NORMAL}

    def _overtravel(self) -> Iterator[Phase]:
        """The empty car runs past the top floor and goes out of service; brought back in the last half minute."""
        end = self._end_of("overtravel")
        if self._floor == FLOORS:
            yield from self._travel(FLOORS - 1)
        yield from self._travel(FLOORS)
        yield 2.0, {"car_status": 1, "car_direction": 1, "door_zone": 2}
        yield 2.0, {"car_status": 0, "car_direction": 0}
        yield max(1.0, end - 30.0 - self._now), {"fault_code": OVERTRAVEL_TOP, "service_mode": OUT_OF_SERVICE}
        yield 10.0, {"service_mode": INSPECTION, "car_status": 1, "car_direction": 2}
        yield 5.0, self._stop()
        yield 5.0, {"fault_code": 0}
        yield max(0.0, end - self._now), {"service_mode": NORMAL}
