"""Letters say where their files are, instead of having a copy each. Those that wait already keep their copies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"

HAS_FILES = sa.text("files_of IS NOT NULL")


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("outbox", sa.Column("files", json))
    op.add_column("outbox", sa.Column("files_of", sa.BigInteger))
    op.create_index("outbox_files", "outbox", ["files_of"], sqlite_where=HAS_FILES, postgresql_where=HAS_FILES)
