"""Letters that have waited for long are found by an index: a long queue made every round read all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

DELAY_UNTOLD = sa.text("state = 'deferred' AND audience = 'customer' AND delay_told_at IS NULL")


def upgrade() -> None:
    op.create_index("outbox_delayed", "outbox", ["created_at"], sqlite_where=DELAY_UNTOLD, postgresql_where=DELAY_UNTOLD)
