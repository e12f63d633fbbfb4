"""The desk with the people of the whole directory, not only those that its configuration names.

The staff are read again when the version of the directory is another one; that version comes with the staff whom each look-up reads anyway.
Of accounts, only those are read that a batch is about. So nothing grows with the directory, and a change needs no restart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from helpdesk.config.people import Account, Staff
from helpdesk.config.policy import Policy
from helpdesk.gateway.work.desk import Desk
from helpdesk.store.directory.listing import (
    ListedAccount,
    ListedStaff,
    Transaction,
    accounts_by_id,
    active_staff,
    has_accounts_of_others,
)
from helpdesk.store.directory.rows import TOML, directory_version_of
from helpdesk.store.people import TeamReader
from helpdesk.templates.letterhead import StaffReader
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.people import StaffList

MOST_KEPT = 10_000  # accounts that are kept from one batch to the next


class PresentDesk:
    """A desk that follows the directory. One thread uses it."""

    def __init__(self, configured: Desk) -> None:
        self._configured = configured
        self._desk = configured
        self.team = TeamReader()
        self._version: int | None = None
        self._reads_accounts = False
        self._accounts: dict[str, Account | None] = {}

    @property
    def desk(self) -> Desk:
        """The desk with the staff who were read last."""
        return self._desk

    def is_behind(self, connection: Transaction, known: Sequence[Known]) -> bool:
        """Whether the directory has changed since it was read. `known` was looked up in the same transaction."""
        team = known[0].staff if known else ()
        version = team.directory_version if isinstance(team, StaffList) else None
        return self._version != (directory_version_of(connection) if version is None else version)

    def read(self, connection: Transaction) -> Desk:
        """Read the staff anew."""
        self._version = directory_version_of(connection)
        self._reads_accounts = has_accounts_of_others(connection)
        self._accounts = {}
        configured = self._configured
        staff = _staff_of(configured.policy, active_staff(connection))
        readers = {member.address.lower(): StaffReader(member.language, member.zone) for member in reversed(staff)}
        self._desk = replace(
            configured,
            policy=configured.policy if staff == configured.policy.staff else configured.policy.with_staff(staff),
            letterhead=replace(configured.letterhead, readers=readers),
        )
        return self._desk

    def with_accounts(self, connection: Transaction, known: Iterable[Known]) -> Desk:
        """The desk with the accounts that these answers are about."""
        if not self._reads_accounts:
            return self._desk
        ids = {name for answer in known for name in _accounts_in(answer)}
        self._read_accounts(connection, ids)
        found = [account for name in sorted(ids) if (account := self._accounts[name]) is not None]
        if not found:
            return self._desk
        policy, letterhead = self._desk.policy, self._desk.letterhead
        zones = {account.id: account.zone for account in found if account.zone}
        return replace(
            self._desk,
            policy=policy.with_accounts((*found, *policy.accounts)),
            letterhead=replace(letterhead, zones={**letterhead.zones, **zones}),
        )

    def _read_accounts(self, connection: Transaction, ids: set[str]) -> None:
        if len(self._accounts) > MOST_KEPT:
            self._accounts = {}
        unread = ids - self._accounts.keys()
        self._accounts |= dict.fromkeys(unread)
        for row in accounts_by_id(connection, unread):
            self._accounts[row.id] = None if row.source == TOML else _account(row)


def _accounts_in(known: Known) -> Iterator[str]:
    contacts = (known.contact, *known.contacts.values(), *((known.about,) if known.about else ()))
    listed = (*known.open_tickets, *known.of_absent, *(ticket for tickets in known.open_of.values() for ticket in tickets))
    yield from (contact.account for contact in contacts if contact.account is not None)
    yield from (ticket.account for ticket in (*known.tickets.values(), *listed) if ticket.account is not None)


def _staff_of(policy: Policy, rows: Sequence[ListedStaff]) -> tuple[Staff, ...]:
    """The staff of the directory: those of this configuration first, in its order, then all others."""
    by_address = {row.address: row for row in rows}
    own = [member for member in policy.staff if _is_own(by_address.get(member.address.lower()))]
    named = {member.address.lower() for member in own}
    others = (_member(row) for row in rows if row.address not in named)
    return (*own, *others)


def _is_own(row: ListedStaff | None) -> bool:
    return row is not None and row.source == TOML


def _member(row: ListedStaff) -> Staff:
    """A staff member as the configuration would name them. The row was checked when it was written."""
    values: dict[str, Any] = {name: value for name, value in row.settings.items() if name != "heir"}
    deputy = values.pop("deputy", "") or None
    return Staff.model_construct(
        name=row.name,
        address=row.address,
        addresses=row.addresses,
        role=row.role,
        queues=tuple(row.queues),
        deputy=deputy,
        password="",
        **values,
    )


def _account(row: ListedAccount) -> Account:
    values: dict[str, Any] = {name: value for name, value in row.settings.items() if name not in ("heir", "calendar")}
    return Account.model_construct(
        id=row.id,
        plan=row.plan,
        contacts=(),
        people={},
        domains=(),
        calendar=row.settings.get("calendar") or None,
        **values,
    )
