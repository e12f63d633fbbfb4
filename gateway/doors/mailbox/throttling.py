"""What a mailbox server says when it will not serve a login for a while, whatever is asked of it.

Sources: the response codes of RFC 5530; the words of Gmail ("[OVERQUOTA] Account exceeded command or bandwidth limits", "Too many simultaneous
connections") and of Exchange ("Request is throttled. Suggested Backoff Time: … milliseconds", "User is authenticated but not connected").
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble, StepRefused

BUSY = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|THROTTLED)\]|is throttled|exceeded command or bandwidth|too many simultaneous|server busy",
    re.IGNORECASE,
)
BUSY_AT_LOGIN = re.compile(r"\[(?:SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
LOST = re.compile(r"authenticated but not connected|session expired", re.IGNORECASE)  # a new login helps at once
BACKOFF = re.compile(r"backoff time: ?([0-9]{1,9}) ?milliseconds", re.IGNORECASE)
LONGEST_BACKOFF = 3600.0  # seconds; a server's number is not believed beyond this


def trouble_of(said: str, *, at_login: bool = False) -> MailboxTrouble:
    """The trouble that the words of a server tell of: it is busy, or away."""
    is_busy = BUSY.search(said) or (at_login and BUSY_AT_LOGIN.search(said))
    return MailboxTrouble.BUSY if is_busy else MailboxTrouble.AWAY


def folder_refused(folder: str, said: str) -> MailboxAway:
    """The end of a session whose folder cannot be opened. The folder is left alone for longer, unless a new login would help."""
    fault = away(f"folder {folder}: {said}")
    if not LOST.search(said):
        fault.trouble = MailboxTrouble.BUSY
    return fault


def away(said: str, *, at_login: bool = False) -> MailboxAway:
    """The end of a session for what the server said, with the pause that it asks for."""
    asked = BACKOFF.search(said)
    pause = min(int(asked[1]) / 1000, LONGEST_BACKOFF) if asked else 0.0
    return MailboxAway(trouble_of(said, at_login=at_login), said, pause)


@contextmanager
def ending_if_throttled() -> Iterator[None]:
    """Let a refusal that concerns the whole login end the session. Otherwise every mail of the folder would seem unreadable."""
    try:
        yield
    except StepRefused as fault:
        if BUSY.search(str(fault)) or LOST.search(str(fault)):
            raise away(str(fault)) from fault
        raise
