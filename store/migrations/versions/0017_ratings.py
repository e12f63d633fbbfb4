"""Ratings: how it went, in the customer's newest word."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("rating", sa.String(8)))
    op.add_column("ticket", sa.Column("rated_at", instant))
