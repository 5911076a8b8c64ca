"""Alarms with all their bits: occurrences, shelving, suppression by design, windows out of service, floods."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE equipment ADD COLUMN in_use boolean NOT NULL DEFAULT true;

CREATE TABLE service_window (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    space_id integer REFERENCES space,
    equipment_kind text REFERENCES equipment_kind,
    equipment_id integer REFERENCES equipment,
    purpose text NOT NULL CHECK (purpose IN ('maintenance', 'test')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    reason text NOT NULL,
    life_safety boolean NOT NULL DEFAULT false,
    substitute text CHECK (NOT life_safety OR substitute IS NOT NULL),
    author_id integer NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    confirmed_by integer REFERENCES person CHECK (confirmed_by <> author_id),
    confirmed_at timestamptz,
    begun_at timestamptz,
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX service_window_site ON service_window (site_id, starts_at, id);
CREATE INDEX service_window_open ON service_window (starts_at) WHERE ended_at IS NULL;

CREATE TABLE suppression_rule (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    point_id integer NOT NULL REFERENCES point,
    name jsonb NOT NULL,
    cause text NOT NULL CHECK (cause IN ('power_off', 'equipment_off')),
    compare text NOT NULL CHECK (compare IN ('equals', 'below', 'above')),
    value double precision NOT NULL,
    reach text NOT NULL CHECK (reach IN ('equipment', 'space')),
    equipment_kind text REFERENCES equipment_kind,
    enabled boolean NOT NULL DEFAULT true,
    reason text NOT NULL,
    changed_by integer NOT NULL REFERENCES person,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX suppression_rule_site ON suppression_rule (site_id);

CREATE TABLE shelving (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    point_id integer NOT NULL REFERENCES point,
    rule_id integer NOT NULL REFERENCES rule,
    alarm_id bigint NOT NULL REFERENCES alarm,
    kind text NOT NULL CHECK (kind IN ('timed', 'one_shot')),
    reason text NOT NULL,
    requested_by integer NOT NULL REFERENCES person,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > requested_at),
    life_safety boolean NOT NULL,
    confirmed_by integer REFERENCES person CHECK (confirmed_by <> requested_by),
    confirmed_at timestamptz,
    ended_at timestamptz,
    ended_by integer REFERENCES person,
    ended_how text CHECK (ended_how IN ('unshelved', 'expired', 'returned', 'lapsed'))
);
CREATE UNIQUE INDEX shelving_open ON shelving (point_id, rule_id) WHERE ended_at IS NULL;
CREATE INDEX shelving_due ON shelving (expires_at) WHERE ended_at IS NULL;
CREATE INDEX shelving_alarm ON shelving (alarm_id);
CREATE INDEX shelving_site ON shelving (site_id, requested_at);

CREATE TABLE flood (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    told_at timestamptz NOT NULL,
    first_out_id bigint NOT NULL REFERENCES alarm
);
CREATE UNIQUE INDEX flood_open ON flood (site_id) WHERE ended_at IS NULL;
CREATE INDEX flood_site ON flood (site_id, started_at);

ALTER TABLE alarm
    ADD COLUMN life_safety boolean NOT NULL DEFAULT false,
    ADD COLUMN latched boolean NOT NULL DEFAULT false,
    ADD COLUMN reset_at timestamptz,
    ADD COLUMN reset_by integer REFERENCES person,
    ADD COLUMN shadow boolean NOT NULL DEFAULT false,
    ADD COLUMN shelving_id bigint REFERENCES shelving,
    ADD COLUMN suppressed_by text CHECK (suppressed_by IN ('parent_down', 'power_off', 'equipment_off', 'not_in_use')),
    ADD COLUMN suppressor_id integer,
    ADD COLUMN window_id integer REFERENCES service_window,
    ADD COLUMN folded boolean NOT NULL DEFAULT false,
    ADD COLUMN waiting boolean NOT NULL DEFAULT false,
    ADD COLUMN last_raised_at timestamptz,
    ADD COLUMN episode_id bigint REFERENCES alarm;
ALTER TABLE alarm DROP CONSTRAINT alarm_check;
UPDATE alarm SET last_raised_at = raised_at, episode_id = id,
    life_safety = coalesce((definition->>'life_safety')::boolean, false),
    latched = cleared_at IS NULL AND coalesce((definition->>'life_safety')::boolean, false)
    FROM rule_version WHERE rule_version.rule_id = alarm.rule_id AND rule_version.version = alarm.rule_version;
ALTER TABLE alarm
    ALTER COLUMN last_raised_at SET NOT NULL,
    ADD CONSTRAINT alarm_cleared CHECK ((cleared_at IS NOT NULL) = (acknowledged AND NOT active AND NOT latched));
CREATE INDEX alarm_episode ON alarm (episode_id);

CREATE TABLE alarm_occurrence (
    alarm_id bigint NOT NULL REFERENCES alarm,
    number integer NOT NULL,
    site_id integer NOT NULL REFERENCES site,
    raised_at timestamptz NOT NULL,
    value double precision NOT NULL,
    returned_at timestamptz,
    returned_value double precision,
    quiet text,
    announced_at timestamptz,
    acknowledged_at timestamptz,
    PRIMARY KEY (alarm_id, number)
);
CREATE INDEX alarm_occurrence_announced_at ON alarm_occurrence (site_id, announced_at);
CREATE INDEX alarm_occurrence_raised_at ON alarm_occurrence (site_id, raised_at);
INSERT INTO alarm_occurrence (alarm_id, number, site_id, raised_at, value, returned_at, announced_at, acknowledged_at)
    SELECT id, raise_count, site_id, raised_at, value, returned_at, raised_at, acknowledged_at FROM alarm;
"""

DOWN = """
DROP TABLE alarm_occurrence;
UPDATE alarm SET cleared_at = coalesce(returned_at, raised_at), latched = false
    WHERE latched AND acknowledged AND NOT active;
ALTER TABLE alarm DROP CONSTRAINT alarm_cleared;
ALTER TABLE alarm
    DROP COLUMN life_safety, DROP COLUMN latched, DROP COLUMN reset_at, DROP COLUMN reset_by, DROP COLUMN shadow,
    DROP COLUMN shelving_id, DROP COLUMN suppressed_by, DROP COLUMN suppressor_id, DROP COLUMN window_id,
    DROP COLUMN folded, DROP COLUMN waiting, DROP COLUMN last_raised_at, DROP COLUMN episode_id,
    ADD CONSTRAINT alarm_check CHECK ((cleared_at IS NOT NULL) = (acknowledged AND NOT active));
DROP TABLE flood, shelving, suppression_rule, service_window;
ALTER TABLE equipment DROP COLUMN in_use;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
