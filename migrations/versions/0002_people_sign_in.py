"""What the API needs: throttled log-ins, versions of what people edit, indexes of the lists."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE sign_in_failure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    username_hash bytea NOT NULL,
    address text NOT NULL
);
CREATE INDEX sign_in_failure_username ON sign_in_failure (username_hash, at);
CREATE INDEX sign_in_failure_address ON sign_in_failure (address, at);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX api_key_person ON api_key (person_id);
CREATE INDEX contract_organisation ON contract (organisation_id);

ALTER TABLE space ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE organisation ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE contract ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE duty ADD COLUMN version integer NOT NULL DEFAULT 1;

CREATE INDEX alarm_site_severity ON alarm (site_id, severity, raised_at, id);
CREATE INDEX alarm_live_raised_at ON alarm (raised_at, id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_live_equipment ON alarm (equipment_id) WHERE cleared_at IS NULL;
CREATE INDEX ticket_open_due_at ON ticket (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX ticket_open_equipment ON ticket (equipment_id) WHERE closed_at IS NULL;
"""

DOWN = """
DROP INDEX ticket_open_equipment, ticket_open_due_at, alarm_live_equipment, alarm_live_raised_at, alarm_site_severity;
ALTER TABLE duty DROP COLUMN version;
ALTER TABLE contract DROP COLUMN version;
ALTER TABLE organisation DROP COLUMN version;
ALTER TABLE space DROP COLUMN version;
DROP INDEX contract_organisation, api_key_person, session_person;
DROP TABLE sign_in_failure;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
