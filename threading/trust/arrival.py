"""When a mail first reached a host that we trust. It may have waited there before it reached us."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.reading.head import moment_in
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.assurance import MAILBOX_DOORS, is_within

LONGEST_WAIT = timedelta(days=7)  # mail queues give up earlier (RFC 5321 §4.5.4.1), so an older time belongs to another delivery
MOST_HOPS = 10  # Received fields of our own hosts that are read
LOCAL_DOORS = (*MAILBOX_DOORS, "pipe")  # a system of ours has received the mail that comes by these
LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)


def accepted_at(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> datetime:
    """The time in the oldest Received field (RFC 5321 §4.4) that one of our hosts wrote; never later than `received_at`.

    Each host adds its field at the top. The host that handed the mail to us wrote the topmost field. A field below is trusted only if every
    IP address in the field above belongs to one of our relays. The search ends at a time that cannot be true.
    """
    first = raw.received_at
    for value in received_by_us(raw, message, authentication):
        moment = moment_in(value.rpartition(";")[2].encode("utf-8", "replace"))
        if moment is None or not raw.received_at - LONGEST_WAIT <= moment <= first:
            return first
        first = moment
    return first


def is_handed_over_by_us(raw: RawMessage, authentication: Authentication) -> bool:
    """Whether a host of ours handed the mail over: a trusted relay, a mailbox's server or the local mail system, but no person who logged in."""
    return raw.authenticated_as is None and (raw.door in LOCAL_DOORS or is_within(raw.peer, authentication.trusted_relays))


def received_by_us(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> Iterator[str]:
    """The values of the Received fields that our hosts wrote, newest first."""
    if not is_handed_over_by_us(raw, authentication):
        return
    fields = [value for name, value in message.headers if name == "received"]
    for value in fields[:MOST_HOPS]:
        yield value
        peers = LITERAL.findall(value)
        if not peers or not all(is_within(peer, authentication.trusted_relays) for peer in peers):
            return
