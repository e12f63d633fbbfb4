"""The team is told of letters that fail or wait for long; attempts keep the enhanced status."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

instant = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
failed_untold = sa.text("state = 'failed' AND failure_told_at IS NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("delay_told_at", instant))
    op.add_column("outbox", sa.Column("failure_told_at", instant))
    op.add_column("attempt", sa.Column("status", sa.String(11)))
    # Of what failed before this version, nobody is told now.
    op.execute("UPDATE outbox SET failure_told_at = created_at WHERE state = 'failed'")
    op.create_index("outbox_failed", "outbox", ["id"], sqlite_where=failed_untold, postgresql_where=failed_untold)
