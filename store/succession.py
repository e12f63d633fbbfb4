"""Open requests that name somebody or something that is not there any more: staff, a queue, a plan, an account, a support address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from helpdesk.store.account_heirs import MOST_STEPS, is_gone, last_heir_of, states_of_accounts
from helpdesk.store.cause import Cause, Outcome, causes_of
from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import HAS_HEIR, OPEN, account, contact, participant, platform_inbox, staff, ticket
from helpdesk.threading.model.succession import Bereft

MOST_MOVED = 200  # tickets of accounts with an heir that are read at once


@dataclass(frozen=True, slots=True)
class InForce:
    """What the configuration knows: its queues with a member, plans and support addresses, and what takes the place of others.

    `staff_going` and `accounts_going` are about to leave the directory, and `staff_coming` about to come, where `check` looks ahead.
    """

    queues: frozenset[str]
    plans: frozenset[str]
    addresses: Mapping[str, str]  # queue by support address, the desk's first address first
    default_queue: str
    default_plan: str
    staff_going: frozenset[str] = frozenset()
    staff_coming: frozenset[str] = frozenset()
    accounts_going: frozenset[str] = frozenset()
    heirs_coming: Mapping[str, str] = field(default_factory=dict)  # of staff who are going


@dataclass(frozen=True, slots=True)
class SuccessionCause(Cause):
    """A request that names something that is gone. The version of its ticket is the claim."""

    bereft: Bereft = field(compare=False)
    ticket_id: int
    version: int

    def __str__(self) -> str:
        return f"succession:{self.ticket_id}:{self.version}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Let the inbox rows of a request go to the account that the request belongs to from now on.

        They get new positions, because a reader of that account may be further already.
        """
        moved = [
            {"of_thread": cause.bereft.thread_key, "to_account": outcome.decision.ticket.account}
            for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True)
            if outcome.decision.ticket is not None and outcome.decision.ticket.account != cause.bereft.gone.get("account")
            if "account" in cause.bereft.heirs
        ]
        if moved:
            connection.execute(MOVE_ROWS, sorted(moved, key=lambda row: str(row["of_thread"])))


MOVE_ROWS = (
    update(platform_inbox)
    .where(platform_inbox.c.thread_key == bindparam("of_thread"))
    .values(account_id=bindparam("to_account"), position=None)
)
NAMED = tuple(
    ticket.c[name]
    for name in (
        "id", "version", "reference", "thread_key", "requester", "assignee", "queue", "plan", "account", "support_address", "status",
    )
)  # fmt: skip
OPEN_ONES = select(*NAMED).where(OPEN)
ACCOUNTS_WITH_HEIR = select(account.c.id).where(HAS_HEIR, account.c.active.is_(False))
OF_ACCOUNTS = select(*NAMED).where(among(ticket.c.account)).limit(MOST_MOVED)
OF_REQUESTERS = (
    select(ticket.c.id, account.c.id.label("owner"))
    .join_from(ticket, participant, and_(participant.c.ticket_id == ticket.c.id, participant.c.number == ticket.c.requester))
    .join(contact, contact.c.address == participant.c.address)
    .join(account, account.c.id == contact.c.account_id)
    .where(among(ticket.c.id), contact.c.active, account.c.active)
)
STATES_OF_STAFF = select(staff.c.address, staff.c.active, staff.c.heir, staff.c.deputy)


def bereft_tickets(connection: Connection, in_force: InForce) -> list[Bereft]:
    """Return the open tickets that name something that is gone, and all tickets of accounts that have an heir.

    Every open ticket is read, so this is for the moments after a change, and for operators.
    """
    left = rows_among(connection, OF_ACCOUNTS, connection.execute(ACCOUNTS_WITH_HEIR).scalars())
    rows = {row.id: row for row in (*connection.execute(OPEN_ONES), *left)}
    staff_rows = {row.address: row for row in connection.execute(STATES_OF_STAFF)}
    accounts = states_of_accounts(connection, {row.account for row in rows.values() if row.account is not None})
    found = [entry for _, row in sorted(rows.items()) if (entry := _bereft(row, staff_rows, accounts, in_force)) is not None]
    return _with_accounts_of_requesters(connection, found)


def _bereft(row: AnyRow, staff_rows: Mapping[str, AnyRow], accounts: Mapping[str, AnyRow], in_force: InForce) -> Bereft | None:
    gone: dict[str, str] = {}
    heirs: dict[str, str] = {}
    if row.account in accounts and is_gone(accounts[row.account], in_force.accounts_going, "id"):
        gone["account"] = row.account
        heir = last_heir_of(row.account, accounts, in_force.accounts_going)
        heirs |= {"account": heir} if heir else {}
    if row.status != "closed":
        gone_of_policy, heirs_of_policy = _gone_from_policy(row, in_force)
        gone, heirs = gone | gone_of_policy, heirs | heirs_of_policy
        if row.assignee is not None and not _is_on_team(row.assignee, staff_rows, in_force):
            gone["assignee"] = row.assignee
            heirs["assignee"] = _heir_of_staff(row.assignee, staff_rows, in_force)
    return Bereft(row.id, row.version, row.reference, gone, heirs, row.thread_key) if gone else None


def _gone_from_policy(row: AnyRow, in_force: InForce) -> tuple[dict[str, str], dict[str, str]]:
    gone: dict[str, str] = {}
    heirs: dict[str, str] = {}
    if row.plan not in in_force.plans:
        gone["plan"], heirs["plan"] = row.plan, in_force.default_plan
    if row.queue not in in_force.queues:
        gone["queue"] = row.queue
        heirs |= {"queue": in_force.default_queue} if in_force.default_queue in in_force.queues else {}
    if row.support_address not in in_force.addresses:
        gone["support_address"] = row.support_address
        same = (address for address, queue in in_force.addresses.items() if queue == row.queue)
        heirs["support_address"] = next(same, next(iter(in_force.addresses)))
    return gone, heirs


def _is_on_team(address: str, rows: Mapping[str, AnyRow], in_force: InForce) -> bool:
    if address in in_force.staff_coming:
        return True
    return address in rows and not is_gone(rows[address], in_force.staff_going, "address")


def _heir_of_staff(address: str, rows: Mapping[str, AnyRow], in_force: InForce) -> str:
    """The first on the team of the heir, the heir's heir and so on, else the deputy; "" for the queue."""
    heir = in_force.heirs_coming.get(address) or (rows[address].heir if address in rows else "")
    for _ in range(MOST_STEPS):
        if not heir or _is_on_team(heir, rows, in_force):
            break
        heir = rows[heir].heir if heir in rows else ""
    deputy = rows[address].deputy if address in rows else ""
    return heir or (deputy if deputy and _is_on_team(deputy, rows, in_force) else "")


def _with_accounts_of_requesters(connection: Connection, found: Sequence[Bereft]) -> list[Bereft]:
    """Let a request whose account is gone without an heir follow its requester, who may belong to another account now."""
    lonely = [entry.ticket_id for entry in found if "account" in entry.gone and "account" not in entry.heirs]
    owners: dict[int, Any] = {row.id: row.owner for row in rows_among(connection, OF_REQUESTERS, lonely)}
    return [
        Bereft(
            entry.ticket_id,
            entry.version,
            entry.reference,
            entry.gone,
            {**entry.heirs, "account": owners[entry.ticket_id]},
            entry.thread_key,
        )
        if entry.ticket_id in owners and owners[entry.ticket_id] != entry.gone["account"]
        else entry
        for entry in found
    ]
