"""Files that are no pictures (certificates, logs) are evidence too: they have no width and height."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE evidence_file ALTER COLUMN width DROP NOT NULL, ALTER COLUMN height DROP NOT NULL,
        ADD CONSTRAINT evidence_file_sized
        CHECK (num_nonnulls(width, height) = CASE WHEN media_type LIKE 'image/%' THEN 2 ELSE 0 END);
    """)


def downgrade() -> None:
    # a table without such files cannot say what they are: what they are evidence of goes with them
    op.execute("""
    ALTER TABLE evidence_use DISABLE TRIGGER USER;
    DELETE FROM evidence_use WHERE sha256 IN (SELECT sha256 FROM evidence_file WHERE width IS NULL);
    ALTER TABLE evidence_use ENABLE TRIGGER USER;
    DELETE FROM evidence WHERE sha256 IN (SELECT sha256 FROM evidence_file WHERE width IS NULL);
    DELETE FROM evidence_file WHERE width IS NULL;
    ALTER TABLE evidence_file DROP CONSTRAINT evidence_file_sized,
        ALTER COLUMN width SET NOT NULL, ALTER COLUMN height SET NOT NULL;
    """)
