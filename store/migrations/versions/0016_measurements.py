"""How long answers take, measured when each request comes, and how it went on."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "measurement",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("median_at", instant),
        sa.Column("ninetieth_at", instant),
        sa.Column("busy", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("answered_at", instant),
        sa.Column("took", sa.BigInteger()),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
    op.create_index("measurement_newest", "measurement", ["queue", "ticket_id"])
    op.create_index("measurement_answered", "measurement", ["queue", "answered_at"])
    undecided = sa.text("answered_at IS NULL AND ended = false")
    op.create_index(
        "measurement_undecided", "measurement", ["queue", "ninetieth_at"], sqlite_where=undecided, postgresql_where=undecided
    )
    op.create_index("measurement_made", "measurement", ["at"])
    unanswered = sa.text("first_response_at IS NULL AND waiting_on = 'support' AND status NOT IN ('resolved', 'closed')")
    op.create_index("ticket_unanswered", "ticket", ["queue"], sqlite_where=unanswered, postgresql_where=unanswered)
