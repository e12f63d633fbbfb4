"""The order of work: each sender's mails take turns with everybody else's."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

PENDING = sa.text("state = 'pending'")
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("inbound", sa.Column("sender", sa.Text()))
    op.add_column("inbound", sa.Column("turn_at", instant))
    op.execute("UPDATE inbound SET turn_at = received_at")  # of any state: a mail may be replayed
    op.create_index("inbound_turn", "inbound", ["turn_at", "id"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("inbound_sender", "inbound", ["sender", "turn_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.drop_index("inbound_pending", "inbound")
