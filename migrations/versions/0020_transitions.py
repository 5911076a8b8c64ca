"""The transitions of all alarms are asked for by time, place, person, state and severity."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LEADING = {
    "at": "",
    "site": "site_id, ",
    "equipment": "equipment_id, ",
    "actor": "actor_id, ",
    "state": "(body ->> 'state'), ",
    "severity": "(body ->> 'severity'), ",
}


def upgrade() -> None:
    for name, leading in LEADING.items():
        op.execute(f"CREATE INDEX ledger_alarms_{name} ON ledger ({leading}at, id) WHERE alarm_id IS NOT NULL")


def downgrade() -> None:
    for name in LEADING:
        op.execute(f"DROP INDEX ledger_alarms_{name}")
