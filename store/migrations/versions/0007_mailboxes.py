"""Mailboxes that are fetched from: their folders, and the ledger of every mail seen there."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

text = sa.Text()
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.add_column("inbound", sa.Column("support_address", text))
    op.create_table(
        "mailbox_folder",
        sa.Column("mailbox", text, nullable=False),
        sa.Column("folder", text, nullable=False),
        sa.Column("validity", sa.BigInteger()),
        sa.Column("start_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("last_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("renumbered_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("first_seen_at", instant),
        sa.Column("reconciled_at", instant),
        sa.Column("lease_until", instant),
        sa.Column("lease_token", sa.BigInteger()),
        sa.PrimaryKeyConstraint("mailbox", "folder"),
    )
    op.create_table(
        "mailbox_mail",
        sa.Column("mailbox", text, nullable=False),
        sa.Column("folder", text, nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("inbound_id", sa.BigInteger(), sa.ForeignKey("inbound.id")),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("settled_at", instant),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", instant),
        sa.Column("reason", text, nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "folder", "validity", "uid"),
    )
    op.create_index("mailbox_mail_content", "mailbox_mail", ["sha256"])
    op.create_index("mailbox_mail_unsettled", "mailbox_mail", ["mailbox", "folder"], **where("settled_at IS NULL"))
