"""A duty may come around every half-year, as one of the elevators' maintenance does (TSG T5002)."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE upkeep_plan DROP CONSTRAINT upkeep_plan_cycle_check, ADD CONSTRAINT upkeep_plan_cycle_check
        CHECK (cycle IN ('daily', 'weekly', 'half_monthly', 'monthly', 'quarterly', 'half_yearly', 'yearly'));
    """)


def downgrade() -> None:
    op.execute("""
    DELETE FROM upkeep_task WHERE plan IN (SELECT code FROM upkeep_plan WHERE cycle = 'half_yearly');
    DELETE FROM upkeep_plan WHERE cycle = 'half_yearly';
    ALTER TABLE upkeep_plan DROP CONSTRAINT upkeep_plan_cycle_check, ADD CONSTRAINT upkeep_plan_cycle_check
        CHECK (cycle IN ('daily', 'weekly', 'half_monthly', 'monthly', 'quarterly', 'yearly'));
    """)
