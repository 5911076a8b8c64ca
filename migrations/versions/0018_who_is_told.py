"""One escalation policy for the same alarms; a phone's subscription knows its session, and ends when that signs out."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UP = """
CREATE UNIQUE INDEX escalation_policy_scope ON escalation_policy (site_id, equipment_kind, severity, life_safety)
    NULLS NOT DISTINCT WHERE enabled;
ALTER TABLE channel ADD COLUMN session_hash bytea;
"""

DOWN = """
ALTER TABLE channel DROP COLUMN session_hash;
DROP INDEX escalation_policy_scope;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
