"""Rollups of readings by minute, hour and day, what has to be summed up again, and how long everything is kept."""

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIERS = (("minute", 28), ("hour", 84), ("day", 364))
"""And the days in a partition of each."""

ROLLUP = """
CREATE TABLE rollup_{tier} (
    at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    min double precision NOT NULL,
    max double precision NOT NULL,
    mean double precision NOT NULL,
    last double precision NOT NULL,
    point_id integer NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (point_id, at)
)
"""

# What there is already is summed up from its first day on by the same job that keeps the rollups up to date.
KEEPING = """
CREATE TABLE rollup_progress (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    late_before timestamptz NOT NULL,
    folded_before timestamptz NOT NULL CHECK (folded_before <= late_before)
);
INSERT INTO rollup_progress (late_before, folded_before)
SELECT start, start FROM (
    SELECT coalesce(date_bin('1 day', min(at), '1970-01-01 00:00+00'),
                    date_bin('1 minute', now(), '1970-01-01 00:00+00'))
    FROM reading
) AS first (start);

CREATE TABLE rollup_late (
    point_id integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX rollup_late_point ON rollup_late (point_id, at);

CREATE TABLE retained (
    tier text PRIMARY KEY CHECK (tier IN ('reading', 'minute', 'hour', 'day')),
    since timestamptz NOT NULL
);
INSERT INTO retained SELECT tier, '1970-01-01 00:00+00' FROM unnest(ARRAY['reading', 'minute', 'hour', 'day']) AS tier;

CREATE TABLE retention_policy (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    effective_from timestamptz NOT NULL,
    reading_days integer NOT NULL,
    minute_days integer NOT NULL,
    hour_days integer NOT NULL,
    day_days integer NOT NULL,
    late_days integer NOT NULL,
    changed_by text NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK (0 < late_days AND late_days < reading_days AND reading_days <= minute_days AND minute_days <= hour_days
        AND hour_days <= day_days AND day_days <= 36500)
);
CREATE INDEX retention_policy_effective_from ON retention_policy (effective_from, id);
INSERT INTO retention_policy
    (effective_from, reading_days, minute_days, hour_days, day_days, late_days, changed_by, reason)
VALUES ('1970-01-01 00:00+00', 90, 1827, 1827, 1827, 30, 'catalogue', 'default');
CREATE TRIGGER retention_policy_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_policy
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

COMPRESS = """
ALTER TABLE {table} SET (timescaledb.compress, timescaledb.compress_segmentby = 'point_id',
    timescaledb.compress_orderby = '{order}')
"""


def upgrade() -> None:
    connection = op.get_bind()
    hyper = connection.execute(text("SELECT relkind <> 'p' FROM pg_class WHERE oid = 'reading'::regclass")).scalar_one()
    for tier, days in TIERS:
        table = ROLLUP.format(tier=tier)
        if hyper:
            op.execute(table)
            op.execute(
                f"SELECT create_hypertable('rollup_{tier}', 'at', chunk_time_interval => interval '{days} days',"
                " create_default_indexes => false)"
            )
        else:
            op.execute(table + "PARTITION BY RANGE (at)")
            op.execute(f"CREATE TABLE rollup_{tier}_unplanned PARTITION OF rollup_{tier} DEFAULT")
    if hyper and connection.execute(text("SHOW timescaledb.license")).scalar_one() == "timescale":
        op.execute(COMPRESS.format(table="reading", order="at DESC, sequence DESC"))
        for tier, _ in TIERS:
            op.execute(COMPRESS.format(table=f"rollup_{tier}", order="at DESC"))
    op.execute(KEEPING)


def downgrade() -> None:
    for table in ("retention_policy", "retained", "rollup_late", "rollup_progress"):
        op.execute(f"DROP TABLE {table}")
    for tier, _ in TIERS:
        op.execute(f"DROP TABLE rollup_{tier}")
