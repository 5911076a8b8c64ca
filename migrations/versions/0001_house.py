"""The plant, its readings, rules, alarms, tickets, people and the outbox."""

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PLANT = """
CREATE TABLE configuration (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL DEFAULT 0
);
INSERT INTO configuration DEFAULT VALUES;

CREATE TABLE site (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    name jsonb NOT NULL,
    timezone text NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE space (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    parent_id integer REFERENCES space,
    kind text NOT NULL CHECK (kind IN ('building', 'floor', 'room', 'shaft', 'outdoors')),
    code text NOT NULL,
    name jsonb NOT NULL,
    UNIQUE (site_id, code)
);
CREATE TABLE equipment_kind (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    name jsonb NOT NULL,
    life_safety boolean NOT NULL DEFAULT false
);
CREATE TABLE metric (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    name jsonb NOT NULL,
    unit text NOT NULL,
    display_unit text NOT NULL,
    display_scale double precision NOT NULL DEFAULT 1,
    decimals smallint NOT NULL DEFAULT 1
);
CREATE TABLE equipment (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    space_id integer REFERENCES space,
    kind text NOT NULL REFERENCES equipment_kind,
    code text NOT NULL CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    name jsonb NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}'::jsonb,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (site_id, code)
);
CREATE TABLE device (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer REFERENCES equipment,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    address text UNIQUE,
    name jsonb NOT NULL,
    state text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'online', 'offline')),
    state_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE point (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id integer NOT NULL REFERENCES device,
    equipment_id integer NOT NULL REFERENCES equipment,
    key text NOT NULL,
    metric text NOT NULL REFERENCES metric,
    report_period_s integer CHECK (report_period_s > 0),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (device_id, key)
);
CREATE INDEX point_equipment ON point (equipment_id);
CREATE TABLE payload_mapping (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_filter text NOT NULL UNIQUE,
    definition jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1
);
"""

# Without the foreign keys that every other table has: they would cost a look-up for each of thousands of rows a second,
# and the ingest writes only points that it has just read.
READING = """
CREATE TABLE reading (
    point_id integer NOT NULL,
    at timestamptz NOT NULL,
    sequence bigint NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (point_id, at, sequence)
)
"""

ALARMS = """
CREATE TABLE reject (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX reject_received_at ON reject (received_at);

CREATE TABLE rule (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    enabled boolean NOT NULL DEFAULT true,
    definition jsonb NOT NULL,
    changed_by text NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE rule_version (
    rule_id integer NOT NULL REFERENCES rule,
    version integer NOT NULL,
    enabled boolean NOT NULL,
    definition jsonb NOT NULL,
    changed_by text NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version)
);
CREATE TABLE rule_state (
    rule_id integer NOT NULL REFERENCES rule,
    point_id integer NOT NULL REFERENCES point,
    phase text NOT NULL CHECK (phase IN ('normal', 'pending', 'active', 'returning')),
    since timestamptz NOT NULL,
    PRIMARY KEY (rule_id, point_id)
);

CREATE TABLE organisation (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    name jsonb NOT NULL,
    phone text
);
CREATE TABLE person (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9._-]{1,64}$'),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'engineer', 'contractor', 'inspector')),
    password_hash text NOT NULL,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    organisation_id integer REFERENCES organisation,
    disabled boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE site_access (
    person_id integer NOT NULL REFERENCES person,
    site_id integer NOT NULL REFERENCES site,
    PRIMARY KEY (person_id, site_id)
);
CREATE TABLE contract (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    site_id integer NOT NULL REFERENCES site,
    equipment_kind text REFERENCES equipment_kind,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on)
);
CREATE TABLE duty (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    person_id integer NOT NULL REFERENCES person,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CHECK (ends_at > starts_at)
);
CREATE INDEX duty_site ON duty (site_id, starts_at);
CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    person_id integer NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE api_key (
    id text PRIMARY KEY,
    secret_hash bytea NOT NULL,
    person_id integer NOT NULL REFERENCES person,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE ticket_class (
    code text PRIMARY KEY,
    name jsonb NOT NULL,
    repair_within_s integer NOT NULL CHECK (repair_within_s > 0),
    basis text NOT NULL
);
CREATE TABLE ticket (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    cause text NOT NULL,
    class text NOT NULL REFERENCES ticket_class,
    title jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'accepted', 'repaired', 'closed')),
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL CHECK (due_at > opened_at),
    assignee_id integer REFERENCES person,
    repaired_at timestamptz,
    closed_at timestamptz,
    closing_note text,
    version integer NOT NULL DEFAULT 1,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX ticket_open ON ticket (equipment_id, cause) WHERE closed_at IS NULL AND cause <> 'report';
CREATE INDEX ticket_due_at ON ticket (due_at, id);

CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    point_id integer NOT NULL REFERENCES point,
    rule_id integer NOT NULL,
    rule_version integer NOT NULL,
    severity text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    active boolean NOT NULL,
    acknowledged boolean NOT NULL,
    value double precision NOT NULL,
    raised_at timestamptz NOT NULL,
    raise_count integer NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by integer REFERENCES person,
    returned_at timestamptz,
    cleared_at timestamptz,
    ticket_id bigint REFERENCES ticket,
    version integer NOT NULL DEFAULT 1,
    FOREIGN KEY (rule_id, rule_version) REFERENCES rule_version (rule_id, version),
    CHECK ((cleared_at IS NOT NULL) = (acknowledged AND NOT active))
);
CREATE UNIQUE INDEX alarm_live ON alarm (point_id, rule_id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_raised_at ON alarm (raised_at, id);
CREATE INDEX alarm_equipment ON alarm (equipment_id, raised_at);
CREATE INDEX alarm_ticket ON alarm (ticket_id);

CREATE TABLE ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer REFERENCES equipment,
    alarm_id bigint REFERENCES alarm,
    ticket_id bigint REFERENCES ticket,
    actor_id integer REFERENCES person,
    reason text,
    body jsonb NOT NULL
);
CREATE INDEX ledger_alarm ON ledger (alarm_id);
CREATE INDEX ledger_ticket ON ledger (ticket_id);

CREATE TABLE channel (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id integer REFERENCES person,
    site_id integer REFERENCES site,
    kind text NOT NULL CHECK (kind IN ('console', 'webhook')),
    address text NOT NULL,
    secret text,
    enabled boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ledger_id bigint REFERENCES ledger,
    alarm_id bigint REFERENCES alarm,
    person_id integer REFERENCES person,
    channel_id integer NOT NULL REFERENCES channel,
    notice jsonb NOT NULL,
    urgency smallint NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    sent_at timestamptz,
    error text,
    UNIQUE (ledger_id, channel_id)
);
CREATE INDEX outbox_due ON outbox (urgency, due_at) WHERE state = 'queued';
CREATE INDEX outbox_alarm ON outbox (alarm_id);
"""

