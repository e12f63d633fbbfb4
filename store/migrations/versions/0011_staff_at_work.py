"""Who of the staff is away, and who has had no new ticket for longest."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("staff", sa.Column("away_until", instant))
    op.create_index("ticket_newest", "ticket", ["assignee", "id"])
