"""Digests: which tickets a letter listed, at which version, and whose morning is done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10)),
        sa.Column("at", instant, nullable=False),
        sa.Column("rows", json, nullable=False),
    )
    op.create_index("digest_of_day", "digest", ["staff", "day"], unique=True)
