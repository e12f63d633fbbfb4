"""Looks up people: customers with their accounts and plans, and staff with their load."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Label, and_, bindparam, func, literal, select

from helpdesk.store.counts import CounterKind
from helpdesk.store.directory.rows import VERSION
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account, account_domain, contact, counter, staff, storable, ticket
from helpdesk.threading.model.people import Contact, StaffList, StaffMember, StaffRole
from helpdesk.threading.trust.addresses import domain_of

OF_CONTACTS = (
    select(contact.c.address, contact.c.name, account.c.id, account.c.plan)
    .outerjoin_from(contact, account, and_(contact.c.account_id == account.c.id, account.c.active))
    .where(among(contact.c.address), contact.c.active)
)
OF_DOMAINS = (
    select(account_domain.c.domain, account_domain.c.account_id, account.c.plan)
    .join_from(account_domain, account, account_domain.c.account_id == account.c.id)
    .where(among(account_domain.c.domain), account_domain.c.active, account.c.active)
)
OF_TEAM = ("name", "address", "addresses", "role", "queues", "away_until")


def _newest_ticket_of(address: ColumnElement[str]) -> Label[int]:
    newest = select(func.max(ticket.c.id)).where(ticket.c.assignee == address).scalar_subquery()
    return func.coalesce(newest, 0).label("newest_ticket")


TEAM = (
    select(
        *(staff.c[name] for name in OF_TEAM),
        func.coalesce(counter.c.value, 0).label("open_tickets"),
        _newest_ticket_of(staff.c.address),
        func.coalesce(VERSION.scalar_subquery(), 0).label("directory_version"),
    )
    .outerjoin_from(staff, counter, and_(counter.c.kind == CounterKind.ASSIGNED, counter.c.name == staff.c.address))
    .where(staff.c.active)
    .order_by(staff.c.address)
)
# One row where no load has changed; it has the version of the directory all the same.
CHANGED_LOADS = select(
    func.coalesce(VERSION.scalar_subquery(), 0).label("directory_version"),
    counter.c.name,
    counter.c.value.label("open_tickets"),
    _newest_ticket_of(counter.c.name),
).select_from(
    select(literal(1).label("always"))
    .subquery()
    .outerjoin(counter, and_(counter.c.kind == CounterKind.ASSIGNED, counter.c.changed_at >= bindparam("since")))
)
LATE = timedelta(
    minutes=1
)  # by which a transaction may be committed after the moment of its decisions, or the clocks of nodes may differ
ALL_AGAIN = timedelta(minutes=10)  # after which all staff are read


def find_contacts(connection: Connection, addresses: Collection[str], default_plan: str) -> dict[str, Contact]:
    """Return the contact of each address. Its account comes from the contact or else from the verified domain; strangers have none."""
    named = _named_contacts(connection, addresses, default_plan)
    domains = _plans_of_domains(connection, {domain_of(address) for address in addresses if "@" in address})
    found = {}
    for address in addresses:
        name, owner, plan = named.get(storable(address), ("", None, default_plan))
        if owner is None and "@" in address and domain_of(address) in domains:
            owner, plan = domains[domain_of(address)]
        found[address] = Contact(address, name, owner, plan)
    return found


class TeamReader:
    """Reads the staff for one batch after the other. What it reads does not grow with the staff, but with what changes about them.

    Only the loads that have changed since the last batch are read, and all staff where the directory has changed. That a request changes hands
    while it waits on its customer changes no load: who had the newest request is right again after ten minutes. One thread uses it.
    """

    def __init__(self) -> None:
        self._team = StaffList()
        self._looked_at = self._all_read_at = datetime.min.replace(tzinfo=UTC)

    def read(self, connection: Connection, now: datetime) -> StaffList:
        """Return what `list_staff` returns."""
        if not self._looked_at <= now < self._all_read_at + ALL_AGAIN:
            return self._read_all(connection, now)
        rows = connection.execute(CHANGED_LOADS, {"since": self._looked_at - LATE}).all()
        if rows[0].directory_version != self._team.directory_version:
            return self._read_all(connection, now)
        self._looked_at = now
        changed = {}
        for row in rows:
            member = self._team.by_address.get(row.name)
            if member is not None and (member.open_tickets, member.newest_ticket) != (row.open_tickets, row.newest_ticket):
                changed[row.name] = replace(member, open_tickets=row.open_tickets, newest_ticket=row.newest_ticket)
        if changed:
            self._team = self._team.with_members(changed)
        return self._team

    def _read_all(self, connection: Connection, now: datetime) -> StaffList:
        self._team = list_staff(connection)
        self._looked_at = self._all_read_at = now
        return self._team


def list_staff(connection: Connection) -> StaffList:
    """Return the active staff, each with the number of their open tickets that wait on support and the id of their newest ticket."""
    rows = connection.execute(TEAM).all()
    team = StaffList(
        StaffMember(
            row.name,
            row.address,
            StaffRole(row.role),
            tuple(row.queues),
            row.open_tickets,
            row.newest_ticket,
            row.away_until,
            tuple(row.addresses),
        )
        for row in rows
    )
    team.directory_version = rows[0].directory_version if rows else None
    return team


def first_address_of(connection: Connection, author: str) -> str:
    """Return the address to which letters of the staff member who writes from this one go; of anybody else, this one."""
    rows = connection.execute(select(staff.c.address, staff.c.addresses).where(staff.c.active)).all()
    return next((row.address for row in rows if author in row.addresses and author != row.address), author)


def _named_contacts(
    connection: Connection, addresses: Collection[str], default_plan: str
) -> dict[str, tuple[str, str | None, str]]:
    rows = rows_among(connection, OF_CONTACTS, addresses)
    return {address: (name, owner, plan or default_plan) for address, name, owner, plan in rows}


def _plans_of_domains(connection: Connection, domains: Collection[str]) -> dict[str, tuple[str, str]]:
    return {domain: (owner, plan) for domain, owner, plan in rows_among(connection, OF_DOMAINS, domains)}
