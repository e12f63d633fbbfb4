"""Changes of the directory by a key: the change that an import makes, for the rows that the key reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.config.policy import Policy
from helpdesk.gateway.directory_files import LAYOUTS, entries_of_cells
from helpdesk.gateway.http.directory_forms import (
    AccountForm,
    ContactForm,
    StaffForm,
    account_form,
    contact_form,
    staff_form,
    tag_of,
)
from helpdesk.gateway.http.problems import AWAY, CHANGED, CONFLICT, INVALID, NO_PRECONDITION, NOT_FOUND, NOT_PERMITTED, ApiRefusal
from helpdesk.gateway.http.service import Service
from helpdesk.store.api_keys import ApiKey
from helpdesk.store.directory.change import DirectoryChange, DirectoryDiff, DirectoryEntry, DirectoryOrder
from helpdesk.store.directory.listing import Transaction
from helpdesk.store.directory.pages import domains_of_accounts, owner_of_domain, row_of_key
from helpdesk.store.directory.rows import API, DirectoryKind, Values, directory_version_of
from helpdesk.store.directory.write import DirectoryChanged, change_unchanged

TRIES = 5  # looks at a directory that others change meanwhile
TAKEN = "it belongs to somebody whom this key does not reach"


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a request says about the row that it changes: its ETag, or that there is none."""

    if_match: str | None
    if_none_match: str | None

    def check(self, row: "DirectoryRow | None") -> None:
        """Raises ApiRefusal where they do not hold, and where there are none."""
        if self.if_match is None and self.if_none_match != "*":
            raise ApiRefusal(NO_PRECONDITION, "send If-Match with the ETag of what you read, or If-None-Match: * for what is new")
        if self.if_match is not None:
            if row is None:
                raise ApiRefusal(NOT_FOUND)
            tags = [tag.strip() for tag in self.if_match.split(",")]
            if "*" not in tags and row.tag not in tags:
                raise ApiRefusal(CHANGED, "read it again, and repeat the change with its new ETag")
        elif row is not None:
            raise ApiRefusal(CHANGED, "it is there already")


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """A row with its key. `values` are as the directory compares them, and `domains` those of an account."""

    kind: DirectoryKind
    key: str
    values: Values
    domains: Sequence[str] = ()

    @property
    def account(self) -> AccountForm:
        return account_form(self.key, self.values, self.domains)

    @property
    def contact(self) -> ContactForm:
        return contact_form(self.key, self.values)

    @property
    def member(self) -> StaffForm:
        return staff_form(self.key, self.values)

    @property
    def tag(self) -> str:
        """The ETag of the row as an answer shows it."""
        return tag_of(
            self.account
            if self.kind is DirectoryKind.ACCOUNT
            else self.contact
            if self.kind is DirectoryKind.CONTACT
            else self.member
        )


def find_row(desk: Service, key: ApiKey, kind: DirectoryKind, name: str) -> DirectoryRow:
    """The row of a name, if the key reaches it. Raises ApiRefusal."""
    with desk.directory.reading() as connection:
        row = _row_of(connection, key, kind, name)
    if row is None:
        raise ApiRefusal(NOT_FOUND)
    return row


def write_row(
    desk: Service, key: ApiKey, kind: DirectoryKind, name: str, cells: Mapping[str, Any], given: Preconditions, *, whole: bool
) -> tuple[DirectoryRow, bool]:
    """Write a row, and return it and whether it is new. With `whole` there is nothing in it but what `cells` say. Raises ApiRefusal."""
    for _ in range(TRIES):
        with desk.directory.reading() as connection:
            version = directory_version_of(connection)
            before = _row_of(connection, key, kind, name)
            if before is None and row_of_key(connection, kind, name) is not None:
                raise ApiRefusal(NOT_FOUND) if given.if_match is not None else ApiRefusal(CONFLICT, TAKEN)
        given.check(before)
        if before is None and kind is DirectoryKind.ACCOUNT and not key.reaches(name):
            raise ApiRefusal(NOT_FOUND)
        kept = {} if whole or before is None else {"active": before.values["active"]}
        entries = _entries(kind, name, {**kept, **cells}, before, desk.policy())
        order = DirectoryOrder(API, entries, who=f"key {key.id}")
        try:
            outcome = change_unchanged(
                desk.directory, order, desk.clock(), version, lambda held, diff: _objection(held, diff, key)
            )
        except DirectoryChanged:
            continue
        if outcome.refused:
            reasons = "; ".join(refusal.reason for refusal in outcome.diff.refusals)
            raise ApiRefusal(CONFLICT, reasons or outcome.refused)
        return find_row(desk, key, kind, name), before is None
    raise ApiRefusal(AWAY, "others change the directory at this moment; repeat the request", Retry_After="1")


def may_see_staff(key: ApiKey) -> None:
    """Raises ApiRefusal for a key of some accounts: staff belong to none."""
    if key.only is not None:
        raise ApiRefusal(NOT_PERMITTED, "staff belong to no account: use a key of all accounts")


def _row_of(connection: Transaction, key: ApiKey, kind: DirectoryKind, name: str) -> DirectoryRow | None:
    values = row_of_key(connection, kind, name)
    if values is None or not _reaches_row(key, kind, name, values):
        return None
    domains = domains_of_accounts(connection, [name]).get(name, []) if kind is DirectoryKind.ACCOUNT else []
    return DirectoryRow(kind, name, values, domains)


def _reaches_row(key: ApiKey, kind: DirectoryKind, name: str, values: Values) -> bool:
    if key.only is None:
        return True
    owner = name if kind is DirectoryKind.ACCOUNT else values.get("account_id")
    return owner is not None and key.reaches(owner)


def _entries(
    kind: DirectoryKind, name: str, cells: Mapping[str, Any], before: DirectoryRow | None, policy: Policy
) -> list[DirectoryEntry]:
    """The entries of a row; for an account those of its domains too, of which the ones that are named no more go. Raises ApiRefusal."""
    try:
        entries = entries_of_cells(kind, {LAYOUTS[kind].key: name, **cells}, policy)
    except ValueError as fault:
        raise ApiRefusal(INVALID, str(fault)[:500]) from None
    if before is not None and "domains" in cells:
        named = {entry.key for entry in entries if entry.kind is DirectoryKind.DOMAIN}
        gone = [domain for domain in before.domains if domain not in named]
        entries += [DirectoryEntry(DirectoryKind.DOMAIN, domain, {"account_id": name, "active": False}) for domain in gone]
    return entries


def _objection(connection: Transaction, diff: DirectoryDiff, key: ApiKey) -> str:
    """Why a key may not make these changes; "" if it may. Every line is looked at, whatever the request asked for."""
    if key.only is None:
        return ""
    return next((reason for change in diff.changes if (reason := _objection_to(connection, change, key))), "")


def _objection_to(connection: Transaction, change: DirectoryChange, key: ApiKey) -> str:
    if change.kind is DirectoryKind.CONTACT and change.after is not None and change.after["account_id"] is None:
        return "say to which account the contact belongs: a key of some accounts has no contacts of none"
    rows = [row for row in (change.before, change.after) if row is not None]
    if not all(_reaches_row(key, change.kind, change.key, row) for row in rows):
        return TAKEN
    if change.kind is DirectoryKind.ACCOUNT:
        heir = change.after["heir"] if change.after else ""
        return "" if not heir or key.reaches(heir) else TAKEN
    if change.kind is not DirectoryKind.CONTACT:
        return "domains are changed by keys of all accounts"
    owner = owner_of_domain(connection, change.key.rpartition("@")[2])
    return TAKEN if owner is not None and not key.reaches(owner) else ""
