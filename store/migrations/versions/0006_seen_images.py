"""Small images that an author has sent before: the next time they are a part of the signature."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# Types stand here as they were on that day; those of `store.schema` may change later.
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "seen_image",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("first_seen_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "origin"),
    )
