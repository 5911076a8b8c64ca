"""A dated limit tells who added it, when and why: they are added by API too."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE limit_row ADD COLUMN added_by text NOT NULL DEFAULT 'catalogue',
        ADD COLUMN added_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN reason text;
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE limit_row DROP COLUMN added_by, DROP COLUMN added_at, DROP COLUMN reason")
