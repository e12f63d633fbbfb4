"""Staff by mail: steps that can be taken back, snoozing, merging."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

text = sa.Text()
json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("snoozed_until", instant))
    op.add_column("ticket", sa.Column("merged_into", sa.BigInteger))
    op.add_column("ticket", sa.Column("opened_by", text))
    op.add_column("inbound", sa.Column("release", json))
    op.add_column("message", sa.Column("version", sa.Integer))
    op.add_column("timer", sa.Column("set_by", text))
    op.add_column("timer", sa.Column("cancelled_by", text))
    op.add_column("platform_inbox", sa.Column("letter_id", sa.BigInteger))
    op.create_index("inbox_of_letter", "platform_inbox", ["letter_id"])
    op.create_table(
        "undo_step",
        sa.Column("ticket_id", sa.BigInteger, sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("summary", text, nullable=False),
        sa.Column("change", json, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "version"),
    )
    op.create_index("undo_of_cause", "undo_step", ["cause"])
