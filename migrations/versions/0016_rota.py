"""Rotas that make shifts, and escalation: policies as data, and the one step of each alarm that comes next."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE rota (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    person_id integer NOT NULL REFERENCES person,
    position text NOT NULL CHECK (position IN ('engineer', 'supervisor', 'manager')),
    weekdays smallint[] NOT NULL CHECK (cardinality(weekdays) > 0),
    starts time NOT NULL,
    ends time NOT NULL,
    every_weeks smallint NOT NULL DEFAULT 1 CHECK (every_weeks BETWEEN 1 AND 52),
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day),
    holidays text NOT NULL DEFAULT 'as_usual' CHECK (holidays IN ('as_usual', 'off', 'only')),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX rota_site ON rota (site_id);
ALTER TABLE duty ADD COLUMN position text NOT NULL DEFAULT 'engineer'
    CHECK (position IN ('engineer', 'supervisor', 'manager'));
ALTER TABLE duty ADD COLUMN rota_id integer REFERENCES rota ON DELETE SET NULL;
ALTER TABLE duty ADD COLUMN rota_day date;
ALTER TABLE duty ADD COLUMN instead_of integer REFERENCES person;
CREATE UNIQUE INDEX duty_rota_day ON duty (rota_id, rota_day);

CREATE TABLE escalation_policy (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    name jsonb NOT NULL,
    site_id integer REFERENCES site,
    equipment_kind text REFERENCES equipment_kind,
    severity text CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    life_safety boolean,
    steps jsonb NOT NULL,
    repeat_every_s integer CHECK (repeat_every_s >= 60),
    enabled boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE escalation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alarm_id bigint NOT NULL REFERENCES alarm,
    site_id integer NOT NULL REFERENCES site,
    policy_id integer NOT NULL REFERENCES escalation_policy,
    step smallint NOT NULL,
    round integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    notice jsonb NOT NULL,
    done_at timestamptz,
    outcome text CHECK (outcome IN ('told', 'stopped')),
    CHECK ((done_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX escalation_pending ON escalation (alarm_id) WHERE done_at IS NULL;
CREATE INDEX escalation_due ON escalation (due_at) WHERE done_at IS NULL;
CREATE INDEX escalation_alarm ON escalation (alarm_id);
"""

DOWN = """
DROP TABLE escalation;
DROP TABLE escalation_policy;
ALTER TABLE duty DROP COLUMN instead_of, DROP COLUMN rota_day, DROP COLUMN rota_id, DROP COLUMN position;
DROP TABLE rota;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
