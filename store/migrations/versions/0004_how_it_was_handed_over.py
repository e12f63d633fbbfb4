"""How a mail was handed over (RFC 3848), for its Received field."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("inbound", sa.Column("transmission", sa.Text(), nullable=True))
