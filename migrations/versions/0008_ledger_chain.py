"""The ledger becomes a hash chain at each site; what it holds already is chained in the order of its ids.

The form that is hashed is written out here once more, since a migration must not change with the code.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785
from alembic import op
from sqlalchemy import Connection, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# JSON, not JSONB: it keeps the letters that were hashed.
COLUMNS = """
ALTER TABLE ledger ALTER COLUMN body TYPE json USING body::json;
ALTER TABLE ledger ADD COLUMN position bigint, ADD COLUMN prev bytea, ADD COLUMN hash bytea;
CREATE TABLE ledger_head (
    site_id integer PRIMARY KEY REFERENCES site,
    position bigint NOT NULL CHECK (position > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
ALTER TABLE ledger DISABLE TRIGGER ledger_append_only;
"""

PROMISES = """
ALTER TABLE ledger ENABLE TRIGGER ledger_append_only;
ALTER TABLE ledger
    ALTER COLUMN position SET NOT NULL, ALTER COLUMN prev SET NOT NULL, ALTER COLUMN hash SET NOT NULL,
    ADD CHECK (position > 0), ADD CHECK (octet_length(prev) = 32), ADD CHECK (octet_length(hash) = 32),
    ADD UNIQUE (site_id, position);
CREATE TRIGGER ledger_head_stays BEFORE DELETE OR TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

CHAIN = """
UPDATE ledger SET body = new.body::json, position = new.position, prev = new.prev, hash = new.hash
FROM unnest(CAST(:id AS bigint[]), CAST(:body AS text[]), CAST(:position AS bigint[]), CAST(:prev AS bytea[]),
            CAST(:hash AS bytea[])) AS new (id, body, position, prev, hash)
WHERE ledger.id = new.id
"""

HEADS = """
INSERT INTO ledger_head (site_id, position, hash)
SELECT DISTINCT ON (site_id) site_id, position, hash FROM ledger ORDER BY site_id, position DESC
"""

DOWN = """
DROP TABLE ledger_head;
ALTER TABLE ledger DROP COLUMN position, DROP COLUMN prev, DROP COLUMN hash;
ALTER TABLE ledger ALTER COLUMN body TYPE jsonb USING body::jsonb;
"""

BATCH = 5000


def upgrade() -> None:
    op.execute(COLUMNS)
    _chain(op.get_bind())
    op.execute(PROMISES)


def downgrade() -> None:
    op.execute(DOWN)


def _chain(connection: Connection) -> None:
    heads: dict[int, tuple[int, bytes]] = {}
    last = 0
    while rows := connection.execute(
        text("SELECT *, body::text AS words FROM ledger WHERE id > :last ORDER BY id LIMIT :limit"),
        {"last": last, "limit": BATCH},
    ).all():
        columns: dict[str, list[Any]] = {name: [] for name in ("id", "body", "position", "prev", "hash")}
        for row in rows:
            position, prev = heads.get(row.site_id, (0, bytes(32)))
            body = _exact(json.loads(row.words))
            found = hashlib.sha256(_canonical(row._mapping, body, position + 1, prev)).digest()
            heads[row.site_id] = (position + 1, found)
            values = (row.id, rfc8785.dumps(body).decode(), position + 1, prev, found)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
        connection.execute(text(CHAIN), columns)
        last = rows[-1].id
    connection.execute(text(HEADS))


def _canonical(row: Mapping[Any, Any], body: Any, position: int, prev: bytes) -> bytes:
    kept = ("actor_id", "alarm_id", "equipment_id", "id", "kind", "reason", "site_id", "ticket_id")
    times = {name: _written(row[name]) for name in ("at", "occurred_at")}
    place = {"body": body, "position": position, "prev": prev.hex()}
    return rfc8785.dumps({**{name: row[name] for name in kept}, **times, **place})


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _exact(value: Any) -> Any:
    """``value`` with the large floats that JSONB has turned into whole numbers as floats again."""
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return float(value)
    return value
