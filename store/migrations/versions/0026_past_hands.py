"""A request knows in which queues it was and who had it: permission asks for that when a mail is worked on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# Who has answered a request of before keeps it; who has it now is known without this.
ANSWERED = """UPDATE ticket SET past_hands = (SELECT {gathered} FROM message
    WHERE message.ticket_id = ticket.id AND message.direction = 'support' AND message.author <> '')
    WHERE EXISTS (SELECT 1 FROM message
    WHERE message.ticket_id = ticket.id AND message.direction = 'support' AND message.author <> '')"""


def upgrade() -> None:
    op.add_column("ticket", sa.Column("past_queues", json))
    op.add_column("ticket", sa.Column("past_hands", json))
    postgres = op.get_bind().dialect.name == "postgresql"
    gathered = "jsonb_agg(DISTINCT message.author)" if postgres else "json_group_array(DISTINCT message.author)"
    op.execute(ANSWERED.format(gathered=gathered))
