"""Which ticket: whatever a stranger writes, without a token it joins nothing; agreement joins; contradiction never does."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.tokens import Purpose, Token

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANNA, CARL, OMAR, EVE = "anna@acme.example", "carl@other.example", "omar@desk.example", "eve@evil.example"


def ticket(number: int, customer: str) -> Ticket:
    participants = (
        Participant(1, Role.CUSTOMER, customer, ""),
        Participant(2, Role.STAFF, OMAR, ""),
        Participant(3, Role.CUSTOMER, EVE, "", ParticipantState.SEEN),
    )
    return Ticket(
        id=number, reference=f"ACZ-AAAAA{number}", version=1, status=Status.IN_REVIEW, waiting_on=WaitingOn.SUPPORT, escalation_level=0,
        subject="Printer", requester=1, account=None, plan="free", category="", severity="", priority="", queue="general", assignee=OMAR,
        support_address="help@support.example.com", thread_key=f"key{number}", language="en", assurance=Assurance.AUTHENTICATED, automatic_letters=True, resolutions=0,
        created_at=NOW, updated_at=NOW, event_count=1, first_response_at=None, participants=participants,
    )  # fmt: skip


TICKETS = {1: ticket(1, ANNA), 2: ticket(2, CARL), 3: ticket(3, ANNA)}
KNOWN = Known(
    contact=Contact(ANNA, "", None, "free"),
    tickets=TICKETS,
    by_message_id={f"m{number}": (number,) for number in TICKETS} | {"both": (1, 2)},
    by_reference={one.reference: one.id for one in TICKETS.values()},
)


def mail(author: str, **clues: object) -> Incoming:
    empty = Incoming(
        channel=Channel.MAIL, kind=Kind.PERSON, identity=Identity(author, Assurance.UNVERIFIED, False, ""), author_name="",
        correspondent=Correspondent(author, ""), received_at=NOW, subject="", text="", elided_text="", command_text="", attachments=(),
        support_address="help@support.example.com", language="en",
    )  # fmt: skip
    return replace(empty, **clues)  # type: ignore[arg-type]


def token(number: int, participant: int = 1, purpose: Purpose = Purpose.REPLY) -> Token:
    return Token(purpose, number, participant, 1)


WEAK = st.fixed_dictionaries(
    {
        "parents": st.lists(st.sampled_from(["m1", "m2", "m3", "both", "unknown"]), max_size=4).map(tuple),
        "references": st.lists(st.sampled_from([one.reference for one in TICKETS.values()]), max_size=3).map(tuple),
        "threading_tokens": st.lists(st.sampled_from([token(1), token(2, 2), token(9)]), max_size=3).map(tuple),
    }
)


@given(WEAK)
def test_a_stranger_joins_nothing_whatever_else_he_knows(clues: dict[str, object]) -> None:
    assert match_ticket(mail(EVE, **clues), KNOWN).ticket is None


@given(WEAK)
def test_a_participant_joins_only_his_own_tickets(clues: dict[str, object]) -> None:
    found = match_ticket(mail(CARL, **clues), KNOWN).ticket
    assert found is None or found.id == 2


@given(WEAK, st.sampled_from([ANNA, CARL, EVE]), st.sampled_from([1, 2, 3]))
def test_a_token_joins_its_ticket_or_nothing(clues: dict[str, object], author: str, number: int) -> None:
    found = match_ticket(mail(author, tokens=(token(number),), **clues), KNOWN)
    if found.ticket is None:
        assert found.contradiction
    else:
        assert found.ticket.id == number
        assert found.trusted


@given(WEAK, st.sampled_from([ANNA, CARL, EVE]))
def test_every_piece_of_evidence_is_told(clues: dict[str, object], author: str) -> None:
    found = match_ticket(mail(author, **clues), KNOWN)
    told = {(clue.kind, clue.value) for clue in found.clues}
    assert all(("referenced_id", parent) in told for parent in clues["parents"] if parent != "unknown")  # type: ignore[attr-defined]
    assert all(("ticket_reference", one) in told for one in clues["references"])  # type: ignore[attr-defined]
    assert all(clue.ticket == found.ticket.reference for clue in found.clues if clue.used and found.ticket)


def test_two_tokens_contradict() -> None:
    found = match_ticket(mail(ANNA, tokens=(token(1), token(3))), KNOWN)
    assert found.ticket is None
    assert set(found.related) == {1, 3}


def test_the_nearest_parent_decides_among_a_persons_own_tickets() -> None:
    found = match_ticket(mail(ANNA, parents=("m3", "m1")), KNOWN).ticket
    assert found is not None
    assert found.id == 3


def test_a_token_against_the_parent_contradicts() -> None:
    found = match_ticket(mail(ANNA, tokens=(token(1),), parents=("m3",)), KNOWN)
    assert found.ticket is None
    assert found.contradiction is not None
    assert "ACZ-AAAAA1" in found.contradiction and "ACZ-AAAAA3" in found.contradiction


def test_two_bare_references_decide_nothing() -> None:
    assert match_ticket(mail(ANNA, references=("ACZ-AAAAA1", "ACZ-AAAAA3")), KNOWN).ticket is None
    one = match_ticket(mail(ANNA, references=("ACZ-AAAAA1",)), KNOWN).ticket
    assert one is not None
    assert one.id == 1


def test_a_token_of_a_ticket_or_participant_that_is_not_here_says_nothing() -> None:
    assert match_ticket(mail(ANNA, tokens=(token(9),)), KNOWN).ticket is None
    assert match_ticket(mail(ANNA, tokens=(token(1, 77),)), KNOWN).ticket is None
