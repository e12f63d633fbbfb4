"""A row of the platform inbox names the message that it shows, so that it can follow it to whoever it belongs to; a message keeps its own
subject; a note keeps its files, and whether its author asked for it to stay inside.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"

json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("platform_inbox", sa.Column("words_id", sa.BigInteger))
    op.add_column("message", sa.Column("subject", sa.Text, nullable=False, server_default=""))
    op.add_column("internal_note", sa.Column("unasked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("internal_note", sa.Column("attachments", json, nullable=False, server_default="[]"))
    op.add_column("internal_note", sa.Column("file_words", sa.Text, nullable=False, server_default=""))
