"""The lifecycle is one table; every pair of status and trigger has been decided, and the documentation prints it as it is."""

import ast
from pathlib import Path

import pytest

from helpdesk.threading.lifecycle.table import LIFECYCLE, as_markdown, rule_for, unanswered
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, Trigger, WaitingOn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "lifecycle.md"
STATUSES = (None, *Status)

UNANSWERED = {
    # Only a customer's mail makes a ticket, and a message that is split from another one.
    *((None, trigger) for trigger in Trigger if trigger not in (Trigger.CUSTOMER_WROTE, Trigger.SPLIT)),
    *((status, Trigger.SPLIT) for status in Status),
    # Triage happens once, at the beginning.
    *((status, Trigger.TRIAGED) for status in Status if status is not Status.SUBMITTED),
    # What is finished must be reopened before anything is asked, escalated or resolved again.
    *((status, trigger) for status in (Status.RESOLVED, Status.CLOSED)
      for trigger in (Trigger.INFORMATION_REQUESTED, Trigger.PROGRESS_REPORTED, Trigger.ESCALATED, Trigger.TARGET_MISSED, Trigger.RESOLVED)),
    (Status.CLOSED, Trigger.ASSIGNED),
    # What is open needs no reopening.
    *((status, Trigger.REOPENED) for status in (Status.SUBMITTED, Status.IN_REVIEW, Status.IN_PROGRESS, Status.ESCALATED)),
    # A question to the customer takes a ticket out of its first status, and none waits on what is finished.
    *((status, Trigger.REMINDED) for status in (Status.SUBMITTED, Status.RESOLVED, Status.CLOSED)),
    (Status.CLOSED, Trigger.SILENCE_ELAPSED),
    # What a person has taken up is theirs.
    *((status, Trigger.SELF_SERVED) for status in Status if status not in (Status.SUBMITTED, Status.CLOSED)),
    (Status.CLOSED, Trigger.CLOSED),
    # An answer puts a ticket in progress, so nothing else settles by silence after one.
    *((status, Trigger.SETTLED) for status in Status if status not in (Status.IN_PROGRESS, Status.ESCALATED)),
    # What is finished does not sleep.
    *((status, trigger) for status in (Status.RESOLVED, Status.CLOSED) for trigger in (Trigger.SNOOZED, Trigger.WOKEN)),
    # Where nobody has answered, or everything is finished, the ticket waits as before.
    *((status, Trigger.MESSAGE_MOVED) for status in Status if status not in (Status.IN_PROGRESS, Status.ESCALATED)),
    # Only what is open is asked about, and the question takes a ticket out of its first status.
    *((status, Trigger.PERMISSION_ASKED) for status in (Status.RESOLVED, Status.CLOSED)),
    *((status, trigger) for status in (Status.SUBMITTED, Status.RESOLVED, Status.CLOSED)
      for trigger in (Trigger.PERMISSION_ANSWERED, Trigger.PERMISSION_EXPIRED)),
    # Only a closing can fail to arrive, and only what is closed was closed by one.
    *((status, Trigger.CLOSING_FAILED) for status in Status if status is not Status.CLOSED),
}  # fmt: skip

