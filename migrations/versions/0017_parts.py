"""Parts of elevators: what is built in, how long it lasts by which rule, what was read and measured, who was warned."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE part_kind (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    name jsonb NOT NULL
);
CREATE TABLE part_life (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{1,64}$'),
    part_kind text NOT NULL REFERENCES part_kind,
    maker text,
    model text,
    construction text,
    aspect text NOT NULL CHECK (aspect IN ('calendar', 'counter', 'condition')),
    quantity text CHECK ((quantity IS NULL) = (aspect = 'calendar')),
    line text NOT NULL CHECK (line IN ('discard', 'maker', 'planning', 'early')),
    lowest double precision NOT NULL CHECK (lowest >= 0),
    expected double precision NOT NULL CHECK (expected >= lowest),
    highest double precision NOT NULL CHECK (highest >= expected),
    unit text NOT NULL,
    name jsonb NOT NULL,
    standard text NOT NULL,
    clause text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
    effective_from date NOT NULL,
    effective_to date CHECK (effective_to >= effective_from)
);
CREATE TABLE elevator_part (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    kind text NOT NULL REFERENCES part_kind,
    installed_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    content jsonb NOT NULL,
    replaces integer UNIQUE REFERENCES elevator_part CHECK (replaces < id),
    correction boolean NOT NULL DEFAULT false CHECK (replaces IS NOT NULL OR NOT correction),
    reason text CHECK (replaces IS NULL OR reason IS NOT NULL)
);
CREATE INDEX elevator_part_equipment ON elevator_part (equipment_id, kind);
CREATE TRIGGER elevator_part_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON elevator_part
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE part_inspection (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    part_id integer NOT NULL REFERENCES elevator_part,
    inspected_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    submitted_by integer NOT NULL REFERENCES person,
    content jsonb NOT NULL,
    verdicts jsonb NOT NULL,
    passed boolean,
    corrects bigint UNIQUE REFERENCES part_inspection CHECK (corrects < id),
    reason text CHECK (corrects IS NULL OR reason IS NOT NULL)
);
CREATE INDEX part_inspection_part ON part_inspection (part_id, inspected_on, id);
CREATE TRIGGER part_inspection_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON part_inspection
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE counter_reading (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer NOT NULL REFERENCES equipment,
    counter text NOT NULL CHECK (counter IN ('trips', 'door_cycles', 'rope_bends')),
    read_on date NOT NULL,
    value bigint NOT NULL CHECK (value >= 0),
    recorded_at timestamptz NOT NULL,
    submitted_by integer NOT NULL REFERENCES person
);
CREATE INDEX counter_reading_newest ON counter_reading (equipment_id, counter, read_on, id);
CREATE TRIGGER counter_reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON counter_reading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE part_warning (
    part_id integer PRIMARY KEY REFERENCES elevator_part,
    warned_at timestamptz NOT NULL,
    due_on date NOT NULL,
    order_by date NOT NULL
);
"""
TABLES = ("part_warning", "counter_reading", "part_inspection", "elevator_part", "part_life", "part_kind")


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
