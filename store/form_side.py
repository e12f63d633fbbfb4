"""What the public form for requests may do in the database: store a mail, and look up what gives a mail its turn. It reads no words of anybody.

It has a connection of its own beside that of `store.customer_side`. On PostgreSQL a role holds both apart (`[request_form] database_role`).
"""

from helpdesk.store.rights import Rights

RIGHTS = Rights(
    reads={
        "inbound": frozenset({"turn_at", "sender", "state"}),  # when the sender's last mail has its turn
        "contact": frozenset({"address"}),
        "staff": frozenset({"address"}),
        "account_domain": frozenset({"domain"}),
        "known_id": frozenset({"message_id", "ticket_id"}),
        "ticket": frozenset({"id"}),  # SQLite looks there because a mail refers to its ticket
    },
    adds=frozenset({"inbound"}),
    changes={},
)
grants = RIGHTS.grants
