"""Delivery reports, by the fields of RFC 3464, or by the shapes that the texts of other mail systems share.

A mail is a report if a mail system wrote it and it names a recipient. One alone is never enough, because people forward bounces and ask
about them. One of these shows that a mail system wrote the mail:

- `multipart/report; report-type=delivery-status`, X-Failed-Recipients, or a service's notification as one JSON object;
- an author that no person has (MAILER-DAEMON, Mail Delivery System, none at all), unless it answers as a responder;
- a null path, Auto-Submitted or an address of duty (postmaster@, a gateway's) without a person's name, beside words of a report
  in the subject or at the beginning of the text;
- a subject and a beginning that both speak of a failed delivery, from an author who gives no name, in no thread.
"""

from collections.abc import Callable

from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.parsed import DeliveryReport, ReportedRecipient
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.evidence import (
    MailEvidence,
    has_answered_subject,
    has_null_path,
    has_service_address,
    is_answer_of_person,
    is_auto_replied,
    is_from_mail_system,
    is_from_service,
    is_submitted_by_machine,
)
from helpdesk.threading.sorting.notifications import notified_original_id, notified_recipients
from helpdesk.threading.sorting.report_fields import ADDRESS, MOST_RECIPIENTS, recipients_in_lines, recipients_in_part
from helpdesk.threading.sorting.report_text import (
    DeliverySummary,
    above_original,
    describe,
    gives_code,
    opens_with_failure,
    opens_with_smtp,
    recipients_in_text,
    speaks_of_failure,
)
from helpdesk.threading.sorting.report_words import BOUNCE_SUBJECTS, REFUSALS

SEARCHED = 20_000  # characters of a text
ENCLOSED = 64 * 1024  # octets of an enclosed message
LONGEST_ENVELOPE_ID = 100  # RFC 3461 §5.3
RECEIPT_TYPE = "message/disposition-notification"
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
ORIGINAL_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822",
)


def delivery_report(mail: MailEvidence) -> DeliveryReport | None:
    """The report that this mail is, or None."""
    notified = notified_recipients(mail)
    if notified:
        return DeliveryReport(tuple(notified[:MOST_RECIPIENTS]), notified_original_id(mail))
    if not is_from_reporter(mail):
        return None
    recipients = next((found for way in WAYS if (found := way(mail))), None)
    if recipients is None:
        return None
    return DeliveryReport(tuple(recipients[:MOST_RECIPIENTS]), original_id(mail), _envelope_id(mail))


def is_from_reporter(mail: MailEvidence) -> bool:
    """Whether a mail system wrote the mail, and wrote about a delivery."""
    if mail.report_type:
        return mail.report_type == "delivery-status" or is_refusal(mail)
    if mail.header("x-failed-recipients"):
        return True
    subject = mail.subject[:1000].lower()
    by_subject = any(words in subject for words in BOUNCE_SUBJECTS)
    if is_from_mail_system(mail) or not mail.author:
        return by_subject or (not is_auto_replied(mail) and (mail.part(*STATUS_TYPES) or speaks_of_failure(mail.text)))
    if is_auto_replied(mail) and has_answered_subject(mail):
        return False
    if has_null_path(mail):
        known = by_subject and (_returns(mail) or speaks_of_failure(mail.text))
        return known or (mail.part(*STATUS_TYPES, *ORIGINAL_TYPES) and (opens_with_failure(mail.text) or gives_code(mail.text)))
    if is_submitted_by_machine(mail) and by_subject and (_returns(mail) or opens_with_failure(mail.text)):
        return True
    if has_service_address(mail) and opens_with_smtp(mail.text):
        return True
    if is_from_service(mail) and _is_service_report(mail, by_subject=by_subject):
        return True
    return by_subject and not mail.author_name and not is_answer_of_person(mail) and opens_with_failure(mail.text)


def is_refusal(mail: MailEvidence) -> bool:
    """Whether a receipt says that a filter or a full mailbox refused the mail (RFC 5429 §2.2): `deleted` by a machine, and words of refusal."""
    if mail.report_type != "disposition-notification":
        return False
    dispositions = (
        readable(value).lower()
        for kind, content in mail.parts
        if kind == RECEIPT_TYPE and (value := split_header(content[:ENCLOSED].lstrip()).first("disposition"))
    )
    deleted = any("automatic-action" in given and "deleted" in given.rpartition(";")[2] for given in dispositions)
    said = f"{mail.subject[:1000]}\n{mail.text[:SEARCHED]}".lower()
    return deleted and (any(words in said for words in REFUSALS) or speaks_of_failure(mail.text))


