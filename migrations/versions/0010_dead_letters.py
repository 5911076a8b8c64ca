"""Dead letters can be replayed, unknown devices are known by name, sites have slots, and clocks are watched."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE reject
    ADD COLUMN holder integer NOT NULL DEFAULT 0,
    ADD COLUMN told jsonb,
    ADD COLUMN slot smallint NOT NULL DEFAULT 0,
    ADD COLUMN requested_at timestamptz,
    ADD COLUMN requested_by text,
    ADD COLUMN replayed_at timestamptz,
    ADD COLUMN outcome jsonb;
CREATE INDEX reject_pending ON reject (slot, id) WHERE requested_at IS NOT NULL AND replayed_at IS NULL;

CREATE TABLE unknown_device (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL,
    device text NOT NULL,
    topic text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    messages bigint NOT NULL,
    keys jsonb NOT NULL,
    UNIQUE (site, device)
);

CREATE TABLE device_clock (
    device_id integer PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    ahead_s double precision NOT NULL,
    measured_at timestamptz NOT NULL
);

ALTER TABLE site ADD COLUMN slot smallint NOT NULL DEFAULT 0 CHECK (slot BETWEEN 0 AND 31);
ALTER TABLE ingest_slot
    ADD COLUMN difference bigint NOT NULL DEFAULT 0,
    ADD COLUMN sites text[] NOT NULL DEFAULT '{}';
"""

DOWN = """
ALTER TABLE ingest_slot DROP COLUMN sites, DROP COLUMN difference;
ALTER TABLE site DROP COLUMN slot;
DROP TABLE device_clock;
DROP TABLE unknown_device;
DROP INDEX reject_pending;
ALTER TABLE reject DROP COLUMN outcome, DROP COLUMN replayed_at, DROP COLUMN requested_by, DROP COLUMN requested_at,
    DROP COLUMN slot, DROP COLUMN told, DROP COLUMN holder;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
