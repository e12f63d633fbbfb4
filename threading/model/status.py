"""Where a ticket stands, whose move it is, and what can happen to it."""

from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands. Only the lifecycle table changes it."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_PROGRESS = "in_progress"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class WaitingOn(StrEnum):
    """Whose move it is. The clocks of promised times run exactly while a ticket waits on support."""

    SUPPORT = "support"
    CUSTOMER = "customer"
    NOBODY = "nobody"


class Trigger(StrEnum):
    """What can happen to a ticket. Automatic responses and delivery reports are no triggers, so they cannot move a ticket."""

    CUSTOMER_WROTE = "customer_wrote"
    CUSTOMER_CONFIRMED = "customer_confirmed"  # the mail only says thanks, or came to the "solved" address
    TRIAGED = "triaged"  # the policy has set queue, assignee, category and severity
    SELF_SERVED = "self_served"  # the customer wrote on a plan of which no person answers
    STAFF_ANSWERED = "staff_answered"
    PROGRESS_REPORTED = "progress_reported"  # staff told the customer that they go on working
    INFORMATION_REQUESTED = "information_requested"
    NOTE_ADDED = "note_added"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    TARGET_MISSED = "target_missed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REMINDED = "reminded"  # the customer was reminded of a question
    SETTLED = "settled"  # the customer has not written for `settle_after` after an answer
    SILENCE_ELAPSED = "silence_elapsed"  # the customer has not written for `close_after`, or not after the last reminder
    CLOSED = "closed"  # staff closed it without waiting for a confirmation
    SPAM = "spam"
    SNOOZED = "snoozed"
    WOKEN = "woken"  # a snooze has ended
    SPLIT = "split"  # a message of another ticket has begun this one
    MESSAGE_MOVED = "message_moved"  # its only unanswered message has begun another ticket
    MERGED = "merged"  # the conversation goes on in another ticket
    PERMISSION_ASKED = "permission_asked"  # whether support may change the requester's data
    PERMISSION_ANSWERED = "permission_answered"
    PERMISSION_EXPIRED = "permission_expired"  # the time for an answer has ended
    CLOSING_FAILED = "closing_failed"  # the letter about the closing did not arrive
