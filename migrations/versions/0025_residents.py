"""Residents report what is wrong by a label's QR code, without an account; a photo may come from nobody we know."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE report_place (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        site_id integer NOT NULL REFERENCES site (id),
        equipment_id integer NOT NULL REFERENCES equipment (id),
        name jsonb NOT NULL,
        submitted_by integer NOT NULL REFERENCES person (id),
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    );
    CREATE INDEX report_place_site ON report_place (site_id);

    CREATE TABLE resident_report (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        report_place_id integer NOT NULL REFERENCES report_place (id),
        ticket_id bigint NOT NULL UNIQUE REFERENCES ticket (id),
        received_at timestamptz NOT NULL,
        digest bytea NOT NULL,
        sender bytea,
        phone text
    );
    CREATE INDEX resident_report_recent ON resident_report (received_at);
    CREATE INDEX resident_report_private ON resident_report (id) WHERE phone IS NOT NULL OR sender IS NOT NULL;

    ALTER TABLE evidence ALTER COLUMN uploaded_by DROP NOT NULL;
    ALTER TABLE evidence_use ALTER COLUMN used_by DROP NOT NULL;
    """)


def downgrade() -> None:
    op.execute("""
    DROP TABLE resident_report, report_place;
    ALTER TABLE evidence_use DISABLE TRIGGER USER;
    DELETE FROM evidence_use WHERE used_by IS NULL
        OR evidence_id IN (SELECT id FROM evidence WHERE uploaded_by IS NULL);
    ALTER TABLE evidence_use ENABLE TRIGGER USER;
    DELETE FROM evidence WHERE uploaded_by IS NULL;
    ALTER TABLE evidence_use ALTER COLUMN used_by SET NOT NULL;
    ALTER TABLE evidence ALTER COLUMN uploaded_by SET NOT NULL;
    """)