DECIDED = [
    (None, Trigger.CUSTOMER_WROTE, Status.SUBMITTED, WaitingOn.SUPPORT, Notice.CONFIRMATION),
    (Status.SUBMITTED, Trigger.TRIAGED, Status.IN_REVIEW, WaitingOn.SUPPORT, None),
    (Status.SUBMITTED, Trigger.SELF_SERVED, Status.SUBMITTED, WaitingOn.NOBODY, Notice.SELF_SERVICE),
    (Status.CLOSED, Trigger.SELF_SERVED, Status.CLOSED, WaitingOn.NOBODY, Notice.SELF_SERVICE),
    (Status.SUBMITTED, Trigger.SILENCE_ELAPSED, Status.CLOSED, WaitingOn.NOBODY, None),
    (Status.SUBMITTED, Trigger.STAFF_ANSWERED, Status.IN_PROGRESS, WaitingOn.CUSTOMER, Notice.ANSWER),
    (Status.IN_REVIEW, Trigger.STAFF_ANSWERED, Status.IN_PROGRESS, WaitingOn.CUSTOMER, Notice.ANSWER),
    (Status.ESCALATED, Trigger.STAFF_ANSWERED, Status.ESCALATED, WaitingOn.CUSTOMER, Notice.ANSWER),
    (Status.IN_REVIEW, Trigger.PROGRESS_REPORTED, Status.IN_PROGRESS, WaitingOn.SUPPORT, Notice.ANSWER),
    (Status.ESCALATED, Trigger.PROGRESS_REPORTED, Status.ESCALATED, WaitingOn.SUPPORT, Notice.ANSWER),
    (Status.IN_PROGRESS, Trigger.SETTLED, Status.RESOLVED, WaitingOn.NOBODY, Notice.RESOLUTION),
    (Status.IN_PROGRESS, Trigger.CUSTOMER_CONFIRMED, Status.IN_PROGRESS, None, None),
    (Status.IN_PROGRESS, Trigger.INFORMATION_REQUESTED, Status.IN_PROGRESS, WaitingOn.CUSTOMER, Notice.INFORMATION_REQUEST),
    (Status.ESCALATED, Trigger.CUSTOMER_WROTE, Status.ESCALATED, WaitingOn.SUPPORT, None),
    (Status.ESCALATED, Trigger.ESCALATED, Status.ESCALATED, WaitingOn.SUPPORT, Notice.ESCALATION),
    (Status.IN_REVIEW, Trigger.TARGET_MISSED, Status.ESCALATED, WaitingOn.SUPPORT, Notice.ESCALATION),
    (Status.IN_PROGRESS, Trigger.RESOLVED, Status.RESOLVED, WaitingOn.NOBODY, Notice.RESOLUTION),
    (Status.RESOLVED, Trigger.CUSTOMER_WROTE, Status.IN_PROGRESS, WaitingOn.SUPPORT, Notice.REOPENED),
    (Status.CLOSED, Trigger.CUSTOMER_WROTE, Status.IN_PROGRESS, WaitingOn.SUPPORT, Notice.REOPENED),
    (Status.RESOLVED, Trigger.CUSTOMER_CONFIRMED, Status.CLOSED, WaitingOn.NOBODY, Notice.CLOSING),
    (Status.RESOLVED, Trigger.SILENCE_ELAPSED, Status.CLOSED, WaitingOn.NOBODY, Notice.CLOSING),
    (Status.IN_REVIEW, Trigger.REMINDED, Status.IN_REVIEW, WaitingOn.CUSTOMER, Notice.REMINDER),
    (Status.IN_PROGRESS, Trigger.SILENCE_ELAPSED, Status.CLOSED, WaitingOn.NOBODY, Notice.CLOSING),
    (Status.RESOLVED, Trigger.STAFF_ANSWERED, Status.RESOLVED, WaitingOn.NOBODY, Notice.ANSWER),
    (Status.CLOSED, Trigger.STAFF_ANSWERED, Status.CLOSED, WaitingOn.NOBODY, Notice.ANSWER),
    (Status.CLOSED, Trigger.CLOSING_FAILED, Status.RESOLVED, WaitingOn.NOBODY, None),
]


@pytest.mark.parametrize(("source", "trigger", "target", "waiting_on", "notice"), DECIDED)
def test_decided_cases(
    source: Status | None, trigger: Trigger, target: Status, waiting_on: WaitingOn | None, notice: Notice | None
) -> None:
    rule = rule_for(source, trigger)
    assert rule is not None
    assert (rule.target, rule.waiting_on, rule.to_customer) == (target, waiting_on, notice)


def test_every_pair_without_a_rule_is_meant() -> None:
    assert set(unanswered()) == UNANSWERED


def test_every_pair_is_decided_once() -> None:
    assert len(LIFECYCLE) + len(unanswered()) == len(STATUSES) * len(Trigger)


def test_nothing_waits_on_support_when_it_is_finished() -> None:
    for rule in LIFECYCLE:
        if rule.target in (Status.RESOLVED, Status.CLOSED):
            assert rule.waiting_on in (WaitingOn.NOBODY, None), rule


def test_only_staff_and_missed_targets_escalate_and_only_the_customer_or_staff_reopen() -> None:
    for rule in LIFECYCLE:
        if rule.target is Status.ESCALATED and rule.source is not Status.ESCALATED:
            assert rule.trigger in (Trigger.ESCALATED, Trigger.TARGET_MISSED)
        if rule.source in (Status.RESOLVED, Status.CLOSED) and rule.target is Status.IN_PROGRESS:
            assert rule.trigger in (Trigger.CUSTOMER_WROTE, Trigger.REOPENED)
            assert rule.to_customer is Notice.REOPENED


def test_an_internal_note_tells_the_customer_nothing() -> None:
    assert all(rule.to_customer is None for rule in LIFECYCLE if rule.trigger is Trigger.NOTE_ADDED)


def test_the_documentation_prints_the_table_as_it_is() -> None:
    assert as_markdown() in PAGE.read_text("utf-8")


def test_status_and_waiting_on_change_in_the_lifecycle_alone() -> None:
    """Outside of `lifecycle` no code writes these two fields of a ticket, so that the table stays the whole truth."""
    root = Path(__file__).parents[2]
    writers = set()
    for room in ("threading", "store", "gateway"):
        for path in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "replace":
                    fields = {keyword.arg for keyword in node.keywords}
                    if fields & {"status", "waiting_on"}:
                        writers.add(path.relative_to(root).as_posix())
    assert writers == {"threading/lifecycle/draft.py", "threading/lifecycle/state_changes.py"}
