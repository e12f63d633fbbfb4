"""Requests that name somebody or something that is not there, or will not be after the next start: in sentences for an operator."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from helpdesk.config.policy import Policy
from helpdesk.gateway.people import accounts_of, in_force, people_of
from helpdesk.store.directory.change import DirectoryChange, DirectoryDiff
from helpdesk.store.directory.compare import compare
from helpdesk.store.directory.configured import order_of_file
from helpdesk.store.directory.listing import Transaction, active_staff, plans_of_accounts
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.store.succession import InForce, bereft_tickets
from helpdesk.threading.model.succession import FIELDS, Bereft

MOST_NAMED = 10  # references in one sentence
MOST_ROWS = 20
WORDS = {
    "assignee": "in the hands of {name}, who is not on the team any more",
    "queue": "in the queue {name}, in which nobody works",
    "plan": "on the plan {name}, which there is no more",
    "account": "of the account {name}, which is not in force any more",
    "support_address": "of the support address {name}, which there is no more",
}
NOBODY = {
    "queue": "write the queue to somebody, or give default_queue a member",
    "account": "they follow the account of their requester, if that is another one; `helpdesk account rename` names an heir",
}


def orphans_after_start(connection: Transaction, policy: Policy, now: datetime) -> Iterator[str]:
    """What the next start of a node with this policy leaves without somebody, and what of the configuration is not taken."""
    diff = compare(connection, order_of_file(people_of(policy), accounts_of(policy)), now)
    for refusal in diff.refusals[:MOST_ROWS]:
        yield f"{refusal.place}: {refusal.reason}; take it out of one of the two"
    facts = _after(diff, policy, connection)
    yield from _sentences(bereft_tickets(connection, facts))
    for plan, count in plans_of_accounts(connection).items():
        if plan not in facts.plans:
            whose = "1 account has" if count == 1 else f"{count} accounts have"
            yield f"{whose} the plan {plan}, which there is no more, so nothing is promised there; give them another plan"
    members = facts.queues
    for queue in policy.directory.queues:
        if queue not in members:
            yield f'[directory] names the queue "{queue}", and nobody in the database works in it'


def orphans_now(connection: Transaction, policy: Policy) -> Iterator[str]:
    """What has nobody at this moment. `policy` is that of a configuration; the staff of the database count too."""
    queues = frozenset(policy.queues) | {queue for row in active_staff(connection) for queue in row.queues}
    yield from _sentences(bereft_tickets(connection, replace(in_force(policy), queues=queues)))


def _after(diff: DirectoryDiff, policy: Policy, connection: Transaction) -> InForce:
    going, coming = _find_changes(diff, active=False), _find_changes(diff, active=True)
    staff_going = frozenset(change.key for change in going if change.kind is DirectoryKind.STAFF)
    others = (row for row in active_staff(connection) if row.address not in staff_going)
    return replace(
        in_force(policy),
        queues=frozenset(policy.queues) | {queue for row in others for queue in row.queues},
        staff_going=staff_going,
        staff_coming=frozenset(change.key for change in coming if change.kind is DirectoryKind.STAFF),
        accounts_going=frozenset(change.key for change in going if change.kind is DirectoryKind.ACCOUNT),
        heirs_coming={change.key: change.after["heir"] for change in going if change.after and change.after.get("heir")},
    )


def _find_changes(diff: DirectoryDiff, *, active: bool) -> list[DirectoryChange]:
    return [change for change in diff.changes if change.after is not None and bool(change.after["active"]) is active]


def _sentences(found: Sequence[Bereft]) -> Iterator[str]:
    for field in FIELDS:
        names = sorted({entry.gone[field] for entry in found if field in entry.gone})
        for name in names[:MOST_ROWS]:
            concerned = [entry for entry in found if entry.gone.get(field) == name]
            listed = ", ".join(entry.reference for entry in concerned[:MOST_NAMED]) + (
                " …" if len(concerned) > MOST_NAMED else ""
            )
            heirs = {entry.heirs.get(field) for entry in concerned}
            count = "1 request is" if len(concerned) == 1 else f"{len(concerned)} requests are"
            yield f"{count} {WORDS[field].format(name=name)} ({listed}): {_what_follows(field, heirs)}"


def _what_follows(field: str, heirs: set[str | None]) -> str:
    if None in heirs:
        return NOBODY[field]
    named = ", ".join(sorted(heir for heir in heirs if heir))
    return f"{named} takes over" if named else "the queue takes over"
