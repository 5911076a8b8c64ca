"""The ticket's clock: classes with dated times, marks, holds, work, follow-ups, calendars, skills."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE ticket_term (
    class text NOT NULL REFERENCES ticket_class,
    effective_from date NOT NULL,
    repair_within interval NOT NULL CHECK (repair_within > interval '0'),
    answer_within interval CHECK (answer_within > interval '0'),
    follow_up_within interval CHECK (follow_up_within > interval '0'),
    normal_for interval NOT NULL CHECK (normal_for >= interval '0'),
    basis text NOT NULL,
    PRIMARY KEY (class, effective_from)
);
INSERT INTO ticket_term (class, effective_from, repair_within, normal_for, basis)
SELECT code, '1970-01-01', make_interval(secs => repair_within_s), interval '10 minutes', basis FROM ticket_class;
ALTER TABLE ticket_class DROP COLUMN repair_within_s, DROP COLUMN basis;

ALTER TABLE ticket
    DROP CONSTRAINT ticket_state_check,
    ADD CONSTRAINT ticket_state_check
        CHECK (state IN ('open', 'accepted', 'on_site', 'on_hold', 'repaired', 'verified', 'closed')),
    ADD COLUMN answer_due_at timestamptz,
    ADD COLUMN opened_by integer REFERENCES person,
    ADD COLUMN contact text,
    ADD COLUMN accepted_at timestamptz,
    ADD COLUMN arrived_at timestamptz,
    ADD COLUMN held_since timestamptz,
    ADD COLUMN held_until timestamptz,
    ADD COLUMN held interval NOT NULL DEFAULT interval '0',
    ADD COLUMN repaired_by integer REFERENCES person,
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN verified_by integer REFERENCES person,
    ADD COLUMN exception text,
    ADD COLUMN reopened integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT ticket_held CHECK
        ((state = 'on_hold') = (held_since IS NOT NULL) AND (held_since IS NULL) = (held_until IS NULL));
CREATE INDEX ticket_closed ON ticket (equipment_id, cause, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX ticket_opened_at ON ticket (opened_at, id);

CREATE TABLE ticket_mark (
    ticket_id bigint NOT NULL REFERENCES ticket,
    mark text NOT NULL CHECK (mark IN ('answer', '50', '75', '90', 'breach', 'hold_end')),
    due_at timestamptz NOT NULL,
    idle boolean NOT NULL DEFAULT false,
    recorded_at timestamptz,
    PRIMARY KEY (ticket_id, mark, due_at)
);
CREATE INDEX ticket_mark_due ON ticket_mark (due_at) WHERE recorded_at IS NULL AND NOT idle;
-- Of tickets that are open already what lies behind is passed over: nobody was to be warned of it then.
INSERT INTO ticket_mark (ticket_id, mark, due_at)
SELECT id, mark, at FROM ticket CROSS JOIN LATERAL (VALUES
    ('50', opened_at + (due_at - opened_at) * 0.5),
    ('75', opened_at + (due_at - opened_at) * 0.75),
    ('90', opened_at + (due_at - opened_at) * 0.9),
    ('breach', due_at)) AS marked (mark, at)
WHERE closed_at IS NULL AND (mark = 'breach' OR at > now());

CREATE TABLE ticket_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id bigint NOT NULL REFERENCES ticket,
    reason text NOT NULL CHECK (reason IN ('waiting_for_parts')),
    note text NOT NULL,
    substitute text NOT NULL,
    until timestamptz NOT NULL CHECK (until > asked_at),
    asked_by integer NOT NULL REFERENCES person,
    asked_at timestamptz NOT NULL,
    decided_by integer REFERENCES person CHECK (decided_by <> asked_by),
    decided_at timestamptz,
    approved boolean,
    held_until timestamptz,
    ended_at timestamptz,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (approved IS NULL)),
    CHECK ((approved IS TRUE) = (held_until IS NOT NULL))
);
CREATE INDEX ticket_hold_ticket ON ticket_hold (ticket_id);

CREATE TABLE ticket_work (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id bigint NOT NULL REFERENCES ticket,
    person_id integer NOT NULL REFERENCES person,
    at timestamptz NOT NULL,
    hours double precision NOT NULL CHECK (hours >= 0),
    parts jsonb NOT NULL,
    note text
);
CREATE INDEX ticket_work_ticket ON ticket_work (ticket_id);
CREATE TRIGGER ticket_work_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_work
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE follow_up (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id bigint NOT NULL REFERENCES ticket,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by integer REFERENCES person,
    satisfied boolean,
    result text,
    version integer NOT NULL DEFAULT 1,
    CHECK ((done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (result IS NULL))
);
CREATE INDEX follow_up_ticket ON follow_up (ticket_id);
CREATE INDEX follow_up_due ON follow_up (due_at) WHERE done_at IS NULL;

CREATE TABLE calendar_day (
    site_id integer NOT NULL REFERENCES site,
    day date NOT NULL,
    working boolean NOT NULL,
    name jsonb NOT NULL,
    PRIMARY KEY (site_id, day)
);
CREATE TABLE person_skill (
    person_id integer NOT NULL REFERENCES person,
    equipment_kind text NOT NULL REFERENCES equipment_kind,
    PRIMARY KEY (person_id, equipment_kind)
);
"""

# A shape of which the older one knows nothing: its states become the nearest that it has.
DOWN = """
DROP TABLE person_skill;
DROP TABLE calendar_day;
DROP TABLE follow_up;
DROP TABLE ticket_work;
DROP TABLE ticket_hold;
DROP TABLE ticket_mark;
DROP INDEX ticket_closed;
DROP INDEX ticket_opened_at;
ALTER TABLE ticket DROP CONSTRAINT ticket_held, DROP CONSTRAINT ticket_state_check;
UPDATE ticket SET state = 'accepted' WHERE state IN ('on_site', 'on_hold');
UPDATE ticket SET state = 'repaired' WHERE state = 'verified';
ALTER TABLE ticket
    ADD CONSTRAINT ticket_state_check CHECK (state IN ('open', 'accepted', 'repaired', 'closed')),
    DROP COLUMN answer_due_at, DROP COLUMN opened_by, DROP COLUMN contact, DROP COLUMN accepted_at,
    DROP COLUMN arrived_at, DROP COLUMN held_since, DROP COLUMN held_until, DROP COLUMN held,
    DROP COLUMN repaired_by, DROP COLUMN verified_at, DROP COLUMN verified_by, DROP COLUMN exception,
    DROP COLUMN reopened;
ALTER TABLE ticket_class ADD COLUMN repair_within_s integer, ADD COLUMN basis text;
UPDATE ticket_class SET repair_within_s = extract(epoch FROM repair_within), basis = newest.basis FROM (
    SELECT DISTINCT ON (class) class, repair_within, basis FROM ticket_term ORDER BY class, effective_from DESC
) AS newest WHERE class = code;
ALTER TABLE ticket_class
    ADD CONSTRAINT ticket_class_repair_within_s_check CHECK (repair_within_s > 0),
    ALTER COLUMN repair_within_s SET NOT NULL,
    ALTER COLUMN basis SET NOT NULL;
DROP TABLE ticket_term;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
