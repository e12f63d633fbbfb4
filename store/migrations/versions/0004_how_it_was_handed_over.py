"""How a mail was handed over (RFC 3848), and what an import needs to know of one from an archive."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("inbound", sa.Column("transmission", sa.Text(), nullable=True))
    op.add_column("inbound", sa.Column("recent", sa.Boolean(), nullable=True))
    archived = sa.text("door = 'archive'")
    op.create_index("inbound_archived", "inbound", ["sha256"], sqlite_where=archived, postgresql_where=archived)
