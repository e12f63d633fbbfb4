"""What our own checks found about a mail's author stands with the mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("inbound", sa.Column("origin", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))
