"""What a housekeeper does beside deciding: places of inbox rows, SQLite's log, and what was kept for its time."""

from collections.abc import Callable
from datetime import timedelta

from helpdesk.gateway.erased_list import was_erased_since
from helpdesk.gateway.node.node import Node, number_inbox
from helpdesk.gateway.observe import Log
from helpdesk.gateway.retention import purge
from helpdesk.store.counts import forget_letter_counts
from helpdesk.store.database import DatabaseAway
from helpdesk.store.file_links import forget_link_events
from helpdesk.store.logins import forget_logins
from helpdesk.store.operator_acts import forget_acts
from helpdesk.store.page_sessions import forget_sessions
from helpdesk.store.platform_files import forget_uploads
from helpdesk.store.quarantine import forget_dropped

A_DAY = timedelta(days=1)
ABANDONED = timedelta(days=1)  # age at which an unfinished blob is removed, because its writer must have died

log = Log("helpdesk.node")


def place_inbox_rows(node: Node) -> None:
    """Give the rows of the platform inbox that have become visible their positions."""
    try:
        number_inbox(node.database)
    except DatabaseAway as fault:
        log.warning("store.away", reason=str(fault))


def checkpoint(node: Node) -> None:
    """Copy SQLite's log into the database file, so that neither the door nor a worker has to."""
    try:
        node.database.checkpoint()
    except DatabaseAway as fault:
        log.warning("store.away", reason=str(fault))


def forget(node: Node) -> None:
    """Remove the content of dropped mails after its time, blobs of writers that died, uploads that no reply has named, visits to the inbox page, old acts of operators, and
    old counts of logins and of letters.
    """
    try:
        forget_logins(node.database, node.clock())
        forget_letter_counts(node.database, node.clock())
        forget_acts(node.database, node.clock())
        forget_uploads(node.database, node.clock() - ABANDONED)
        forget_link_events(node.database)
        forget_sessions(node.database, node.clock() - A_DAY)
        node.blobs.sweep((node.clock() - ABANDONED).timestamp())
        forgotten = forget_dropped(node.database, node.clock() - node.configuration.settings.database.keep_dropped)
    except (OSError, DatabaseAway) as fault:
        log.warning("store.away", reason=str(fault))
        return
    if forgotten:
        log.info("dropped.forgotten", mails=forgotten)


def keep_retention(node: Node, stopping: Callable[[], bool]) -> None:
    """Take what has been kept for its time (`[retention]`), in small steps, until nothing is left or the node stops."""
    configuration = node.configuration
    try:
        # What an erasure could not take with it, because it was young, is old enough within the day.
        erased = was_erased_since(node.blobs, node.clock() - A_DAY)
        taken = purge(
            node.database, node.blobs, configuration.policy.retention, node.clock(), unused_too=erased, stopping=stopping
        )
    except (OSError, DatabaseAway) as fault:
        log.warning("store.away", reason=str(fault))
        return
    if taken:
        log.info("retention.purged", **taken)
