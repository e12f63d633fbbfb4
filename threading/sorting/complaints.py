"""Complaints: what a reader's provider says of a letter that was called spam (RFC 5965), or a sending service's word of it."""

from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.parsed import Complaint, Kind
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.notifications import notified_original_id
from helpdesk.threading.sorting.reports import ENCLOSED, original_id

LONGEST_TYPE = 40


def complaint(mail: MailEvidence, kind: Kind) -> Complaint | None:
    """What a mail of that kind complains of; None for others."""
    if kind is not Kind.COMPLAINT:
        return None
    return Complaint(_feedback(mail), notified_original_id(mail) or original_id(mail))


def _feedback(mail: MailEvidence) -> str:
    for content_type, content in mail.parts:
        if content_type == "message/feedback-report" and (
            value := split_header(content[:ENCLOSED].lstrip()).first("feedback-type")
        ):
            return readable(value).strip().lower()[:LONGEST_TYPE]
    return ""
