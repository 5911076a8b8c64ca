"""Photos as evidence: files by their hash, uploads, uses, how many are needed; and where a site is."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE site
    ADD COLUMN latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    ADD COLUMN longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    ADD CONSTRAINT site_placed CHECK ((latitude IS NULL) = (longitude IS NULL));

CREATE TABLE evidence_file (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    size_bytes integer NOT NULL CHECK (size_bytes > 0),
    media_type text NOT NULL,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    exif_local timestamp,
    exif_offset_s integer,
    exif_latitude double precision,
    exif_longitude double precision,
    stored_at timestamptz NOT NULL
);

CREATE TABLE evidence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea NOT NULL REFERENCES evidence_file,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer REFERENCES equipment,
    taken_at timestamptz,
    device_at timestamptz,
    latitude double precision,
    longitude double precision,
    source text NOT NULL CHECK (source IN ('camera', 'gallery', 'unknown')),
    file_name text,
    received_at timestamptz NOT NULL,
    uploaded_by integer NOT NULL REFERENCES person,
    doubts jsonb NOT NULL,
    UNIQUE NULLS NOT DISTINCT (sha256, site_id, equipment_id, uploaded_by)
);
CREATE INDEX evidence_received_at ON evidence (received_at);

CREATE TABLE evidence_use (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    evidence_id bigint NOT NULL REFERENCES evidence,
    sha256 bytea NOT NULL REFERENCES evidence_file,
    site_id integer NOT NULL REFERENCES site,
    equipment_id integer REFERENCES equipment,
    record_kind text NOT NULL,
    record_id bigint NOT NULL,
    purpose text NOT NULL,
    used_at timestamptz NOT NULL,
    used_by integer NOT NULL REFERENCES person,
    doubts jsonb NOT NULL,
    UNIQUE (record_kind, record_id, purpose, sha256)
);
CREATE INDEX evidence_use_evidence ON evidence_use (evidence_id);
CREATE INDEX evidence_use_sha256 ON evidence_use (sha256);
CREATE TRIGGER evidence_use_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_use
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE evidence_rule (
    record_kind text,
    record_class text,
    purpose text,
    effective_from date,
    minimum integer NOT NULL CHECK (minimum >= 0),
    basis text NOT NULL,
    PRIMARY KEY (record_kind, record_class, purpose, effective_from)
);
"""

DOWN = """
DROP TABLE evidence_rule;
DROP TABLE evidence_use;
DROP TABLE evidence;
DROP TABLE evidence_file;
ALTER TABLE site DROP COLUMN latitude, DROP COLUMN longitude;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