def _is_service_report(mail: MailEvidence, *, by_subject: bool) -> bool:
    """Whether mail from a service address is a report. People write from such addresses too, with subjects and first lines of their own."""
    if by_subject and not has_answered_subject(mail):
        return _returns(mail) or opens_with_failure(mail.text) or gives_code(mail.text)
    return opens_with_failure(mail.text) and gives_code(mail.text)


def _returns(mail: MailEvidence) -> bool:
    """Whether the undelivered mail is returned, whole or in part."""
    return mail.part(*STATUS_TYPES, *ORIGINAL_TYPES) or above_original(mail.text) != mail.text[:SEARCHED]


def _by_fields(mail: MailEvidence) -> list[ReportedRecipient]:
    text = mail.text[:SEARCHED]
    return [recipient for kind, content in mail.parts if kind in STATUS_TYPES for recipient in recipients_in_part(content, text)]


def _by_refusal(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipient in a receipt that refuses. Its fields name no status; the words of the reason give it."""
    if mail.report_type != "disposition-notification":
        return []
    text = above_original(mail.text)
    return [recipient for kind, content in mail.parts if kind == RECEIPT_TYPE for recipient in recipients_in_part(content, text)]


def _by_header(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients in X-Failed-Recipients, as Exim writes it."""
    addresses = list(dict.fromkeys(ADDRESS.findall(mail.header("x-failed-recipients"))))[:MOST_RECIPIENTS]
    return describe(addresses, DeliverySummary.of(above_original(mail.text), mail.subject))


def _by_fields_in_text(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients in fields in the text: boundaries of parts were lost, or a gateway put the report into its own text."""
    if "-recipient:" not in mail.text[:SEARCHED].lower():
        return []
    return recipients_in_lines((line.lstrip("> ") for line in mail.text[:SEARCHED].split("\n")), above_original(mail.text))


def _by_enclosed_report(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients in a report of another system that a gateway enclosed."""
    found: list[ReportedRecipient] = []
    for kind, content in mail.parts:
        if kind in ORIGINAL_TYPES and not found and b"-recipient:" in content[:ENCLOSED].lower():
            found = recipients_in_part(content[:ENCLOSED], mail.text[:SEARCHED])
    return found


def _by_original(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients in the header of the returned mail."""
    for kind, content in mail.parts:
        if kind in ORIGINAL_TYPES:
            header = split_header(content[:ENCLOSED].lstrip())
            failed = readable(header.first("x-failed-recipients") or header.first("to") or b"")
            addresses = list(dict.fromkeys(ADDRESS.findall(failed[:2000])))
            if addresses:
                return describe(addresses[:MOST_RECIPIENTS], DeliverySummary.of(mail.text, mail.subject))
    return []


WAYS: tuple[Callable[[MailEvidence], list[ReportedRecipient]], ...] = (
    _by_fields,
    _by_refusal,
    _by_header,
    _by_fields_in_text,
    recipients_in_text,
    _by_enclosed_report,
    _by_original,
)


def _envelope_id(mail: MailEvidence) -> str | None:
    """The Original-Envelope-Id (RFC 3464 §2.2.1), which stands above the recipients."""
    for kind, content in mail.parts:
        if kind in STATUS_TYPES and (value := split_header(content[:ENCLOSED].lstrip()).first("original-envelope-id")):
            return readable(value).strip()[:LONGEST_ENVELOPE_ID] or None
    return None


def original_id(mail: MailEvidence) -> str | None:
    """The Message-ID of the undelivered mail; None if the report neither returns nor names it."""
    for content_type, content in mail.parts:
        if content_type in ORIGINAL_TYPES and (value := split_header(content[:ENCLOSED].lstrip()).first("message-id")):
            return readable(value).strip("<> ") or None
    named = _named_in_receipt(mail)
    if named:
        return named
    below = mail.text[len(above_original(mail.text)) :][:SEARCHED]
    at = f"\n{below}".lower().find("\nmessage-id:")
    if at < 0:
        return None
    return below[at + 11 :].split("\n", 1)[0].strip().strip("<> ") or None


def _named_in_receipt(mail: MailEvidence) -> str | None:
    """The Original-Message-ID of a receipt (RFC 8098 §3.2.5)."""
    for kind, content in mail.parts:
        if kind == RECEIPT_TYPE and (value := split_header(content[:ENCLOSED].lstrip()).first("original-message-id")):
            return readable(value).strip("<> ") or None
    return None
