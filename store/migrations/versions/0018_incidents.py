"""Incidents: to which one a ticket is attached."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ATTACHED = sa.text("incident IS NOT NULL")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("incident", sa.BigInteger))
    op.create_index("ticket_incident", "ticket", ["incident"], sqlite_where=ATTACHED, postgresql_where=ATTACHED)
