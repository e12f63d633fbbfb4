"""While there is a row, no letter goes out: somebody looks first at what has gone already."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
