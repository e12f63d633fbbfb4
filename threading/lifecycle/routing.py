"""Choose a ticket's queue by the policy's routes, its assignee by their load, and the person to whom it escalates."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from helpdesk.config.calendar import due, is_working
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.policy import Policy
from helpdesk.threading.model.people import StaffMember, StaffRole
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.rules.sorting import Wish

SENIORITY = {StaffRole.AGENT: 0, StaffRole.SENIOR: 1, StaffRole.MANAGER: 2}
MOMENT = timedelta(seconds=1)
OFF = "everybody in queue {queue} is away or off duty: {names}"


def by_rule(wish: Wish) -> Sentence:
    """The reason for a value that a rule of the operator has set."""
    return sentence("the rule “{rule}” of this desk", rule=wish.rule)


def queue_for(request: Mapping[str, str], address_queue: str, policy: Policy, wish: Wish | None = None) -> tuple[str, Sentence]:
    """The queue of a request, and why. `request` has the values that the conditions of routes compare, by their name.

    A rule's `wish` comes before the routes. Without a route that fits, the address's own queue decides. For an address of the general queue, the category may name another
    queue.
    """
    if wish is not None:
        return wish.value, by_rule(wish)
    for number, route in enumerate(policy.routes, 1):
        if all(request.get(name, "") in values for name, values in route.conditions.items()):
            named = ", ".join(f"{name} {request[name]}" for name in route.conditions) or sentence("any request")
            return route.queue, sentence("route {number} is for {named}", number=number, named=named)
    category = policy.categories.get(request["category"])
    if address_queue == policy.default_queue and category and category.queue:
        return category.queue, sentence("of the category {category}", category=request["category"])
    return address_queue, sentence("of {address}", address=request["address"])


def assignee_for(queue: str, staff: Sequence[StaffMember], policy: Policy, now: datetime) -> tuple[StaffMember | None, Sentence]:
    """The member of the queue with the fewest open requests among those now at work, and why; None if nobody is.

    While the desk is closed, the members who work when it opens next count. Agents come before seniors, and seniors before
    managers. Among equals the one who has waited longest for a new request comes first, and then the policy's order decides.
    """
    if not policy.triage.assign:
        return None, sentence("requests wait until somebody takes them")
    members = [member for member in staff if queue in member.queues]
    moment = _working_moment(now, policy.calendar)
    worked = {hours for hours, calendar in policy.calendars_of_staff.items() if is_working(moment, calendar)}
    there = [member for member in members if not is_away(member, moment) and policy.hours_of(member.address) in worked]
    if not there:
        return (
            None,
            sentence(OFF, queue=queue, names=", ".join(member.name for member in members))
            if members
            else sentence("nobody has queue {queue}", queue=queue),
        )

    def preference(member: StaffMember) -> tuple[int, int, int, int, str]:
        return (
            SENIORITY[member.role],
            member.open_tickets,
            member.newest_ticket,
            policy.place_of_staff(member.address),
            member.address,
        )

    chosen = min(there, key=preference)
    return (
        chosen,
        sentence(
            "fewest open requests ({open}) of the {count} people at work in queue {queue}",
            open=chosen.open_tickets,
            count=len(there),
            queue=queue,
        ),
    )


def is_away(member: StaffMember, moment: datetime) -> bool:
    """Whether a staff member is away at a moment."""
    return member.away_until is not None and member.away_until > moment


def _working_moment(now: datetime, calendar: Calendar) -> datetime:
    return due(now, MOMENT, calendar) - MOMENT


def escalation_assignee(
    level: int, queue: str, current: str | None, staff: tuple[StaffMember, ...], now: datetime
) -> StaffMember | None:
    """The person who takes an escalated ticket: a senior at level 1, a manager above, from the queue if possible.

    Whoever is away comes after everybody who is there. If nobody there has that rank, the most senior person takes it. The present
    assignee is chosen only if nobody else has the rank.
    """
    wanted = 1 if level <= 1 else 2
    ranked = [member for member in staff if SENIORITY[member.role] >= 1]

    def preference(member: StaffMember) -> tuple[bool, bool, int, bool, int, str]:
        distance, away = abs(SENIORITY[member.role] - wanted), is_away(member, now)
        return (away, member.address == current, distance, queue not in member.queues, member.open_tickets, member.address)

    return min(ranked, key=preference, default=None)


def staff_named(name: str, staff: tuple[StaffMember, ...]) -> tuple[StaffMember, ...]:
    """The staff members whom a value of `#assign` may mean: by one of their addresses, by whole name, or by one part of the name."""
    wanted = name.strip().lstrip("@").lower()
    exact = tuple(member for member in staff if wanted in (member.address, member.name.lower(), *member.addresses))
    return exact or tuple(
        member for member in staff if wanted in member.name.lower().split() or wanted == member.address.split("@")[0]
    )
