"""What people made of an early warning is found in the ledger by its elevator."""

from alembic import op

revision = "0039"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ledger_warnings ON ledger (equipment_id, id) WHERE kind LIKE 'elevator_warning_%'")


def downgrade() -> None:
    op.execute("DROP INDEX ledger_warnings")
