"""What conditions remember between readings, and the phase of a reading that may be a misread."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE rule_state
            ADD COLUMN memory_of text,
            ADD COLUMN memory text,
            ADD COLUMN folded_at timestamptz,
            ADD COLUMN heard_at timestamptz,
            DROP CONSTRAINT rule_state_phase_check,
            ADD CHECK (phase IN ('normal', 'suspect', 'pending', 'active', 'returning')),
            ADD CHECK (num_nulls(memory_of, memory, folded_at, heard_at) IN (0, 4))
    """)


def downgrade() -> None:
    op.execute("""
        UPDATE rule_state SET phase = 'normal' WHERE phase = 'suspect';
        ALTER TABLE rule_state
            DROP COLUMN memory_of,
            DROP COLUMN memory,
            DROP COLUMN folded_at,
            DROP COLUMN heard_at,
            DROP CONSTRAINT rule_state_phase_check,
            ADD CHECK (phase IN ('normal', 'pending', 'active', 'returning'))
    """)
