"""Technical files: papers of equipment and sites, kept for ever; a new version names the old."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE technical_file (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        site_id integer NOT NULL REFERENCES site,
        equipment_id integer REFERENCES equipment,
        content jsonb NOT NULL,
        replaces bigint UNIQUE REFERENCES technical_file CHECK (replaces < id),
        reason text CHECK (reason IS NOT NULL OR replaces IS NULL),
        submitted_at timestamptz NOT NULL,
        submitted_by integer NOT NULL REFERENCES person
    );
    CREATE INDEX technical_file_site ON technical_file (site_id, equipment_id);
    CREATE TRIGGER technical_file_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON technical_file
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    CREATE TABLE technical_file_reminder (
        file_id bigint PRIMARY KEY REFERENCES technical_file,
        reminded_at timestamptz NOT NULL
    );
    """)


def downgrade() -> None:
    op.execute("DROP TABLE technical_file_reminder; DROP TABLE technical_file;")
