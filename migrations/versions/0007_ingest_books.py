"""The ingest's books: what each batch did, the balance, how the slots stand; and rejects that are kept once each."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE ingest_batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slot smallint NOT NULL,
    holder integer[] NOT NULL,
    received integer[] NOT NULL,
    stored integer[],
    duplicate integer[],
    rejected integer[],
    missing integer[],
    message_id integer[],
    digest bigint[],
    received_at bigint[]
);
CREATE TABLE ingest_balance (
    holder integer PRIMARY KEY,
    received bigint NOT NULL,
    stored bigint NOT NULL,
    duplicate bigint NOT NULL,
    rejected bigint NOT NULL,
    missing bigint NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE ingest_slot (
    slot smallint PRIMARY KEY,
    holder text NOT NULL,
    since timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    connected boolean NOT NULL,
    arrived bigint NOT NULL,
    committed bigint NOT NULL,
    abandoned bigint NOT NULL,
    in_flight integer NOT NULL,
    connections integer NOT NULL,
    stuck integer NOT NULL,
    settled bigint NOT NULL,
    broker jsonb NOT NULL
) WITH (fillfactor = 50);

ALTER TABLE reject ADD COLUMN site text, ADD COLUMN device text, ADD COLUMN digest bigint;
UPDATE reject SET digest = id,
    site = CASE WHEN topic LIKE 'facility/%/%/%' THEN split_part(topic, '/', 2) END,
    device = CASE WHEN topic LIKE 'facility/%/%/%' THEN split_part(topic, '/', 3) END;
ALTER TABLE reject ALTER COLUMN digest SET NOT NULL;
DROP INDEX reject_received_at;
CREATE UNIQUE INDEX reject_once ON reject (received_at, digest);
CREATE INDEX reject_device ON reject (device, id);
"""

DOWN = """
DROP INDEX reject_device;
DROP INDEX reject_once;
ALTER TABLE reject DROP COLUMN site, DROP COLUMN device, DROP COLUMN digest;
CREATE INDEX reject_received_at ON reject (received_at);
DROP TABLE ingest_slot;
DROP TABLE ingest_balance;
DROP TABLE ingest_batch;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
