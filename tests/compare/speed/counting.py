"""Whether a system did the work: a rate is printed only where every request has a ticket and every reply is on the ticket of its request."""

from collections.abc import Mapping, Sequence
from email.parser import BytesHeaderParser

from helpdesk.gateway.bench.workload import Mail


class WorkMissing(Exception):
    """A system did less than it was given. The text says what, in one line."""


def root_of(mail: Mail) -> str:
    """The Message-ID of the request to which a mail belongs: the first in References, or its own."""
    references = str(BytesHeaderParser().parsebytes(mail.content)["References"] or "").split()
    return references[0].strip("<>") if references else mail.message_id


def check_work(given: Sequence[Mail], tickets: int, letters: int, where: Mapping[str, int], mails: int) -> None:
    """Compare what all mails so far should have made with what the store has. `letters` and `mails` are those of the last round.

    Raise WorkMissing.
    """
    roots = {mail.message_id: root_of(mail) for mail in given}
    requests = [message_id for message_id, root in roots.items() if root == message_id]
    lost = [message_id for message_id in roots if message_id not in where]
    if lost:
        raise WorkMissing(f"{len(lost)} of {len(roots)} mails are on no ticket, {lost[0]} for one")
    strayed = [message_id for message_id, root in roots.items() if where[message_id] != where[root]]
    if strayed:
        raise WorkMissing(f"{len(strayed)} replies are on another ticket than their request, {strayed[0]} for one")
    if len({where[request] for request in requests}) != len(requests):
        raise WorkMissing("two requests are on one ticket")
    if tickets != len(requests):
        raise WorkMissing(f"there are {tickets} tickets for {len(requests)} requests")
    if letters < mails * LEAST_LETTERS:
        raise WorkMissing(f"only {letters} letters for {mails} mails")


LEAST_LETTERS = 0.4  # a mail: each new request at least is confirmed
