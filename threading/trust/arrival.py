"""When a mail first came to a host that we trust: before it came to us, where it has waited on the way."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.reading.head import moment_in
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.assurance import MAILBOX_DOORS, is_within

LONGEST_WAIT = timedelta(days=7)  # a queue gives up before (RFC 5321 §4.5.4.1): what is older says nothing of this delivery
MOST_HOPS = 10  # of our own, one behind the other
LOCAL_DOORS = (*MAILBOX_DOORS, "pipe")  # what comes by them was received by a system of ours
LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)


def accepted_at(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> datetime:
    """The time in the oldest Received field (RFC 5321 §4.4) that a host of ours has written; never later than `received_at`.

    Each host writes above what it got. The topmost field is that of whoever handed the mail to us, and the one below it counts only
    where every address in the upper one is that of a relay of ours. A time that cannot be true does not count, and ends the search.
    """
    first = raw.received_at
    for value in _ours(raw, message, authentication):
        moment = moment_in(value.rpartition(";")[2].encode("utf-8", "replace"))
        if moment is None or not raw.received_at - LONGEST_WAIT <= moment <= first:
            return first
        first = moment
    return first


def _ours(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> Iterator[str]:
    """The values of Received fields that hosts of ours have written, the newest first."""
    if raw.authenticated_as is not None or not (raw.door in LOCAL_DOORS or is_within(raw.peer, authentication.trusted_relays)):
        return
    fields = [value for name, value in message.headers if name == "received"]
    for value in fields[:MOST_HOPS]:
        yield value
        peers = LITERAL.findall(value)
        if not peers or not all(is_within(one, authentication.trusted_relays) for one in peers):
            return
