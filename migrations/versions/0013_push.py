"""Web Push and chat channels, messages that are seen, answered and folded, the service's own keys."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE channel DROP CONSTRAINT channel_kind_check;
ALTER TABLE channel ADD CONSTRAINT channel_kind_check CHECK (kind IN ('console', 'webhook', 'web_push', 'apprise'));
ALTER TABLE channel ADD COLUMN preference smallint NOT NULL DEFAULT 1 CHECK (preference BETWEEN 1 AND 9);
ALTER TABLE channel ADD COLUMN ended text;
CREATE UNIQUE INDEX channel_web_push ON channel (address) WHERE kind = 'web_push';

ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check
    CHECK (state IN ('queued', 'sent', 'delivered', 'opened', 'acknowledged', 'failed', 'folded'));
ALTER TABLE outbox ADD COLUMN ticket_id bigint REFERENCES ticket;
ALTER TABLE outbox ADD COLUMN delivered_at timestamptz;
ALTER TABLE outbox ADD COLUMN opened_at timestamptz;
ALTER TABLE outbox ADD COLUMN acknowledged_at timestamptz;
ALTER TABLE outbox ADD COLUMN handed_on boolean NOT NULL DEFAULT false;
ALTER TABLE outbox ADD COLUMN fold_key text UNIQUE;
ALTER TABLE outbox ADD COLUMN folded_into bigint REFERENCES outbox;
ALTER TABLE outbox ADD CHECK ((state = 'folded') = (folded_into IS NOT NULL));
CREATE INDEX outbox_ticket ON outbox (ticket_id);
CREATE INDEX outbox_folded ON outbox (folded_into) WHERE folded_into IS NOT NULL;
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE INDEX outbox_waiting ON outbox (created_at) WHERE state = 'queued';

CREATE TABLE service_key (
    name text PRIMARY KEY,
    value bytea NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE TABLE robot_allowance (
    robot bytea PRIMARY KEY,
    tokens double precision NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE sending_count (
    channel_kind text NOT NULL,
    outcome text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (channel_kind, outcome)
);
"""

DOWN = """
DROP TABLE sending_count;
DROP TABLE robot_allowance;
DROP TABLE service_key;
UPDATE outbox SET folded_into = NULL, state = 'failed', error = 'folded into another message' WHERE state = 'folded';
DELETE FROM outbox USING channel WHERE channel.id = channel_id AND channel.kind IN ('web_push', 'apprise');
DELETE FROM channel WHERE kind IN ('web_push', 'apprise');
UPDATE outbox SET state = 'sent' WHERE state IN ('delivered', 'opened', 'acknowledged');
DROP INDEX outbox_waiting;
DROP INDEX outbox_failed;
ALTER TABLE outbox DROP COLUMN folded_into, DROP COLUMN fold_key, DROP COLUMN handed_on, DROP COLUMN acknowledged_at,
    DROP COLUMN opened_at, DROP COLUMN delivered_at, DROP COLUMN ticket_id;
ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK (state IN ('queued', 'sent', 'failed'));
DROP INDEX channel_web_push;
ALTER TABLE channel DROP COLUMN ended, DROP COLUMN preference;
ALTER TABLE channel DROP CONSTRAINT channel_kind_check;
ALTER TABLE channel ADD CONSTRAINT channel_kind_check CHECK (kind IN ('console', 'webhook'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
