"""Who takes care of a new ticket: category by words, queue by address and category, assignee by load."""

from helpdesk.config.policy import Policy
from helpdesk.threading.model import StaffMember

SENIORITY = {"agent": 0, "senior": 1, "manager": 2}


def category_of(subject: str, text: str, policy: Policy) -> str:
    """The first category, in the policy's order, of which a word stands in subject or text."""
    words = f"{subject}\n{text}".lower()
    found = (name for name, category in policy.categories.items() if any(word.lower() in words for word in category.words))
    return next(found, policy.default_category)


def queue_of(address_queue: str, category: str, policy: Policy) -> str:
    """An address with a queue of its own decides; on the general one the category may name a better queue."""
    if address_queue != policy.default_queue:
        return address_queue
    known = policy.categories.get(category)
    return known.queue if known and known.queue else address_queue


def assignee_for(queue: str, staff: tuple[StaffMember, ...]) -> StaffMember | None:
    """The least loaded member of the queue, agents before seniors before managers; None in an empty queue."""
    members = [one for one in staff if queue in one.queues]
    return min(members, key=lambda one: (SENIORITY.get(one.role, 0), one.open_tickets, one.address), default=None)


def escalation_assignee(level: int, queue: str, current: str | None, staff: tuple[StaffMember, ...]) -> StaffMember | None:
    """Who takes an escalated ticket: a senior at level 1, a manager above, of the queue if it has one; else whoever is most senior.

    Somebody else than the present assignee where there is anybody of that rank.
    """
    wanted = 1 if level <= 1 else 2
    ranked = [one for one in staff if SENIORITY.get(one.role, 0) >= 1]

    def preference(one: StaffMember) -> tuple[bool, int, bool, int, str]:
        distance = abs(SENIORITY.get(one.role, 0) - wanted)
        return (one.address == current, distance, queue not in one.queues, one.open_tickets, one.address)

    return min(ranked, key=preference, default=None)


def named(name: str, staff: tuple[StaffMember, ...]) -> tuple[StaffMember, ...]:
    """Staff whom a word of `#assign` may mean: an address, a whole name, or one part of a name."""
    wanted = name.strip().lstrip("@").lower()
    exact = tuple(one for one in staff if wanted in (one.address, one.name.lower()))
    return exact or tuple(one for one in staff if wanted in one.name.lower().split() or wanted == one.address.split("@")[0])
