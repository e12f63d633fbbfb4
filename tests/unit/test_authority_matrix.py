"""Who may act as staff: every combination of origin, token, permission, place and machine gives what the oracle says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from support.desk.story import configured
from support.oracles.authority import (
    ADDRESSES,
    COLLEAGUE,
    REFERENCE,
    SERVER,
    SUPPORT,
    Author,
    Case,
    Key,
    Machine,
    Origin,
    Place,
    Verdict,
    cases,
    content_of,
    expected,
    login_of,
    peer_of,
    reverse_path_of,
)

from helpdesk.config.load import load
from helpdesk.gateway.work.desk import Desk, desk_of
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.gather import incoming_mail, question_of
from helpdesk.threading.matching.known import Known, UndoStep, Wanted
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.tokens import Purpose, Token, mint

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA, OMAR, INES, FRED = range(1, 5)  # numbers on the ticket
TICKET = Ticket(
    id=7, reference=REFERENCE, version=3, status=Status.IN_PROGRESS, waiting_on=WaitingOn.SUPPORT, escalation_level=0, subject="Printer",
    requester=ANNA, account="acme", plan="business", category="technical issue", severity="normal", priority="normal", queue="general",
    assignee=ADDRESSES[Author.ACTIVE], support_address=SUPPORT, thread_key="key", language="en", assurance=Assurance.AUTHENTICATED,
    automatic_letters=True, resolutions=0, created_at=NOW, updated_at=NOW, event_count=3, first_response_at=NOW,
    participants=(
        Participant(ANNA, Role.CUSTOMER, ADDRESSES[Author.CUSTOMER], "Anna"),
        Participant(OMAR, Role.STAFF, ADDRESSES[Author.ACTIVE], "Omar Haddad"),
        Participant(INES, Role.STAFF, COLLEAGUE, "Ines Duarte"),
        Participant(FRED, Role.STAFF, ADDRESSES[Author.FORMER], "Fred Olsen"),
    ),
)  # fmt: skip
STAFF = tuple(
    StaffMember(name, address, StaffRole.AGENT, ("general",), 0)
    for name, address in (("Omar Haddad", ADDRESSES[Author.ACTIVE]), ("Ines Duarte", COLLEAGUE))
)
STEP = UndoStep(
    TICKET.id,
    TICKET.version,
    ADDRESSES[Author.ACTIVE],
    NOW,
    "mail:1",
    "priority",
    {"priority": "low"},
    {"priority": "normal"},
    {},
)
OWN = {Key.OWN_REPLY: Purpose.REPLY, Key.OWN_NOTE: Purpose.NOTE, Key.OWN_RECEIPT: Purpose.RECEIPT, Key.OWN_UNDO: Purpose.UNDO}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return believing_desk(tmp_path_factory.mktemp("desk"))


def believing_desk(folder: Path) -> Desk:
    """A desk that believes one relay and one network."""
    config = configured(folder)
    believed = f'trusted_authserv_ids = ["{SERVER}"]\ntrusted_relays = ["10.0.0.0/8"]\nassume_from = ["192.0.2.0/24"]'
    config.write_text(config.read_text().replace('assume_from = ["127.0.0.1/32"]', believed))
    return desk_of(load(config, {}), "test")


@cache
def parsed(content: bytes) -> ParsedMessage:
    return read(content).message


def address_of(case: Case, desk: Desk) -> str:
    """Where the mail is sent to."""
    if case.key is Key.NONE:
        return SUPPORT
    holder = {Key.COLLEAGUES: INES, Key.CUSTOMERS: ANNA}.get(case.key, FRED if case.author is Author.FORMER else OMAR)
    text = mint(Token(OWN.get(case.key, Purpose.REPLY), TICKET.id, holder, TICKET.version), desk.house.keyring)
    if case.key is Key.DAMAGED:
        text = text[:-1] + ("a" if text[-1] != "a" else "q")
    return desk.house.reply_addresses.address("help", text)


def decision_of(case: Case, desk: Desk) -> Decision:
    envelope = Envelope(reverse_path_of(case), (address_of(case, desk),))
    raw = RawMessage("smtp", envelope, content_of(case), NOW, peer_of(case), authenticated_as=login_of(case))
    incoming = incoming_mail(raw, parsed(raw.content), desk.house, 1)
    asked = question_of(incoming)
    known = Known(
        contact=Contact(incoming.author, "", None, "free"),
        tickets={TICKET.id: TICKET},
        by_reference={REFERENCE: TICKET.id},
        staff=STAFF,
        about=Contact(asked.about, "", None, "free") if asked.about else None,
        undo={TICKET.id: (STEP,)} if Wanted.UNDO in asked.wanted else {},
    )
    context = Context(desk.policy, known, NOW, Fresh(iter(count(100)), "ACZ-NEW234", "new"), desk.house.ours)
    return decide_mail(arrival_of(incoming, match_ticket(incoming, known), context))


def verdict_of(decision: Decision) -> Verdict:
    """What came of it for staff; the strongest effect counts."""
    before = {TICKET.id: TICKET}
    tickets = [part.ticket for part in decision.parts if part.ticket]
    said = [part for part in decision.parts if part.adds.message and part.adds.message.direction is Direction.SUPPORT]
    letters = [letter for part in decision.parts for letter in part.letters if not letter.for_staff and not letter.automatic]
    signs = (
        (any(part.past.take_back for part in decision.parts), Verdict.UNDONE),
        (any(ticket.lineage.opened_by for ticket in tickets), Verdict.BEGUN),
        (any(ticket.status is Status.RESOLVED for ticket in tickets), Verdict.OBEYED),
        (bool(said or letters), Verdict.SPOKEN),
        (any(part.adds.note for part in decision.parts), Verdict.KEPT),
        (decision.disposition is Disposition.HELD, Verdict.HELD),
    )
    verdict = next((verdict for sign, verdict in signs if sign), Verdict.NOTHING)
    if verdict is Verdict.HELD:
        assert not tickets and not decision.release
        assert {letter.to.address for letter in decision.letters} <= {decision.hold.staff if decision.hold else None}
    if verdict is Verdict.NOTHING:
        unmoved = [ticket for ticket in tickets if ticket.id in before]
        assert all((one.assignee, one.priority, one.requester) == (TICKET.assignee, "normal", ANNA) for one in unmoved)
    return verdict


@dataclass
class Tally:
    judged: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def judged(which: Iterator[Case], desk: Desk) -> Tally:
    tally = Tally()
    for case in which:
        verdict = verdict_of(decision_of(case, desk))
        tally.judged += 1
        tally.verdicts[verdict] += 1
        if verdict is not expected(case):
            tally.wrong.append(f"{case}: {verdict}, expected {expected(case)}")
    return tally


def test_every_way_to_speak_as_staff_gives_what_the_rules_say(desk: Desk) -> None:
    tally = judged(cases(), desk)
    assert tally.judged == 15_360
    assert not tally.wrong, f"{len(tally.wrong)} of {tally.judged} differ, such as:\n" + "\n".join(tally.wrong[:20])
    assert set(tally.verdicts) == set(Verdict)


def test_the_oracle_lets_hardly_anything_through() -> None:
    """A slip in the oracle would show here: an effect takes proof, an own token, a permission and a person."""
    effects = [case for case in cases() if expected(case) not in (Verdict.HELD, Verdict.NOTHING)]
    for case in effects:
        assert case.author is Author.ACTIVE and case.machine is Machine.PERSON
        assert case.origin in (Origin.RELAY_PASS, Origin.SUBMITTED, Origin.ASSUMED)
        assert case.key.startswith("own") or case.place is Place.FORWARDED
    assert len([case for case in effects if expected(case) is Verdict.OBEYED]) == 12
