"""Dead letters are kept by policy, too."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE retention_policy ADD COLUMN reject_days integer NOT NULL DEFAULT 90
        CHECK (reject_days BETWEEN 1 AND 36500);
    ALTER TABLE retention_policy ALTER COLUMN reject_days DROP DEFAULT;
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE retention_policy DROP COLUMN reject_days")
