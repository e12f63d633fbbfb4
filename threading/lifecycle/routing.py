"""Who takes care of a ticket: a queue by the routes of the policy, an assignee by load, a senior when it escalates."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from helpdesk.config.calendar import due, is_working
from helpdesk.config.hours import windows
from helpdesk.config.policy import WEEKDAYS, Calendar, Policy
from helpdesk.threading.model.people import StaffMember

SENIORITY = {"agent": 0, "senior": 1, "manager": 2}
MOMENT = timedelta(seconds=1)
OFF = "are away or do not work at this hour"


def queue_for(request: Mapping[str, str], address_queue: str, policy: Policy) -> tuple[str, str]:
    """The queue of a request, by the names of a route's conditions, and why it is that one.

    Without routes an address with a queue of its own decides; on the general one the category may name a better queue.
    """
    for number, route in enumerate(policy.routes, 1):
        if all(request.get(name, "") in values for name, values in route.conditions.items()):
            named = " and ".join(f"{name} {request[name]}" for name in route.conditions) or "any request"
            return route.queue, f"route {number} is for {named}"
    category = policy.categories.get(request["category"])
    if address_queue == policy.default_queue and category and category.queue:
        return category.queue, f"of the category {request['category']}"
    return address_queue, f"of {request['address']}"


def assignee_for(queue: str, staff: Sequence[StaffMember], policy: Policy, now: datetime) -> tuple[StaffMember | None, str]:
    """The least loaded of the queue who works now and is not away, and why; None where there is nobody.

    While the desk is closed, who works when it opens. Agents come before seniors before managers. Of those with as much to do, whoever
    has waited longest for a new request, then by the policy's order.
    """
    if not policy.triage.assign:
        return None, "requests wait until somebody takes them"
    members = [member for member in staff if queue in member.queues]
    there = [member for member in members if is_available(member, policy, _working_moment(now, policy.calendar))]
    if not there:
        return (
            None,
            f"of queue {queue} {', '.join(member.name for member in members)} {OFF}" if members else f"nobody has queue {queue}",
        )
    order = {member.address.lower(): place for place, member in enumerate(policy.staff)}

    def preference(one: StaffMember) -> tuple[int, int, int, int, str]:
        return SENIORITY.get(one.role, 0), one.open_tickets, one.newest_ticket, order.get(one.address, len(order)), one.address

    chosen = min(there, key=preference)
    waiting = "one request waits" if chosen.open_tickets == 1 else f"{chosen.open_tickets} requests wait"
    return (
        chosen,
        f"{waiting} for an answer of {chosen.address}; of the {len(there)} of queue {queue} who are there, none comes before",
    )


def is_available(member: StaffMember, policy: Policy, moment: datetime) -> bool:
    """Whether somebody works then: not away, and within the own hours on the desk's days."""
    if member.away_until is not None and member.away_until > moment:
        return False
    hours = next((colleague.hours for colleague in policy.staff if colleague.address.lower() == member.address), "")
    return is_working(moment, _with_hours(policy.calendar, hours) if hours else policy.calendar)


def _working_moment(now: datetime, calendar: Calendar) -> datetime:
    return due(now, MOMENT, calendar) - MOMENT


def _with_hours(calendar: Calendar, hours: str) -> Calendar:
    return calendar.model_copy(update={day: hours for day in WEEKDAYS if windows(getattr(calendar, day))})


def escalation_assignee(level: int, queue: str, current: str | None, staff: tuple[StaffMember, ...]) -> StaffMember | None:
    """Who takes an escalated ticket: a senior at level 1, a manager above, of the queue if it has one; else whoever is most senior.

    Somebody else than the present assignee where there is anybody of that rank.
    """
    wanted = 1 if level <= 1 else 2
    ranked = [member for member in staff if SENIORITY.get(member.role, 0) >= 1]

    def preference(one: StaffMember) -> tuple[bool, int, bool, int, str]:
        distance = abs(SENIORITY.get(one.role, 0) - wanted)
        return (one.address == current, distance, queue not in one.queues, one.open_tickets, one.address)

    return min(ranked, key=preference, default=None)


def staff_named(name: str, staff: tuple[StaffMember, ...]) -> tuple[StaffMember, ...]:
    """Staff whom a word of `#assign` may mean: an address, a whole name, or one part of a name."""
    wanted = name.strip().lstrip("@").lower()
    exact = tuple(member for member in staff if wanted in (member.address, member.name.lower()))
    return exact or tuple(
        member for member in staff if wanted in member.name.lower().split() or wanted == member.address.split("@")[0]
    )
