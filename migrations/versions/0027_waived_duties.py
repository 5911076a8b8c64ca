"""A duty that was not done may be waived, with a reason: it stays missed, and nobody is called for it any more."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE upkeep_task ADD COLUMN waived_at timestamptz, ADD COLUMN waived_by integer REFERENCES person,
        ADD COLUMN waived_for text,
        ADD CONSTRAINT upkeep_task_waived CHECK (num_nonnulls(waived_at, waived_by, waived_for) IN (0, 3));
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE upkeep_task DROP COLUMN waived_at, DROP COLUMN waived_by, DROP COLUMN waived_for;")
