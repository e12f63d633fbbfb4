"""The people of a desk as its configuration names them: support addresses, staff and accounts."""

from typing import Any, Literal

from helpdesk.config.section import (
    Field,
    Section,
    model_validator,
)
from helpdesk.config.values import (
    Address,
    Colour,
    Domain,
    Hours,
    Language,
    Lines,
    Name,
    PasswordHash,
    Severity,
    Zone,
)


class SupportAddress(Section):
    """A support address. Write one [[address]] for each."""

    address: Address = Field(
        description="The address, at desk.domain. It has no +, and at most 18 characters before the @ with the reply_address above.",
    )
    queue: Name = Field(
        default="general",
        description="Queue in which its tickets wait. A queue exists when somebody in [[staff]] works in it.",
    )
    plan: Name | None = Field(
        default=None,
        description="For a dedicated channel: the plan of requests here. Together with account it holds for that account's contacts alone.",
        examples=["custom"],
    )
    account: Name | None = Field(
        default=None,
        description="For a dedicated channel: the account whose contacts it is for. Everybody else who writes here is a stranger.",
        examples=["acme"],
    )
    name: Literal[""] | Name = Field(
        default="", description='Name in From and at the head of its letters to customers; "" stands for desk.name.'
    )
    signature: Lines = Field(
        default="",
        description='Lines below the name of the author of each letter to a customer from this address; "" stands for the name above. '
        'Several lines stand in three quotation marks: """…""".',
    )
    footer: Lines = Field(
        default="", description="Lines at the foot of its letters to customers, such as what the law asks of a company."
    )
    accent: Literal[""] | Colour = Field(
        default="",
        description="Colour of the bar and the buttons of its letters to customers. Its contrast on a light page is 3 at least; "
        'dark letters show it as light as they need. "" stands for the built-in look.',
    )


class Staff(Section):
    """A member of staff. Write one [[staff]] for each."""

    name: Name = Field(description="Name of the member, as letters show it.")
    address: Address = Field(description="Where their letters go, and whose mail has authority when it is authenticated.")
    addresses: tuple[Address, ...] = Field(
        default=(),
        description="Further addresses from which they write. Proved mail from one of them is theirs, and letters go to `address`. "
        "Without `address` the first of these takes its place.",
    )
    role: Literal["agent", "senior", "manager"] = Field(
        default="agent", description="A senior takes escalations too, and managers get the weekly report."
    )
    queues: tuple[Name, ...] = Field(default=("general",), description="Queues in which they work.")
    password: PasswordHash = Field(
        default="",
        description='For sending through the SMTP door: `helpdesk staff password` prints this line. With "" they cannot log in.',
    )
    hours: Hours = Field(
        default="",
        description='Their hours on the desk\'s working days, such as "09:00-13:00"; "" stands for all hours of the desk.',
    )
    deputy: Address | None = Field(
        default=None,
        description="Address of the colleague who is told about their requests too while they are away. "
        "Without one, the queue of the request is told.",
    )
    zone: Literal[""] | Zone = Field(
        default="", description='Time zone of the times in their letters; "" stands for that of [calendar].'
    )
    language: Literal["en", "de", "fr", "es", "it", "pt", "nl"] = Field(default="en", description="Language of their letters.")
    signature: Lines = Field(
        default="", description="Lines below their name in letters to customers, such as their position and telephone number."
    )
    letters: Literal["all", "own", "digest"] = Field(
        default="all",
        description='Which letters about requests they get: "own" leaves out those about requests that are not in their hands, '
        '"digest" those about what customers and colleagues write; the digest (digest_at of [answering]) lists them. '
        "Letters with a warning, about their own mail and about what is newly theirs always come.",
    )

    @model_validator(mode="before")
    @classmethod
    def _first_of_several(cls, values: Any) -> Any:
        """Take the first of several addresses for the one to which letters go, where none is written apart."""
        several = values.get("addresses") if isinstance(values, dict) else None
        if not isinstance(several, list | tuple) or not several:
            return values
        first = values.get("address", several[0])
        return {**values, "address": first, "addresses": tuple(further for further in several if further != first)}


class Account(Section):
    """A customer's organisation. Write one [[account]] for each."""

    id: Name = Field(description="Name of the account. The platform knows it by the same name.")
    plan: Name = Field(default="starter", description="Plan of its requests.")
    contacts: tuple[Address, ...] = Field(default=(), description="Addresses that belong to it.")
    people: dict[Name, tuple[Address, ...]] = Field(
        default_factory=dict,
        description="Contacts with several addresses. When a letter does not reach one of them, the next is tried: "
        '{ "Paul Weber" = ["p@…", "paul@…"] }.',
    )
    domains: tuple[Domain, ...] = Field(
        default=(), description="Mail domains of which every authenticated address belongs to it."
    )
    severity: Severity = Field(default="low", description="Lowest severity of its requests.")
    calendar: Name | None = Field(
        default=None,
        description="A [calendars.NAME] by which promises to it count. Without it [calendar] counts.",
        examples=["america"],
    )
    language: Literal[""] | Language = Field(
        default="", description='Language of its letters where a mail is too short to tell; "" stands for default_language.'
    )
    zone: Literal[""] | Zone = Field(
        default="",
        description='Time zone of the times in its letters; "" stands for that of the region of its language, as in "de-AT", else for that of [calendar].',
    )

    @property
    def addresses(self) -> dict[str, str]:
        """Every contact's address, with the name of its owner or ""."""
        listed = {address: name for name, addresses in self.people.items() for address in addresses}
        return dict.fromkeys(self.contacts, "") | listed


class PeopleInDatabase(Section):
    """What this file has to know of the people whom `helpdesk staff import` brings."""

    queues: tuple[Name, ...] = Field(
        default=(), description="Queues in which only such people work. Those of [[staff]] need not be named here."
    )
