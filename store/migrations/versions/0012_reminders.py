"""Reminders: how many a question has had, and until when its reader is away."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("ticket", sa.Column("away_until", instant))
