"""Where a ticket stands, whose move it is, and what can happen to it."""

from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_PROGRESS = "in_progress"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class WaitingOn(StrEnum):
    """Whose move it is. Target clocks run exactly while it is support's."""

    SUPPORT = "support"
    CUSTOMER = "customer"
    NOBODY = "nobody"


class Trigger(StrEnum):
    """What can happen to a ticket. Automatic responses and delivery reports are not among them, so they cannot move one."""

    CUSTOMER_WROTE = "customer_wrote"
    CUSTOMER_CONFIRMED = "customer_confirmed"  # only thanks or "solved"
    TRIAGED = "triaged"  # queue, assignee, category and severity set by policy
    STAFF_ANSWERED = "staff_answered"
    INFORMATION_REQUESTED = "information_requested"
    NOTE_ADDED = "note_added"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    TARGET_MISSED = "target_missed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REMINDED = "reminded"  # of a question that waits for its reply
    SILENCE_ELAPSED = "silence_elapsed"  # nothing heard for `close_after`, or after the last reminder
    CLOSED = "closed"  # by staff, without waiting for a confirmation
    SPAM = "spam"
    SNOOZED = "snoozed"
    WOKEN = "woken"  # the end of a snooze
    SPLIT = "split"  # a message of another ticket begins one of its own
    MERGED = "merged"  # the conversation goes on in another ticket
    CLOSING_FAILED = "closing_failed"  # the letter that told of the closing never arrived
