"""A photo is known again by what it shows, also where its bytes are others. Those that are there already are not."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence_file", sa.Column("fingerprint", sa.BigInteger, nullable=True))


def downgrade() -> None:
    op.drop_column("evidence_file", "fingerprint")