TRIGGERS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_TABLE_NAME, '');
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_wakes AFTER INSERT ON ledger FOR EACH STATEMENT EXECUTE FUNCTION wake();
CREATE TRIGGER outbox_wakes AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION wake();

CREATE FUNCTION revise_configuration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE configuration SET revision = revision + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER site_revises AFTER INSERT OR DELETE OR UPDATE ON site
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
CREATE TRIGGER equipment_revises AFTER INSERT OR DELETE OR UPDATE OF site_id, kind ON equipment
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
CREATE TRIGGER device_revises AFTER INSERT OR DELETE OR UPDATE OF site_id, code, address ON device
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
CREATE TRIGGER point_revises AFTER INSERT OR DELETE OR UPDATE ON point
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
CREATE TRIGGER payload_mapping_revises AFTER INSERT OR DELETE OR UPDATE ON payload_mapping
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
CREATE TRIGGER rule_revises AFTER INSERT OR DELETE OR UPDATE ON rule
    FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
"""

TABLES = (
    "outbox",
    "channel",
    "ledger",
    "alarm",
    "ticket",
    "ticket_class",
    "api_key",
    "session",
    "duty",
    "contract",
    "site_access",
    "person",
    "organisation",
    "rule_state",
    "rule_version",
    "rule",
    "reject",
    "reading",
    "payload_mapping",
    "point",
    "device",
    "equipment",
    "metric",
    "equipment_kind",
    "space",
    "site",
    "configuration",
)


def upgrade() -> None:
    op.execute(PLANT)
    preloaded: str = op.get_bind().execute(text("SHOW shared_preload_libraries")).scalar_one()
    if "timescaledb" in preloaded:
        op.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        op.execute(READING)
        op.execute(
            "SELECT create_hypertable('reading', 'at', chunk_time_interval => interval '7 days',"
            " create_default_indexes => false)"
        )
    else:
        op.execute(READING + "PARTITION BY RANGE (at)")
        op.execute("CREATE TABLE reading_unplanned PARTITION OF reading DEFAULT")
    op.execute(ALARMS)
    op.execute(TRIGGERS)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION revise_configuration; DROP FUNCTION wake; DROP FUNCTION refuse_change")
