"""An alarm keeps what was seen in words, and the limit that stood then; limits and set points are part of the rules."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE alarm ADD COLUMN seen jsonb, ADD COLUMN "limit" jsonb;
    CREATE TRIGGER limit_row_revises AFTER INSERT OR DELETE OR UPDATE ON limit_row
        FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
    DROP TRIGGER equipment_revises ON equipment;
    CREATE TRIGGER equipment_revises AFTER INSERT OR DELETE OR UPDATE OF site_id, kind, attributes ON equipment
        FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
    """)


def downgrade() -> None:
    op.execute("""
    DROP TRIGGER equipment_revises ON equipment;
    CREATE TRIGGER equipment_revises AFTER INSERT OR DELETE OR UPDATE OF site_id, kind ON equipment
        FOR EACH STATEMENT EXECUTE FUNCTION revise_configuration();
    DROP TRIGGER limit_row_revises ON limit_row;
    ALTER TABLE alarm DROP COLUMN "limit", DROP COLUMN seen;
    """)
