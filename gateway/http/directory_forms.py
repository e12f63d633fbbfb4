"""The forms of the directory: accounts, contacts and staff, as an answer shows them and as a request changes them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from helpdesk.gateway.http.forms import ApiForm, Moment, Text
from helpdesk.store.directory.rows import Values

LONGEST = 320  # characters of an address or a name
MOST = 1000  # entries of a list


class OwnedForm(ApiForm):
    """What every row of the directory has."""

    active: bool = Field(description="False where it is out of force. Its row stays, because requests refer to it.")
    source: str = Field(description='Where the row comes from. A key changes rows of "api" alone.')
    external_id: str | None
    updated_at: Moment | None


class AccountForm(OwnedForm):
    """A customer account."""

    id: str
    plan: str
    severity: str
    calendar: str
    language: str
    zone: str
    heir: str = Field(description="The account that has taken over this one; empty where none has.")
    domains: list[str]


class ContactForm(OwnedForm):
    """A contact of an account."""

    address: str
    name: str
    account: str | None


class StaffForm(OwnedForm):
    """A member of staff."""

    address: str
    name: str
    addresses: list[str] = Field(description="Further addresses from which they write.")
    role: str
    queues: list[str]
    hours: str
    deputy: str
    zone: str
    language: str
    signature: str
    letters: str
    heir: str


class AccountsForm(ApiForm):
    """A page of accounts, in the order of their ids. `next` is null at the end."""

    data: list[AccountForm]
    next: str | None


class ContactsForm(ApiForm):
    """A page of contacts, in the order of their addresses. `next` is null at the end."""

    data: list[ContactForm]
    next: str | None


class StaffListForm(ApiForm):
    """A page of staff, in the order of their addresses. `next` is null at the end."""

    data: list[StaffForm]
    next: str | None


class ChangeForm(ApiForm):
    """What a request says about a row. PUT writes the ordinary value where it says nothing, PATCH leaves what is there."""

    active: bool = True
    external_id: Text | None = Field(default=None, max_length=200, description="What another system calls it.")


class ChangeAccountForm(ChangeForm):
    """An account as it should be. The values are those of `[[account]]` in the configuration."""

    plan: Text = Field(default="starter", max_length=LONGEST)
    severity: Text = Field(default="low", max_length=20)
    calendar: Text = Field(default="", max_length=LONGEST)
    language: Text = Field(default="", max_length=20)
    zone: Text = Field(default="", max_length=100)
    heir: Text = Field(default="", max_length=LONGEST)
    domains: list[Text] = Field(default=[], max_length=MOST, description="Needs a key of all accounts.")


class ChangeContactForm(ChangeForm):
    """A contact as it should be."""

    name: Text = Field(default="", max_length=LONGEST)
    account: Text | None = Field(default=None, max_length=LONGEST)


class ChangeStaffForm(ChangeForm):
    """A member of staff as they should be. The values are those of `[[staff]]` in the configuration. A new member needs a name."""

    name: Text = Field(default="", max_length=LONGEST)
    addresses: list[Text] = Field(default=[], max_length=MOST)
    role: Text = Field(default="agent", max_length=20)
    queues: list[Text] = Field(default=["general"], max_length=MOST)
    hours: Text = Field(default="", max_length=LONGEST)
    deputy: Text = Field(default="", max_length=LONGEST)
    zone: Text = Field(default="", max_length=100)
    language: Text = Field(default="en", max_length=20)
    signature: Text = Field(default="", max_length=2000)
    letters: Text = Field(default="all", max_length=20)
    heir: Text = Field(default="", max_length=LONGEST)


def account_form(key: str, row: Values, domains: Sequence[str]) -> AccountForm:
    return AccountForm(id=key, domains=[*domains], **_with_moment(row))


def contact_form(key: str, row: Values) -> ContactForm:
    values = _with_moment(row)
    return ContactForm(address=key, account=values.pop("account_id"), **values)


def staff_form(key: str, row: Values) -> StaffForm:
    return StaffForm(address=key, **_with_moment(row))


def tag_of(form: BaseModel) -> str:
    """The ETag of one row as an answer shows it."""
    return f'"{hashlib.sha256(form.model_dump_json().encode()).hexdigest()[:32]}"'


def _with_moment(row: Values) -> dict[str, Any]:
    at = row["updated_at"]
    return {**row, "updated_at": None if at is None else datetime.fromisoformat(at)}
