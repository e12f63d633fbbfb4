"""How letters to customers look, and the pages that they name, as the configuration says it."""

from dataclasses import dataclass

from helpdesk.config.policy import Policy


@dataclass(frozen=True, slots=True)
class Appearance:
    """How letters to customers from one support address look; "" stands for the desk's name, for no lines, and for our colour."""

    name: str = ""
    signature: str = ""
    footer: str = ""
    accent: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """The web addresses that letters to customers of a plan name; "" for none."""

    self_service: str = ""
    community: str = ""


PLAIN = Appearance()
NO_PAGES = Pages()


def looks_of(policy: Policy) -> dict[str, Appearance]:
    """How letters look, by support address."""
    return {
        entry.address.lower(): Appearance(entry.name, entry.signature, entry.footer, entry.accent)
        for entry in reversed(policy.addresses)
    }


def pages_of(policy: Policy) -> dict[str, Pages]:
    """The web addresses that letters name, by plan."""
    return {name: Pages(plan.self_service, plan.community) for name, plan in policy.plans.items()}
