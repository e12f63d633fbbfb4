"""Delivery truth: suppressed addresses, what letters count against, timers that fail."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

text = sa.Text()
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
COUNTED = "counted_as IS NOT NULL"
TO_DOMAIN = "counted_domain IS NOT NULL"


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.add_column("ticket", sa.Column("closed_at", instant))
    op.add_column("ticket", sa.Column("their_reference", text, nullable=False, server_default=""))
    op.execute("UPDATE ticket SET closed_at = updated_at WHERE status = 'closed'")
    op.add_column("outbox", sa.Column("counted_as", text))
    op.add_column("outbox", sa.Column("counted_domain", text))
    op.create_index("outbox_counted", "outbox", ["counted_as", "created_at"], **where(COUNTED))
    op.create_index("outbox_counted_domain", "outbox", ["counted_domain", "created_at"], **where(TO_DOMAIN))
    op.create_index("outbox_counted_desk", "outbox", ["created_at"], **where(TO_DOMAIN))
    op.add_column("timer", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("timer", sa.Column("not_before", instant))
    op.create_table(
        "suppression",
        sa.Column("address", text, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("diagnostic", text, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant),
        sa.Column("letter_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("address", "reason"),
    )
