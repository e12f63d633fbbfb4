"""Accounts, contacts and staff: listed, shown and changed. A change needs the ETag of what it changes."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from helpdesk.config.address import address
from helpdesk.gateway.http.callers import MOST, Account, After, Desk, DirectoryReader, DirectoryWriter, Limit, answers
from helpdesk.gateway.http.directory_changes import DirectoryRow, Preconditions, find_row, may_see_staff, write_row
from helpdesk.gateway.http.directory_forms import (
    AccountForm,
    AccountsForm,
    ChangeAccountForm,
    ChangeContactForm,
    ChangeForm,
    ChangeStaffForm,
    ContactForm,
    ContactsForm,
    StaffForm,
    StaffListForm,
)
from helpdesk.gateway.http.problems import NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.service import Service, accounts_of
from helpdesk.store.api_keys import ApiKey
from helpdesk.store.directory.pages import domains_of_accounts, page_of_rows
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.threading.trust.addresses import canonical

IfMatch = Annotated[str | None, Header(max_length=2000, description="ETag of what is changed.")]
IfNoneMatch = Annotated[str | None, Header(max_length=10, description="`*`: write what is not there yet.")]
CHANGES = (400, 404, 409, 412, 413, 422, 428)
directory = APIRouter()


@directory.get("/accounts", responses=answers(400, 422))
def list_accounts(desk: Desk, key: DirectoryReader, after: After = None, limit: Limit = MOST) -> AccountsForm:
    """Accounts in the order of their ids, those out of force too."""
    rows, cursor = _page(desk, key, DirectoryKind.ACCOUNT, None, after, limit)
    return AccountsForm(data=[row.account for row in rows], next=cursor)


@directory.get("/accounts/{account:path}", responses=answers(404, 422))
def get_account(desk: Desk, key: DirectoryReader, account: str, response: Response) -> AccountForm:
    """One account."""
    return _show(find_row(desk, key, DirectoryKind.ACCOUNT, account), response).account


@directory.put("/accounts/{account:path}", responses=answers(*CHANGES) | {201: {"model": AccountForm}})
def put_account(
    desk: Desk,
    key: DirectoryWriter,
    account: str,
    change: ChangeAccountForm,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> AccountForm:
    """Write an account, whole."""
    given = Preconditions(if_match, if_none_match)
    return _write(desk, key, DirectoryKind.ACCOUNT, account, change, given, response, whole=True).account


@directory.patch("/accounts/{account:path}", responses=answers(*CHANGES))
def change_account(
    desk: Desk, key: DirectoryWriter, account: str, change: ChangeAccountForm, response: Response, if_match: IfMatch = None
) -> AccountForm:
    """Change the values of an account that the request names."""
    return _write(desk, key, DirectoryKind.ACCOUNT, account, change, Preconditions(if_match, None), response, whole=False).account


@directory.get("/contacts", responses=answers(400, 404, 422))
def list_contacts(
    desk: Desk, key: DirectoryReader, account: Account = None, after: After = None, limit: Limit = MOST
) -> ContactsForm:
    """Contacts in the order of their addresses, those out of force too."""
    rows, cursor = _page(desk, key, DirectoryKind.CONTACT, account, after, limit)
    return ContactsForm(data=[row.contact for row in rows], next=cursor)


@directory.get("/contacts/{contact:path}", responses=answers(404, 422))
def get_contact(desk: Desk, key: DirectoryReader, contact: str, response: Response) -> ContactForm:
    """One contact, by any spelling of their address."""
    return _show(find_row(desk, key, DirectoryKind.CONTACT, _address(contact)), response).contact


@directory.put("/contacts/{contact:path}", responses=answers(*CHANGES) | {201: {"model": ContactForm}})
def put_contact(
    desk: Desk,
    key: DirectoryWriter,
    contact: str,
    change: ChangeContactForm,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> ContactForm:
    """Write a contact, whole."""
    given = Preconditions(if_match, if_none_match)
    return _write(desk, key, DirectoryKind.CONTACT, _address(contact), change, given, response, whole=True).contact


@directory.patch("/contacts/{contact:path}", responses=answers(*CHANGES))
def change_contact(
    desk: Desk, key: DirectoryWriter, contact: str, change: ChangeContactForm, response: Response, if_match: IfMatch = None
) -> ContactForm:
    """Change the values of a contact that the request names."""
    given = Preconditions(if_match, None)
    return _write(desk, key, DirectoryKind.CONTACT, _address(contact), change, given, response, whole=False).contact


@directory.get("/staff", responses=answers(400, 422))
def list_staff(desk: Desk, key: DirectoryReader, after: After = None, limit: Limit = MOST) -> StaffListForm:
    """Staff in the order of their addresses, those who have left too. Needs a key of all accounts."""
    may_see_staff(key)
    rows, cursor = _page(desk, key, DirectoryKind.STAFF, None, after, limit)
    return StaffListForm(data=[row.member for row in rows], next=cursor)


@directory.get("/staff/{member:path}", responses=answers(404, 422))
def get_member(desk: Desk, key: DirectoryReader, member: str, response: Response) -> StaffForm:
    """One member of staff, by any spelling of their address. Needs a key of all accounts."""
    may_see_staff(key)
    return _show(find_row(desk, key, DirectoryKind.STAFF, _address(member)), response).member


@directory.put("/staff/{member:path}", responses=answers(*CHANGES) | {201: {"model": StaffForm}})
def put_member(
    desk: Desk,
    key: DirectoryWriter,
    member: str,
    change: ChangeStaffForm,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> StaffForm:
    """Write a member of staff, whole. Needs a key of all accounts."""
    may_see_staff(key)
    given = Preconditions(if_match, if_none_match)
    return _write(desk, key, DirectoryKind.STAFF, _address(member), change, given, response, whole=True).member


@directory.patch("/staff/{member:path}", responses=answers(*CHANGES))
def change_member(
    desk: Desk, key: DirectoryWriter, member: str, change: ChangeStaffForm, response: Response, if_match: IfMatch = None
) -> StaffForm:
    """Change the values of a member of staff that the request names. Needs a key of all accounts."""
    may_see_staff(key)
    given = Preconditions(if_match, None)
    return _write(desk, key, DirectoryKind.STAFF, _address(member), change, given, response, whole=False).member


def _page(
    desk: Service, key: ApiKey, kind: DirectoryKind, account: str | None, after: str | None, limit: int
) -> tuple[list[DirectoryRow], str | None]:
    about, accounts = (kind.value, account, key.id), accounts_of(key, account)
    last = desk.cursors().read_key(after, *about)
    with desk.directory.reading() as connection:
        rows = page_of_rows(connection, kind, accounts, after=last, limit=limit)
        names = [name for name, _ in rows] if kind is DirectoryKind.ACCOUNT else []
        domains = domains_of_accounts(connection, names)
    cursor = desk.cursors().write_key(rows[-1][0], *about) if len(rows) == limit else None
    return [DirectoryRow(kind, name, values, domains.get(name, ())) for name, values in rows], cursor


def _write(
    desk: Service,
    key: ApiKey,
    kind: DirectoryKind,
    name: str,
    change: ChangeForm,
    given: Preconditions,
    response: Response,
    *,
    whole: bool,
) -> DirectoryRow:
    cells = change.model_dump(exclude_unset=not whole)
    row, is_new = write_row(desk, key, kind, name, cells, given, whole=whole)
    response.status_code = 201 if is_new else 200
    return _show(row, response)


def _show(row: DirectoryRow, response: Response) -> DirectoryRow:
    """Give the answer about a row its ETag."""
    response.headers["ETag"] = row.tag
    return row


def _address(written: str) -> str:
    """The address by which the directory knows somebody. Raises ApiRefusal."""
    try:
        return canonical(address(written))
    except ValueError:
        raise ApiRefusal(NOT_FOUND) from None
