"""Looks up people: customers with their accounts and plans, and staff with their load."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from helpdesk.store.schema import OPEN, account, account_domain, contact, staff, storable, ticket
from helpdesk.store.tickets import portions
from helpdesk.threading.model.people import Contact, StaffList, StaffMember, StaffRole
from helpdesk.threading.model.status import WaitingOn
from helpdesk.threading.trust.addresses import domain_of


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


def list_staff(connection: Connection) -> tuple[StaffMember, ...]:
    """Return the active staff, each with the number of their open tickets that wait on support and the id of their newest ticket."""
    load = (
        select(ticket.c.assignee, func.count().label("open_tickets"))
        .where(OPEN, ticket.c.assignee.is_not(None), ticket.c.waiting_on == WaitingOn.SUPPORT)
        .group_by(ticket.c.assignee)
        .subquery()
    )
    youngest = select(func.max(ticket.c.id)).where(ticket.c.assignee == staff.c.address).scalar_subquery()
    statement = (
        select(
            staff,
            func.coalesce(load.c.open_tickets, 0).label("open_tickets"),
            func.coalesce(youngest, 0).label("newest_ticket"),
        )
        .outerjoin_from(staff, load, staff.c.address == load.c.assignee)
        .where(staff.c.active)
        .order_by(staff.c.address)
    )
    return StaffList(
        StaffMember(
            row.name, row.address, StaffRole(row.role), tuple(row.queues), row.open_tickets, row.newest_ticket, row.away_until
        )
        for row in connection.execute(statement)
    )


def _named_contacts(
    connection: Connection, addresses: Collection[str], default_plan: str
) -> dict[str, tuple[str, str | None, str]]:
    columns = select(contact.c.address, contact.c.name, contact.c.account_id, account.c.plan)
    statement = columns.outerjoin_from(contact, account, contact.c.account_id == account.c.id)
    return {
        row.address: (row.name, row.account_id, row.plan or default_plan)
        for part in portions(addresses)
        for row in connection.execute(statement.where(contact.c.address.in_(part)))
    }


def _plans_of_domains(connection: Connection, domains: Collection[str]) -> dict[str, tuple[str, str]]:
    columns = select(account_domain.c.domain, account_domain.c.account_id, account.c.plan)
    statement = columns.join_from(account_domain, account, account_domain.c.account_id == account.c.id)
    return {
        row.domain: (row.account_id, row.plan)
        for part in portions(domains)
        for row in connection.execute(statement.where(account_domain.c.domain.in_(part)))
    }
