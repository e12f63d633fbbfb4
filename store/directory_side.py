"""What the directory of the HTTP API may read and write: people and accounts and the record of their changes, and no conversation.

It has a connection of its own beside that of `store.customer_side`, so that no question about conversations can read staff, and none about
the directory can read a message. On PostgreSQL a role holds both apart (`[http] directory_role`).
"""

from helpdesk.store.rights import Rights

OWNED = {"source", "external_id", "active", "updated_at"}  # of every row of the directory
RIGHTS = Rights(
    reads={
        name: frozenset()
        for name in (
            "account", "account_domain", "contact", "staff", "directory_version", "directory_import", "directory_change",
        )
    },
    adds=frozenset(
        {"account", "account_domain", "contact", "staff", "directory_version", "directory_import", "directory_change"}
    ),
    changes={
        "account": frozenset({"plan", "severity", "calendar", "language", "zone", "heir", *OWNED}),
        "account_domain": frozenset({"account_id", *OWNED}),
        "contact": frozenset({"name", "account_id", *OWNED}),
        "staff": frozenset(
            {
                "addresses", "name", "role", "queues", "hours", "deputy", "zone", "language", "signature", "letters", "heir",
                *OWNED,
            }
        ),
        "directory_version": frozenset({"version"}),
    },
    counters=("directory_import_id_seq",),
)  # fmt: skip
grants = RIGHTS.grants
