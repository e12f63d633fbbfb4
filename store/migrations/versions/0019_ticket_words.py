"""What new tickets said, to find those that report the same fault, and under which one they were proposed as an incident."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNLOOKED = sa.text("looked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.BigInteger, sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("words", json, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("looked_at", instant),
        sa.Column("proposal", sa.BigInteger),
        sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_index("words_unlooked", "ticket_words", ["ticket_id"], sqlite_where=UNLOOKED, postgresql_where=UNLOOKED)
    op.create_index("words_proposed", "ticket_words", ["proposal"])
