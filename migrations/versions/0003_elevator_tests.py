"""Dated limits, the tests of elevators that are judged by them, and answers kept for requests that are sent again."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE limit_row (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    quantity text NOT NULL,
    name jsonb NOT NULL,
    door_type text CHECK (door_type IN ('centre', 'side')),
    clear_width_up_to_mm integer CHECK (clear_width_up_to_mm > 0),
    direction text NOT NULL CHECK (direction IN ('at_most', 'at_least', 'within')),
    value double precision NOT NULL CHECK (value > 0),
    unit text NOT NULL,
    standard text NOT NULL,
    clause text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
    effective_from date NOT NULL,
    effective_to date CHECK (effective_to >= effective_from)
);
CREATE INDEX limit_row_quantity ON limit_row (quantity, effective_from);

CREATE TABLE elevator_test (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    performed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    late_entry boolean NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    organisation_id integer REFERENCES organisation,
    api_key_id text,
    content jsonb NOT NULL,
    fingerprint bytea NOT NULL,
    verdicts jsonb NOT NULL,
    failures integer NOT NULL CHECK (failures >= 0),
    passed boolean CHECK (passed = (failures = 0)),
    ticket_id bigint REFERENCES ticket,
    corrects bigint UNIQUE REFERENCES elevator_test CHECK (corrects < id),
    reason text,
    UNIQUE (equipment_id, performed_at, fingerprint),
    CHECK (corrects IS NULL OR reason IS NOT NULL)
);
CREATE INDEX elevator_test_newest ON elevator_test (equipment_id, performed_at, id);
CREATE TRIGGER elevator_test_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON elevator_test
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE kept_answer (
    person_id integer NOT NULL REFERENCES person,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX kept_answer_created_at ON kept_answer (created_at);
"""

DOWN = """
DROP TABLE kept_answer;
DROP TABLE elevator_test;
DROP TABLE limit_row;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
