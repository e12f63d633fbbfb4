"""Nobody speaks as a customer whom the mail does not prove: every shape, proof, clue and trigger gives what the oracle says."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

import pytest
from support.desk.story import configured
from support.oracles.speakers import ANNA, AUTHORS, EVE, RELAY, SERVER, Case, Clue, Effect, Proof, Said, Shape, cases, expected

from helpdesk.config.load import load
from helpdesk.gateway.work.desk import Desk, desk_of
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.gather import incoming_mail
from helpdesk.threading.matching.known import Known
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.tokens import Purpose, Token, mint

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONTACTS = {ANNA: Contact(ANNA, "Anna", "acme", "business")}
IN_PROGRESS = Ticket(
    id=7, reference="ACZ-K7Q2M9", version=3, status=Status.IN_PROGRESS, waiting_on=WaitingOn.CUSTOMER, escalation_level=0,
    subject="Printer", requester=1, account="acme", plan="business", category="technical issue", severity="normal", priority="normal",
    queue="general", assignee="omar@desk.example", support_address="help@support.example.com", thread_key="key", language="en",
    assurance=Assurance.AUTHENTICATED, automatic_letters=True, resolutions=0, created_at=NOW - timedelta(hours=2),
    updated_at=NOW - timedelta(hours=1), event_count=3, first_response_at=NOW - timedelta(hours=1),
    participants=(
        Participant(1, Role.CUSTOMER, ANNA, "Anna"),
        Participant(2, Role.STAFF, "omar@desk.example", "Omar"),
        Participant(3, Role.CUSTOMER, "pat@private.example", "Pat", ParticipantState.UNVERIFIED),
    ),
)  # fmt: skip
RESOLVED = replace(IN_PROGRESS, status=Status.RESOLVED, waiting_on=WaitingOn.NOBODY, resolutions=1)
CLOSED = replace(RESOLVED, status=Status.CLOSED, closed_at=NOW - timedelta(hours=1))
BEFORE = {Said.REPLY: IN_PROGRESS, Said.CONFIRM: RESOLVED, Said.REOPEN: RESOLVED, Said.RATE: CLOSED, Said.CONSENT: IN_PROGRESS}
WORDS = {
    Said.REPLY: "It jams again at page two.",
    Said.CONFIRM: "Thanks, it works now.",
    Said.REOPEN: "No, it does not work.",
    Said.RATE: "The colleague explained all the details to me.",
    Said.CONSENT: "Pat writes from home.",
}
# The domain of the one whom From names, as the relay would find it; of the first address where From names several or nobody.
DOMAIN_OF_FROM = {shape: AUTHORS.get(shape, "x@acme.example").rpartition("@")[2] for shape in Shape}
PURPOSES = {
    Said.CONFIRM: Purpose.SOLVED,
    Said.REOPEN: Purpose.UNSOLVED,
    Said.RATE: Purpose.GOOD,
    Said.CONSENT: Purpose.ALLOW_ALWAYS,
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    config = configured(tmp_path_factory.mktemp("desk"))
    believed = f'trusted_authserv_ids = ["{SERVER}"]\ntrusted_relays = ["10.0.0.0/8"]'
    config.write_text(config.read_text().replace('assume_from = ["127.0.0.1/32"]', believed))
    return desk_of(load(config, {}), "test")


def token_of(said: Said) -> Token:
    return Token(PURPOSES.get(said, Purpose.REPLY), 7, 1, {Said.CONFIRM: 1, Said.REOPEN: 1, Said.CONSENT: 3}.get(said, 3))


def mail(case: Case, desk: Desk) -> RawMessage:
    keyring, domain = desk.house.keyring, desk.house.domain
    to = "help@support.example.com"
    if case.clue is Clue.TOKEN:
        to = desk.house.reply_addresses.address("help", mint(token_of(case.said), keyring))
    ours = f"{mint(Token(Purpose.REPLY, 7, 1, 3), keyring)}.1z@{domain}"
    lines = {
        Clue.REFERENCE: "Subject: Re: ACZ-K7Q2M9",
        Clue.FOREIGN_ID: "Subject: Re: Printer\r\nIn-Reply-To: <seen@acme.example>",
        Clue.OUR_ID: f"Subject: Re: Printer\r\nIn-Reply-To: <{ours}>",
    }.get(case.clue, "Subject: Printer")
    domain_in_from = DOMAIN_OF_FROM[case.shape]
    verdict = {
        Proof.PASS: f"dmarc=pass header.from={domain_in_from}",
        Proof.SILENT: "dmarc=none",
        Proof.FAIL: f"dmarc=fail (p=reject dis=reject) header.from={domain_in_from}",
    }[case.proof]
    head = f"Authentication-Results: {SERVER}; {verdict}\r\nReceived: from x by {SERVER}; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    head += (
        f"{case.shape.value}\r\n{lines}\r\nTo: {to}\r\nMessage-ID: <m1@acme.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    )
    return RawMessage("smtp", Envelope("x@y.example", (to,)), f"{head}\r\n{WORDS[case.said]}\r\n".encode(), NOW, RELAY)


@cache
def parsed(content: bytes) -> ParsedMessage:
    return read(content).message


def decision_of(case: Case, desk: Desk) -> Decision:
    raw, before = mail(case, desk), BEFORE[case.said]
    incoming = incoming_mail(raw, parsed(raw.content), desk.house, 1)
    known = Known(
        contact=CONTACTS.get(incoming.author, Contact(incoming.author, "", None, "free")),
        tickets={7: before},
        by_reference={before.reference: 7},
        by_message_id={"seen@acme.example": (7,)},
        staff=(StaffMember("Omar", "omar@desk.example", StaffRole.AGENT, (), 0),),
    )
    context = Context(desk.policy, known, NOW, Fresh(iter(count(100)), "ACZ-NEW234", "new"), desk.house.ours)
    return decide_mail(arrival_of(incoming, match_ticket(incoming, known), context))


def effect_of(decision: Decision, before: Ticket) -> Effect:
    ticket, message = decision.ticket, decision.adds.message
    if ticket is None or ticket.id != before.id:
        return Effect("apart" if ticket else "none", inbox_of=message.inbox_of if message else None)
    pat = ticket.participant_at("pat@private.example")
    consented = pat is not None and pat.state is ParticipantState.ACTIVE
    if not message:
        return Effect("none", consented=consented, rated=ticket.rating is not None)
    return Effect(
        "ticket",
        moved=bool(decision.rule),
        confirmed=before.status is Status.RESOLVED and ticket.status is Status.CLOSED,
        rated=ticket.rating is not None,
        consented=consented,
        inbox_of=message.inbox_of,
    )


def test_every_mail_speaks_for_whom_the_rules_say_and_for_nobody_else(desk: Desk) -> None:
    wrong, effects = [], Counter[Effect]()
    for case in cases():
        effect = effect_of(decision_of(case, desk), BEFORE[case.said])
        effects[effect] += 1
        if effect != expected(case):
            wrong.append(f"{case}:\n    {effect}, expected {expected(case)}")
    assert sum(effects.values()) == len(Shape) * len(Proof) * len(Clue) * len(Said)
    assert not wrong, f"{len(wrong)} of {sum(effects.values())} differ, such as:\n" + "\n".join(wrong[:25])


def test_the_oracle_gives_nothing_to_whom_it_cannot_name() -> None:
    """A slip in the oracle would show here: only Anna herself, not forged, confirms, rates, consents or stands in her inbox."""
    for case in cases():
        effect = expected(case)
        genuine = case.shape in (Shape.PLAIN, Shape.SENDER, Shape.REPLY_TO, Shape.RESENT) and case.proof is not Proof.FAIL
        assert genuine or not (effect.confirmed or effect.rated or effect.consented or effect.inbox_of == ANNA)
        assert genuine or effect.inbox_of in (None, EVE, "noreply@evil.example", "group@corp.example")
