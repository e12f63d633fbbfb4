"""The words for statuses, kinds of mail and letters, and fields, as sentences of letters to staff name them."""

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, plain, sentence
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.secrets import CARD, KEY, PASSWORD, TOKEN
from helpdesk.threading.sorting.alarm_words import AlarmKind

STATUSES = {
    Status.SUBMITTED: sentence("new"),
    Status.IN_REVIEW: sentence("in review"),
    Status.IN_PROGRESS: sentence("in progress"),
    Status.ESCALATED: sentence("escalated"),
    Status.RESOLVED: sentence("resolved"),
    Status.CLOSED: sentence("closed"),
}
WAITING = {WaitingOn.SUPPORT: sentence("waiting for us"), WaitingOn.CUSTOMER: sentence("waiting for the customer")}
NOTICES = {
    Notice.CONFIRMATION: sentence("confirmation"),
    Notice.ANSWER: sentence("answer"),
    Notice.INFORMATION_REQUEST: sentence("question"),
    Notice.ESCALATION: sentence("escalation"),
    Notice.RESOLUTION: sentence("resolution"),
    Notice.REOPENED: sentence("reopening"),
    Notice.REMINDER: sentence("reminder"),
    Notice.CLOSING: sentence("closing"),
    Notice.CONSENT_REQUEST: sentence("question about somebody else"),
    Notice.PERMISSION_REQUEST: sentence("question for permission"),
    Notice.CONSULTATION: sentence("consultation"),
    Notice.INCOMPLETE: sentence("note that an email was too large"),
}
KINDS = {
    Kind.AUTOMATIC: sentence("an automatic email"),
    Kind.OUT_OF_OFFICE: sentence("an absence note"),
    Kind.DELIVERY_REPORT: sentence("a delivery report"),
    Kind.COMPLAINT: sentence("a complaint about spam"),
    Kind.LIST: sentence("an email of a mailing list"),
    Kind.CHALLENGE: sentence("a challenge"),
}
ALARMS = {
    AlarmKind.LIFE: sentence("somebody's life"),
    AlarmKind.THREAT: sentence("a threat of violence"),
    AlarmKind.LAW: sentence("a step by law"),
    AlarmKind.DATA: sentence("rights to personal data"),
}
RATING_NAMES = {"good": sentence("good"), "okay": sentence("okay"), "bad": sentence("bad")}
SECRETS = {
    CARD: sentence("card number"),
    PASSWORD: sentence("password"),
    KEY: sentence("private key"),
    TOKEN: sentence("access token"),
}
FIELDS = {
    "priority": sentence("priority"),
    "severity": sentence("severity"),
    "category": sentence("category"),
    "queue": sentence("queue"),
    "language": sentence("language"),
}


def status_name(status: Status) -> Sentence:
    """The word for a status."""
    return STATUSES[status]


def notice_name(notice: str) -> Sentence:
    """The word for the reason of a letter; its own name for a letter to staff."""
    return NOTICES[Notice(notice)] if notice in set(NOTICES) else plain(notice.replace("_", " "))


def kind_name(kind: Kind) -> Sentence:
    """The words for a mail that no person wrote for this occasion."""
    return KINDS[kind] if kind in KINDS else plain(kind.value)


def field_name(field: str) -> Sentence:
    """The word for a field of a request."""
    return FIELDS[field] if field in FIELDS else plain(field)
