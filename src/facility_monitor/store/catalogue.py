"""The reference data that comes with the product: kinds of equipment and of repair, metrics, limits, starter rules."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.errors import NotFound
from facility_monitor.store import limits, rules
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment_kind, limit_row, metric, rule, ticket_class

AUTHOR = "catalogue"


def read(name: str) -> Any:
    """One file of the catalogue, parsed."""
    return yaml.safe_load(files("facility_monitor").joinpath("catalogue", f"{name}.yaml").read_text("utf-8"))


def mapping(name: str) -> dict[str, Any]:
    """The ready-made payload mapping of that name: ``topic_filter`` and ``definition``. Raises NotFound."""
    for each in read("mappings"):
        if each["name"] == name:
            return {"topic_filter": each["topic_filter"], "definition": each["definition"]}
    raise NotFound(f"mapping {name}")


def load(tx: Tx, now: datetime) -> None:
    """Bring the reference tables up to date; rules are only added, since from then on they are the users' own."""
    for table, name in ((equipment_kind, "equipment_kinds"), (metric, "metrics"), (ticket_class, "ticket_classes")):
        _upsert(tx, table, read(name))
    _upsert(tx, limit_row, limits.rows(read("limits")))
    known = set(tx.execute(select(rule.c.code)).scalars())
    for document in read("rules"):
        code = document.pop("code")
        if code not in known:
            rules.add(tx, code, document, enabled=True, changed_by=AUTHOR, reason="starter rule", now=now)


def _upsert(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    put = insert(table).values(rows)
    changing = {column: put.excluded[column] for column in rows[0] if column != "code"}
    tx.execute(put.on_conflict_do_update(index_elements=["code"], set_=changing))
