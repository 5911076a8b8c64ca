"""What coded values mean is data: modes and fault codes by code set, each row from a day on."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE value_code (
        code_set text NOT NULL CHECK (code_set <> ''),
        metric text NOT NULL REFERENCES metric (code),
        code integer NOT NULL,
        effective_from date NOT NULL,
        meaning text CHECK (meaning ~ '^[a-z0-9_]{1,64}$'),
        name jsonb NOT NULL,
        standard text NOT NULL,
        grade text NOT NULL CHECK (grade IN ('L', 'L~', 'O', 'P')),
        added_by text NOT NULL DEFAULT 'catalogue',
        added_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (code_set, metric, code, effective_from)
    );
    CREATE TRIGGER value_code_revises AFTER INSERT OR DELETE OR UPDATE ON value_code
        FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
    """)


def downgrade() -> None:
    op.execute("DROP TABLE value_code")
