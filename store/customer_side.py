"""What the side of the desk that customers reach may read and write. Internal notes and staff are not among it, nor of
tickets more than the questions that their customers are asked.

The process of the HTTP API opens the database with these limits: on SQLite an authorizer refuses every other table when a statement is
prepared, and on PostgreSQL a role without other rights does (`[http] database_role`). A mistake in a query of that side is then an error and
never a leak.
"""

from collections.abc import Mapping

from helpdesk.store.rights import Rights

INBOX, THREAD, REPLY, FILE, VISIT = "platform_inbox", "platform_thread", "platform_reply", "platform_attachment", "page_session"
LINK_EVENT = "file_link_event"  # of links to files
READS: Mapping[str, frozenset[str]] = {  # columns of each table; none named: all
    INBOX: frozenset(),
    THREAD: frozenset(),
    REPLY: frozenset(),
    FILE: frozenset(),
    VISIT: frozenset(),
    LINK_EVENT: frozenset(),
    "ticket": frozenset({"thread_key", "permissions"}),  # the questions whether support may change the customer's data
    "api_key": frozenset(),
    "api_secret": frozenset(),
    "account": frozenset({"id", "active", "heir"}),  # whose conversations an account has taken over
    "inbound": frozenset({"id", "content", "sha256"}),  # for the large files that came by mail: the mail has their octets
}
ADDS = frozenset({REPLY, FILE, VISIT, LINK_EVENT})
CHANGES: Mapping[str, frozenset[str]] = {
    INBOX: frozenset({"read_at"}),
    FILE: frozenset({"reply_id"}),
    VISIT: frozenset({"session_sha256", "expires_at", "ended_at"}),
}
RIGHTS = Rights(
    READS,
    ADDS,
    CHANGES,
    (
        f"{REPLY}_id_seq",
        f"{LINK_EVENT}_id_seq",
    ),
)
grants = RIGHTS.grants
