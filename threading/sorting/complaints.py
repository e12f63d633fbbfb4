"""Complaints about a letter: a feedback report of the reader's provider (RFC 5965), or a notification of the sending service."""

from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.parsed import Complaint, Kind
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.notifications import notified_original_id
from helpdesk.threading.sorting.reports import ENCLOSED, original_id

LONGEST_TYPE = 40


def complaint(mail: MailEvidence, kind: Kind) -> Complaint | None:
    """The complaint in a mail of kind COMPLAINT; None for a mail of another kind."""
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
