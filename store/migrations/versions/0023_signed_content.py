"""The same signed words count once, whatever else a copy of them changes: what all copies share stands with the mail."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

HAS_EFFECT = sa.text("state IN ('opened', 'threaded', 'noted')")
OPENED = sa.text("state = 'opened'")


def upgrade() -> None:
    op.add_column("inbound", sa.Column("signed_content", sa.String(64)))
    op.create_index(
        "inbound_signed_effect", "inbound", ["signed_content", sa.text("coalesce(ticket_id, 0)")], unique=True,
        sqlite_where=HAS_EFFECT, postgresql_where=HAS_EFFECT,
    )  # fmt: skip
    op.create_index(
        "inbound_signed_opens_once", "inbound", ["signed_content"], unique=True, sqlite_where=OPENED, postgresql_where=OPENED
    )
