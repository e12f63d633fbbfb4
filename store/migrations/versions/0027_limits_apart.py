"""Letters that mail without proof brings about are counted apart; those to staff that are too many at once are told of in one."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

GATHERED = sa.text("told_in = 0")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("unproved", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("told_in", sa.BigInteger))
    op.create_index("outbox_gathered", "outbox", ["recipient", "id"], sqlite_where=GATHERED, postgresql_where=GATHERED)
