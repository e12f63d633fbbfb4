"""Quarantined mail that an operator has dropped: by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
dropped = sa.text("dropped_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("inbound", sa.Column("dropped_at", instant))
    op.add_column("inbound", sa.Column("dropped_by", sa.Text()))
    op.create_index("inbound_dropped", "inbound", ["dropped_at"], sqlite_where=dropped, postgresql_where=dropped)
