"""Who is told about the requests of somebody who is away: a table."""

from datetime import timedelta

import pytest
from support.desk.outcomes import new_ticket
from support.desk.triage_desk import HELP, NOW, OURS

from helpdesk.config.people import Staff
from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.team import stand_ins
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.people import Contact, StaffList, StaffMember, StaffRole

NAMES = ("omar", "ines", "bela", "lea")
QUEUES = {"omar": "general", "ines": "general", "bela": "general", "lea": "billing"}


def context_of(away: str, deputy: str) -> Context:
    team = StaffList(
        StaffMember(
            name,
            f"{name}@desk.example",
            StaffRole.AGENT,
            (QUEUES[name],),
            0,
            away_until=NOW + timedelta(days=1) if name in away.split() else None,
            addresses=(f"{name}@home.example",),
        )
        for name in NAMES
    )
    members = tuple(
        Staff(name=name, address=f"{name}@desk.example", deputy=deputy if name == "omar" and deputy else None) for name in NAMES
    )
    known = Known(Contact("anna@acme.example", "", None, "free"), staff=team)
    return Context(Policy(addresses=(HELP,), staff=members), known, NOW, Fresh(iter(range(9)), "ACZ-1", "k"), OURS)


@pytest.mark.parametrize(
    ("away", "deputy", "told"),
    [
        ("", "", ""),
        ("", "lea@desk.example", ""),  # who is there needs nobody
        ("omar", "", "ines bela"),  # the others of the queue
        ("omar", "lea@desk.example", "lea"),  # of whatever queue the deputy is
        ("omar", "lea@home.example", "lea"),  # by any of their addresses
        ("omar lea", "lea@desk.example", "ines bela"),  # the deputy is away too
        ("omar ines", "", "bela"),
        ("omar ines bela", "", ""),
        ("omar", "gone@desk.example", "ines bela"),  # a deputy who has left
    ],
)
def test_who_is_told_while_somebody_is_away(away: str, deputy: str, told: str) -> None:
    context = context_of(away, deputy)
    omar = context.staff_member("omar@desk.example")
    assert omar is not None
    assert [member.name for member in stand_ins(omar, new_ticket(queue="general"), context)] == told.split()
