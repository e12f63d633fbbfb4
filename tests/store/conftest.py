"""Every test of the store runs on both databases."""

from databases import (
    database,
    database_url,
    open_database,
    postgresql_server,
    postgresql_url,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "open_database",
    "postgresql_server",
    "postgresql_url",
    "sqlite_template",
    "sqlite_url",
]
