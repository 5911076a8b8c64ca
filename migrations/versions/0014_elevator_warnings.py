"""The fault early-warning ledger: what is on its way to a limit, and what people made of it."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
CREATE TABLE elevator_warning (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    quantity text NOT NULL,
    floor text,
    state text NOT NULL CHECK (state IN ('open', 'confirmed', 'acted', 'dismissed')),
    opened_at timestamptz NOT NULL,
    looked_at timestamptz NOT NULL,
    expected_at timestamptz NOT NULL,
    forecast jsonb NOT NULL,
    ended_at timestamptz CHECK ((ended_at IS NULL) = (state IN ('open', 'confirmed'))),
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX elevator_warning_live ON elevator_warning (equipment_id, quantity, coalesce(floor, ''))
    WHERE ended_at IS NULL;
CREATE INDEX elevator_warning_equipment ON elevator_warning (equipment_id, opened_at);
""")


def downgrade() -> None:
    op.execute("DROP TABLE elevator_warning")
