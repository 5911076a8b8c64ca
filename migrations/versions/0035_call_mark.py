"""The call after a closing is watched like all that is due of a ticket: it has a mark on the clock."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE ticket_mark DROP CONSTRAINT ticket_mark_mark_check;
ALTER TABLE ticket_mark ADD CONSTRAINT ticket_mark_mark_check
    CHECK (mark IN ('answer', '50', '75', '90', 'breach', 'hold_end', 'call'));
-- Those that were missed already are passed over: nobody was to be told of it then.
INSERT INTO ticket_mark (ticket_id, mark, due_at)
SELECT DISTINCT ticket_id, 'call', due_at FROM follow_up WHERE done_at IS NULL AND due_at > now();
"""
DOWN = """
DELETE FROM ticket_mark WHERE mark = 'call';
ALTER TABLE ticket_mark DROP CONSTRAINT ticket_mark_mark_check;
ALTER TABLE ticket_mark ADD CONSTRAINT ticket_mark_mark_check
    CHECK (mark IN ('answer', '50', '75', '90', 'breach', 'hold_end'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
