"""What a person has with the desk: account and plan, by the directory and by nothing else.

Whenever a request begins, or becomes another person's, this is asked about whoever it belongs to then. Nobody takes over what another
person had, however the words came: by the request they wrote into, by the address they wrote to, by who brought them.
"""

from dataclasses import dataclass

from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.model.people import Contact


@dataclass(frozen=True, slots=True)
class Standing:
    """`account` is None for a stranger; `plan` is then the one of strangers."""

    address: str
    name: str
    account: str | None
    plan: str


def standing_of(address: str, context: Context, support_address: str, *, account: str | None = None) -> Standing:
    """Of whoever has this address; "" is nobody certain, who is a stranger.

    `account` is the one for which somebody has signed in to the platform. `support_address` is where the request lives: a dedicated
    address names the plan of its own account's people, and of nobody else.
    """
    contact = contact_at(address, context)
    owner = account or contact.account
    dedicated = context.support_address(support_address) or context.policy.addresses[0]
    of_address = dedicated.plan if dedicated.account in (None, owner) else None
    return Standing(address, contact.name, owner, of_address or _plan_of(owner, contact.plan, context.policy))


def contact_at(address: str, context: Context) -> Contact:
    """The directory's entry, as far as it was looked up; that of a stranger for everybody else."""
    known = context.known
    asked = (known.contacts.get(address), known.about, known.contact)
    found = (contact for contact in asked if contact is not None and address and contact.address == address)
    return next(found, Contact(address, "", None, context.policy.default_plan))


def _plan_of(account: str | None, of_contact: str, policy: Policy) -> str:
    """The account has the plan that the configuration names, else the one that the directory has."""
    configured = next((entry.plan for entry in policy.accounts if entry.id == account), None)
    return configured or of_contact or policy.default_plan
