"""How often passwords were tried and from where, and the sources of good logins: counted for all nodes together."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "login_count",
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("free_at", instant, nullable=False),
        sa.Column("alarmed_at", instant),
        sa.Column("untold", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("lane", "source", "account"),
    )
    op.create_index("login_count_age", "login_count", ["last_at"])
    untold = sa.text("untold")
    op.create_index("login_count_untold", "login_count", ["alarmed_at"], sqlite_where=untold, postgresql_where=untold)
    op.create_table(
        "login_source",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("source", "account"),
    )
