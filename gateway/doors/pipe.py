"""Mail on standard input from a local mail system (Postfix pipe, Exim, procmail), which keeps the mail unless the exit code
is 0.
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime

from helpdesk.gateway.doors.trace import has_too_many_hops
from helpdesk.threading.model.mail import Envelope, RawMessage

log = logging.getLogger(__name__)


def deliver(
    content: bytes,
    envelope: Envelope,
    *,
    is_ours: Callable[[str], bool],
    store: Callable[[Sequence[RawMessage]], object],
    received_at: datetime,
    max_size: int,
) -> int:
    """Store one mail, and return the exit code that a mail system understands (sysexits).

    0: stored. 67: no recipient is one of the desk's addresses. 65: larger than `max_size` octets, or more than 100 Received
    fields. 75: not stored, to be tried again.

    An envelope without any recipient is accepted, because a filter in a personal mailbox has none.
    """
    if len(content) > max_size or has_too_many_hops(content):
        return os.EX_DATAERR
    try:
        here = tuple(address for address in envelope.forward_paths if is_ours(address))
        if envelope.forward_paths and not here:
            return os.EX_NOUSER
        store([RawMessage("pipe", Envelope(envelope.reverse_path, here), content, received_at)])
    except Exception:
        log.exception("pipe.not_stored")
        return os.EX_TEMPFAIL
    return os.EX_OK
