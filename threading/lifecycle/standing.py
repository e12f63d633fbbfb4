"""A person's account and plan, as the directory and the configuration give them.

A request gets the standing of the person to whom it belongs when it begins, and again when it becomes another person's. Nobody
takes over another person's standing by the request they wrote into, the address they wrote to, or the staff member who forwarded
their mail.
"""

from dataclasses import dataclass

from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.model.people import Contact


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's account and plan. `account` is None for a stranger, and `plan` is then the plan of strangers."""

    address: str
    name: str
    account: str | None
    plan: str


def standing_of(address: str, context: Context, support_address: str, *, account: str | None = None) -> Standing:
    """The standing of the person with this address; "" stands for an uncertain person, who counts as a stranger.

    `account` is the account of a signed-in platform user. `support_address` is the address to which the request was written: a
    dedicated address gives its plan to people of its own account, and to nobody else.
    """
    contact = contact_at(address, context)
    owner = account or contact.account
    dedicated = context.support_address(support_address) or context.policy.addresses[0]
    of_address = dedicated.plan if dedicated.account in (None, owner) else None
    return Standing(address, contact.name, owner, of_address or _plan_of(owner, contact.plan, context.policy))


def contact_at(address: str, context: Context) -> Contact:
    """The directory's entry for an address, if it was looked up; otherwise that of a stranger."""
    known = context.known
    asked = (known.contacts.get(address), known.about, known.contact)
    found = (contact for contact in asked if contact is not None and address and contact.address == address)
    return next(found, Contact(address, "", None, context.policy.default_plan))


def _plan_of(account: str | None, of_contact: str, policy: Policy) -> str:
    """The account's plan in the configuration, or else in the directory."""
    known = policy.account(account)
    return (known.plan if known else "") or of_contact or policy.default_plan
