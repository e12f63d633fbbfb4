"""The platform inbox says of a contact's mail whether anything proves that the contact wrote it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("platform_inbox", sa.Column("proved", sa.Boolean, nullable=False, server_default=sa.true()))
