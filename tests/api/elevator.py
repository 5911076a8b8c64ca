"""What tests of posted elevator tests have in common."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import update

from facility_monitor.domain.person import Scope
from facility_monitor.flows.people import sign_in
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import equipment
from tests.api.world import Caller, World

GOOD: dict[str, Any] = {
    "performed_at": "2026-03-02T15:30:00+08:00",
    "workers": [{"name": "赵强", "certificate_no": "T5301-0417"}, {"name": "孙磊", "certificate_no": "T5301-0522"}],
    "door": {"type": "centre", "clear_width_mm": 900},
    "floors": [
        {"floor": 1, "leveling_down_mm": -3, "door_open_s": 2.6},
        {"floor": 2, "leveling_up_mm": 4, "leveling_down_mm": -2, "closing_force_n": 128},
    ],
}


def a_test(**changes: Any) -> dict[str, Any]:
    """A test that passes, half an hour old at the world's start."""
    return {**deepcopy(GOOD), **changes}


REGISTER: dict[str, Any] = {"floors": 6, "rated_speed": 1.75, "maker": "Lifts & Co", "strange": {"a": 1}}


def register(world: World, *names: str, attributes: Mapping[str, Any] = REGISTER) -> None:
    """Let the register know the floors and the rated speed of these elevators."""
    with world.tx() as tx:
        for name in names or ("hill-el",):
            tx.execute(update(equipment).where(equipment.c.id == world.ids[name]).values(attributes=attributes))


def with_key(world: World, username: str = "contractor", *scopes: Scope) -> Caller:
    """A program with an API key of this person."""
    with world.tx() as tx:
        account = accounts.by_id(tx, world.ids[username], world.clock.now)
        assert account is not None
        wanted = scopes or (Scope.READ_PLANT, Scope.READ_TESTS, Scope.WRITE_TESTS)
        _, key = sign_in.make_key(tx, account.person, "test", wanted, None, world.clock.now)
    return Caller(world.anonymous(), key)


def path(world: World, name: str = "hill-el") -> str:
    return f"/elevators/{world.ids[name]}/tests"
