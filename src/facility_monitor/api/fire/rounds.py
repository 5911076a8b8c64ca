"""The round: all that a phone needs to go around a site without a network."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsTests
from facility_monitor.api.fire.upkeep import as_task
from facility_monitor.api.models import upkeep as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.problems import documented
from facility_monitor.flows.fire import upkeep as flows
from facility_monitor.store import plant
from facility_monitor.store.fire import upkeep
from facility_monitor.store.tables import equipment, site
from facility_monitor.store.views import checks as views

router = APIRouter(tags=["upkeep"])


@router.get(
    "/round",
    summary="What is to be done today at a site, and at what",
    response_model=models.Round,
    responses=documented(401, 403, 404, 422, 503),
)
def show_round(call: ReadsTests, site_id: Annotated[PathId, Query(alias="site")]) -> dict[str, Any]:
    """Tasks that are due or overdue today, and all equipment that there is a form for, each with its newest check. A
    phone keeps it, with GET /check-forms, for where there is no network."""
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        on = plant.today(tx, site_id, call.now)
        tasks = flows.to_do(tx, call.sight, site_id, on)
        forms = {form.code: form.kinds for form in upkeep.forms(tx) if form.in_force(on)}
        kinds = {kind for each in forms.values() for kind in each}
        here = call.sight.thing(equipment.c.site_id, equipment.c.id)
        pieces = upkeep.registered(tx, equipment.c.site_id == site_id, equipment.c.kind.in_(kinds), here)
        ids = [each.item.id for each in pieces]
        places, newest = plant.places(tx, ids), views.newest(tx, ids)
    return {
        "site_id": site_id,
        "on": on,
        "tasks": [as_task(each) for each in tasks if each.plan.form in forms],
        "equipment": [
            {
                "id": each.item.id,
                "code": each.code,
                "kind": each.item.kind,
                "subtype": each.subtype,
                "name": places[each.item.id].name,
                "place": places[each.item.id].path,
                "newest": newest.get(each.item.id),
            }
            for each in pieces
        ],
    }
