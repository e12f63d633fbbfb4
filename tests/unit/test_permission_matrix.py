"""Whose answer about a permission counts: every combination of author, proof, address, words, time and state gives what the oracle says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, product

from support.desk.triage_desk import OURS, POLICY

from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known, SentLetter
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.permission import NO_PROOF, Permission, PermissionAnswer
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Lineage, Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.tokens import Purpose, Token

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA, PAUL, EVE = "anna@acme.example", "paul@acme.example", "eve@evil.example"
YES, NO, OPEN, EXPIRED = PermissionAnswer.YES, PermissionAnswer.NO, PermissionAnswer.OPEN, PermissionAnswer.EXPIRED
ASKED = Permission(1, "Delete it.", "omar@desk.example", ANNA, NOW - timedelta(days=1), NOW + timedelta(days=13))
STATES: dict[str, Permission] = {
    "open": ASKED,
    "late": replace(ASKED, until=NOW - timedelta(minutes=1)),  # and the scheduler has not looked yet
    **{answer.value: ASKED.sealed(answer, NOW - timedelta(hours=1), NO_PROOF, "ACZ-K7Q2M9") for answer in (YES, NO, EXPIRED)},
}
# The tokens of the addresses to which it was sent. A reply in words goes to the letter that asks, or to another one.
ADDRESSES: dict[str, tuple[Token, ...]] = {
    "yes": (Token(Purpose.PERMIT, 7, 1, 1),),
    "no": (Token(Purpose.REFUSE, 7, 1, 1),),
    "both": (Token(Purpose.PERMIT, 7, 1, 1), Token(Purpose.REFUSE, 7, 1, 1)),
    "of another question": (Token(Purpose.PERMIT, 7, 1, 2),),
    "of Paul": (Token(Purpose.PERMIT, 7, 2, 1),),
    "of a merged request": (Token(Purpose.PERMIT, 8, 1, 1),),
    "reply": (Token(Purpose.REPLY, 7, 1, 2),),
    "reply to another letter": (Token(Purpose.REPLY, 7, 1, 2),),
}
LETTERS = {"reply": Notice.PERMISSION_REQUEST, "reply to another letter": Notice.CONFIRMATION}
TEXTS = {
    "": "nothing",
    "Yes": "yes",
    "No.": "no",
    "Thank you!": "thanks",
    "Yes, but only once.": "more",
    "Wait for Paul.": "more",
}
TICKET = Ticket(
    id=7, reference="ACZ-K7Q2M9", version=3, status=Status.IN_PROGRESS, waiting_on=WaitingOn.CUSTOMER, escalation_level=0, subject="Orders",
    requester=1, account="acme", plan="business", category="data concern", severity="normal", priority="normal", queue="general",
    assignee=None, support_address="help@support.example.com", thread_key="key", language="en", assurance=Assurance.AUTHENTICATED,
    automatic_letters=True, resolutions=0, created_at=NOW, updated_at=NOW, event_count=3, first_response_at=NOW,
    participants=(Participant(1, Role.CUSTOMER, ANNA, "Anna"), Participant(2, Role.CUSTOMER, PAUL, "Paul")),
)  # fmt: skip


@dataclass(frozen=True)
class PressCase:
    """One answer."""

    author: str
    assurance: Assurance
    address: str
    text: str
    state: str
    kind: Kind


def cases() -> Iterator[PressCase]:
    proofs = (Assurance.AUTHENTICATED, Assurance.UNVERIFIED, Assurance.FAILED)
    for values in product((ANNA, PAUL, EVE), proofs, ADDRESSES, TEXTS, STATES, (Kind.PERSON,)):
        yield PressCase(*values)
    for machine in product((ANNA,), proofs, ADDRESSES, TEXTS, STATES, (Kind.AUTOMATIC, Kind.LIST)):
        yield PressCase(*machine)


def expected(case: PressCase) -> PermissionAnswer:
    """The answer on record afterwards, as the rules for staff mail have it."""
    before = STATES[case.state].answer
    by_anna = case.author == ANNA and case.assurance is Assurance.AUTHENTICATED and case.kind is Kind.PERSON
    if case.state != "open" or not by_anna:
        return before
    return said_by(case) or before


def said_by(case: PressCase) -> PermissionAnswer | None:
    """What an answer says, if it is hers; None if it says neither yes nor no, or not about this question."""
    said = TEXTS[case.text]
    if case.address == "reply":
        return {"yes": YES, "no": NO}.get(said)
    if case.address not in ("yes", "no"):
        return None
    if case.address == "no":
        return None if said == "yes" else NO
    return YES if said in ("nothing", "yes", "thanks") else None


def is_contradicted(case: PressCase) -> bool:
    """Whether she says the opposite of what is on record. A reply in words is an answer only while a question is open."""
    by_anna = case.author == ANNA and case.assurance is Assurance.AUTHENTICATED and case.kind is Kind.PERSON
    return by_anna and case.address in ("yes", "no") and {case.state, said_by(case)} == {"yes", "no"}


def decided(case: PressCase) -> Decision:
    ticket = replace(TICKET, permissions=(STATES[case.state],))
    tokens = ADDRESSES[case.address]
    letter = SentLetter(5, 7, 1, ANNA, LETTERS.get(case.address, ""), False, "letter@support.example.com", NOW)
    incoming = Incoming(
        channel=Channel.MAIL, kind=case.kind, identity=Identity(case.author, case.assurance, False, "as the case has it"),
        author_name="", correspondent=Correspondent(case.author, ""), received_at=NOW, subject="Orders", text=case.text, elided_text="",
        command_text=case.text, attachments=(), support_address="help@support.example.com", language="en", claims=(case.author,),
        tokens=tokens, inbound_id=9, raw_sha256="ab" * 32, message_id="press@acme.example",
        answered_letter=5 if case.address in LETTERS else None,
    )  # fmt: skip
    merged = replace(TICKET, id=8, reference="ACZ-MERGED", lineage=Lineage(merged_into=7), permissions=(ASKED,))
    known = Known(Contact(case.author, "", None, "free"), tickets={7: ticket, 8: merged}, letters={5: letter})
    context = Context(POLICY, known, NOW, Fresh(iter(count(100)), "ACZ-NEW234", "new"), OURS)
    return decide_mail(arrival_of(incoming, match_ticket(incoming, known), context))


def test_only_the_requester_s_own_proved_plain_answer_counts_and_once() -> None:
    counted: Counter[PermissionAnswer] = Counter()
    for case in cases():
        decision = decided(case)
        ticket = decision.ticket if decision.ticket and decision.ticket.id == 7 else None
        [recorded] = ticket.permissions if ticket else (STATES[case.state],)
        assert recorded.answer is expected(case), case
        assert (recorded.contradicted_at is not None) is is_contradicted(case), case
        if recorded.answer is not STATES[case.state].answer:
            counted[recorded.answer] += 1
            assert recorded.proof.by == ANNA and recorded.proof.cause == "mail:9" and recorded.proof.sha256 == "ab" * 32
            assert [event.kind for event in decision.events] == ["permission_answered"]
        assert not any(letter.to.address == EVE for letter in decision.letters if letter.ticket and letter.ticket.id == 7)
    assert counted == {YES: 4, NO: 6}
