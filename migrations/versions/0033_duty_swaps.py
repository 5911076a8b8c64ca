"""A shift may be offered to a colleague, who takes it or does not."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE duty_swap (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        duty_id integer NOT NULL REFERENCES duty ON DELETE CASCADE,
        asked_by integer NOT NULL REFERENCES person,
        person_id integer NOT NULL REFERENCES person CHECK (person_id <> asked_by),
        asked_at timestamptz NOT NULL,
        decided_at timestamptz,
        outcome text CHECK (outcome IN ('accepted', 'declined', 'withdrawn', 'overtaken')),
        CHECK (num_nonnulls(decided_at, outcome) IN (0, 2))
    );
    CREATE UNIQUE INDEX duty_swap_open ON duty_swap (duty_id) WHERE outcome IS NULL;
    """)


def downgrade() -> None:
    op.execute("DROP TABLE duty_swap")
