"""An alarm is also quiet while that of the next limit on the same side of its point stands."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE alarm DROP CONSTRAINT alarm_suppressed_by_check, ADD CONSTRAINT alarm_suppressed_by_check
        CHECK (suppressed_by IN ('parent_down', 'power_off', 'equipment_off', 'not_in_use', 'outranked'));
    """)


def downgrade() -> None:
    op.execute("""
    UPDATE alarm SET suppressed_by = NULL WHERE suppressed_by = 'outranked';
    ALTER TABLE alarm DROP CONSTRAINT alarm_suppressed_by_check, ADD CONSTRAINT alarm_suppressed_by_check
        CHECK (suppressed_by IN ('parent_down', 'power_off', 'equipment_off', 'not_in_use'));
    """)
