"""The ledger of a site's alarms is narrowed by severity and state in its index.

Without them in it, every entry of the site in the time that is asked for was fetched and its body read.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_WIDE = "site_id, at, id, (body ->> 'severity'), (body ->> 'state')"


def upgrade() -> None:
    _anew(_WIDE)


def downgrade() -> None:
    _anew("site_id, at, id")


def _anew(columns: str) -> None:
    op.execute("DROP INDEX ledger_alarms_site")
    op.execute(f"CREATE INDEX ledger_alarms_site ON ledger ({columns}) WHERE alarm_id IS NOT NULL")
