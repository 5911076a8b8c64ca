"""The ledger of alarms is asked for what is rare in it too.

An index for events; and how often each state and severity comes, which PostgreSQL does not learn from indexes that
cover a part of a table only. Without them a question for what hardly ever happens walks through everything.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ledger_alarms_kind ON ledger (kind, at, id) WHERE alarm_id IS NOT NULL")
    for name in ("state", "severity"):
        op.execute(f"CREATE STATISTICS ledger_alarms_{name}_shares ON (body ->> '{name}') FROM ledger")
    op.execute("ANALYZE ledger")


def downgrade() -> None:
    for name in ("state", "severity"):
        op.execute(f"DROP STATISTICS ledger_alarms_{name}_shares")
    op.execute("DROP INDEX ledger_alarms_kind")
