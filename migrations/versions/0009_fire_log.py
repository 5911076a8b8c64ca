"""The fire compliance log: dated service rules, plans and forms; tasks, checks, impairments; links for inspectors."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE service_rule (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    kind text NOT NULL REFERENCES equipment_kind,
    subtype text,
    step text NOT NULL CHECK (step IN ('first_service', 'next_service', 'scrap', 'life')),
    months integer NOT NULL CHECK (months > 0),
    name jsonb NOT NULL,
    standard text NOT NULL,
    clause text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
    effective_from date NOT NULL,
    effective_to date CHECK (effective_to >= effective_from)
);
CREATE TABLE upkeep_plan (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    name jsonb NOT NULL,
    kind text NOT NULL REFERENCES equipment_kind,
    form text NOT NULL,
    cycle text NOT NULL CHECK (cycle IN ('daily', 'weekly', 'half_monthly', 'monthly', 'quarterly', 'yearly')),
    parts integer NOT NULL CHECK (parts > 0),
    places text[] NOT NULL,
    elsewhere boolean NOT NULL,
    shifts boolean NOT NULL,
    remind_days integer NOT NULL CHECK (remind_days >= 0),
    standard text NOT NULL,
    clause text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
    effective_from date NOT NULL,
    effective_to date CHECK (effective_to >= effective_from)
);
CREATE TABLE check_form (
    code text,
    effective_from date,
    effective_to date CHECK (effective_to >= effective_from),
    definition jsonb NOT NULL,
    PRIMARY KEY (code, effective_from)
);
CREATE TABLE holiday (
    day date PRIMARY KEY,
    name jsonb NOT NULL
);
CREATE TABLE impairment (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    reason text NOT NULL,
    measure text NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX impairment_equipment ON impairment (equipment_id, starts_on);
CREATE TABLE equipment_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    client_id uuid NOT NULL UNIQUE,
    form text NOT NULL,
    form_from date NOT NULL,
    sheet text NOT NULL CHECK (sheet IN ('patrol', 'test', 'upkeep')),
    performed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    late_entry boolean NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    content jsonb NOT NULL,
    verdicts jsonb NOT NULL,
    failures integer NOT NULL CHECK (failures >= 0),
    passed boolean CHECK (passed = (failures = 0)),
    ticket_id bigint REFERENCES ticket,
    corrects bigint UNIQUE REFERENCES equipment_check CHECK (corrects < id),
    reason text,
    FOREIGN KEY (form, form_from) REFERENCES check_form (code, effective_from),
    CHECK ((corrects IS NULL AND NOT late_entry) OR reason IS NOT NULL)
);
CREATE INDEX equipment_check_newest ON equipment_check (equipment_id, performed_at, id);
CREATE INDEX equipment_check_site ON equipment_check (site_id, performed_at, id);
CREATE TRIGGER equipment_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON equipment_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE upkeep_task (
    plan text NOT NULL REFERENCES upkeep_plan,
    equipment_id integer NOT NULL REFERENCES equipment,
    first date NOT NULL,
    last date NOT NULL CHECK (last >= first),
    until date NOT NULL CHECK (until > last),
    reminded_at timestamptz,
    missed_at timestamptz,
    PRIMARY KEY (plan, equipment_id, first)
);
CREATE INDEX upkeep_task_last ON upkeep_task (last);
CREATE TABLE inspection_link (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    first date NOT NULL,
    last date NOT NULL CHECK (last >= first),
    purpose text NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at timestamptz
);
CREATE INDEX inspection_link_site ON inspection_link (site_id);
"""

TABLES = (
    *("inspection_link", "upkeep_task", "equipment_check", "impairment", "holiday", "check_form", "upkeep_plan"),
    "service_rule",
)


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
