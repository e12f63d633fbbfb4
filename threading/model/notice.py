"""The reasons for letters."""

from enum import StrEnum


class Notice(StrEnum):
    """The reason for a letter. Customers and staff both get letters about escalations and reopenings, in different words."""

    CONFIRMATION = "confirmation"
    ANSWER = "answer"
    INFORMATION_REQUEST = "information_request"
    ESCALATION = "escalation"
    RESOLUTION = "resolution"
    REOPENED = "reopened"
    REMINDER = "reminder"
    CLOSING = "closing"
    CONSENT_REQUEST = "consent_request"
    PERMISSION_REQUEST = "permission_request"
    CONSULTATION = "consultation"  # to a third person, who is no customer
    SELF_SERVICE = "self_service"  # in place of the confirmation, where no person answers
    INCOMPLETE = "incomplete"  # a reply was too large, so that its beginning alone came
    # The notices from here on go to staff alone.
    NEW_TICKET = "new_ticket"
    CUSTOMER_REPLY = "customer_reply"
    INTERNAL_NOTE = "internal_note"
    ASSIGNMENT = "assignment"
    TARGET_WARNING = "target_warning"
    TARGET_MISSED = "target_missed"
    HELD = "held"
    RECEIPT = "receipt"
    WOKEN = "woken"
    PERMISSION_ANSWER = "permission_answer"
    DIGEST = "digest"
    SEARCH_RESULT = "search_result"
    WEEKLY_REPORT = "weekly_report"
    DELIVERY_FAILURE = "delivery_failure"
    DELIVERY_DELAY = "delivery_delay"
    ALARM = "alarm"
    INCIDENT_PROPOSAL = "incident_proposal"


ANSWERING_FIRST_MAIL = (Notice.CONFIRMATION, Notice.SELF_SERVICE)  # letters that answer a mail at once, by themselves
