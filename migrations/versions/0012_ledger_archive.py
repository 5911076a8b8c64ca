"""Old parts of the ledger in encrypted files, and how long records must be kept."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE ledger_archive (
    site_id integer REFERENCES site,
    first bigint CHECK (first > 0),
    last bigint NOT NULL CHECK (last >= first),
    start bytea NOT NULL CHECK (octet_length(start) = 32),
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    file text NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    archived_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, first)
);
CREATE TABLE record_retention (
    record_type text,
    effective_from date,
    keep_months integer CHECK (keep_months > 0),
    standard text NOT NULL,
    clause text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
    PRIMARY KEY (record_type, effective_from)
);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE record_retention; DROP TABLE ledger_archive")
