"""What the ledger has told of calendars is asked for with each look at them."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ledger_calendars ON ledger (id) WHERE kind = 'upkeep_calendar_changed'")


def downgrade() -> None:
    op.execute("DROP INDEX ledger_calendars")
