"""What staff may read and act on: every role, queue and hand, with every command and every other way to act on a request by mail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, product

import pytest
from support.desk.story import SUPPORT, configured

from helpdesk.config.conduct import Permissions
from helpdesk.config.load import load
from helpdesk.config.people import Staff, SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.gateway.work.desk import Desk, desk_of
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail
from helpdesk.threading.decisions.machines.undelivered import record_failure
from helpdesk.threading.decisions.time.outbreak import Outbreak, decide_outbreak, remark_on
from helpdesk.threading.decisions.time.weekly import decide_weekly
from helpdesk.threading.letters.order import LetterWords, StaffFacts
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision, HoldOrder
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.team import colleagues_of, notify_team, staff_facts
from helpdesk.threading.matching.gather import incoming_mail, question_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Conversation, FoundRequest, Known, PastRequest, SentLetter, UndoStep
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.held import HoldReason, Release, ReleaseWord
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Lineage, Ticket, TicketPast
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reporting.facts import DeskFacts
from helpdesk.threading.reporting.report import Span, Weeks, report_of
from helpdesk.threading.trust.tokens import Purpose, Token, mint

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OMAR, BELA, INES = "omar@desk.example", "bela@desk.example", "ines@desk.example"
THEIRS, OWN = "ACZ-K7Q2M9", "ACZ-WN2345"  # a request of another queue, in Bela's hands; and one of Omar's
REFUSAL = "neither in your queues nor in your hands"
FOREIGN = Ticket(
    id=7, reference=THEIRS, version=3, status=Status.IN_PROGRESS, waiting_on=WaitingOn.SUPPORT, escalation_level=0, subject="Zebra crossing",
    requester=1, account="zebra", plan="business", category="technical issue", severity="normal", priority="normal", queue="billing",
    assignee=BELA, support_address=SUPPORT, thread_key="key", language="en", assurance=Assurance.AUTHENTICATED, automatic_letters=True,
    resolutions=0, created_at=NOW, updated_at=NOW, event_count=3, first_response_at=NOW,
    participants=(Participant(1, Role.CUSTOMER, "zoe@zebra.example", "Zoe"), Participant(2, Role.STAFF, OMAR, "Omar")),
    past=TicketPast(("billing",), (BELA,)),
)  # fmt: skip
HIS = replace(
    FOREIGN,
    id=8,
    reference=OWN,
    subject="Printer",
    queue="general",
    assignee=OMAR,
    thread_key="other",
    past=TicketPast(),
)
SAID = PastMessage("zoe@zebra.example", Direction.CUSTOMER, "The zebra has no stripes.", NOW, 1, "z@zebra.example", 1)
STEP = UndoStep(7, 3, OMAR, NOW, "mail:1", "priority", {"priority": "low"}, {"priority": "normal"}, {})
STALE, FRESH = 98, 99  # digests that list the request as it was, and as it is

# One line that works for every command; `{other}` is the second request of those that name one.
LINES: dict[Word, str] = {
    Word.TAKE: "#take", Word.ASSIGN: "#assign Bela", Word.ASK: "#ask\nWhich model?", Word.WORKING: "#working\nOn it.", Word.RESOLVE: "#resolve\nDone.",
    Word.CLOSE: "#close", Word.REOPEN: "#reopen", Word.ESCALATE: "#escalate", Word.PRIORITY: "#priority high",
    Word.SEVERITY: "#severity high", Word.CATEGORY: "#category billing", Word.QUEUE: "#queue general", Word.LANGUAGE: "#language de", Word.PERMISSION: "#permission\nDelete it.", Word.CONSULT: "#consult lea@supplier.example\nDo you know this?", Word.WATCH: "#watch", Word.UNWATCH: "#unwatch", Word.AT: "#at 2h\nAn answer.", Word.NOTE: "#note\nSeen.", Word.ANSWER: "#answer\nDone.",
    Word.CC: "#cc paul@acme.example", Word.UNCC: "#uncc paul@acme.example", Word.MERGE: "#merge {other}", Word.SPLIT: "#split",
    Word.LINK: "#link {other}", Word.JOIN: "#join {other}", Word.INCIDENT: "#incident", Word.BROADCAST: "#broadcast\nIt works again.", Word.SNOOZE: "#snooze 2d",
    Word.SPAM: "#spam", Word.STATUS: "#status", Word.FIND: "#find flap", Word.WHY: "#why", Word.SHOW: "#show", Word.USE: "#use scope", Word.FILE: "#file 1", Word.SEND: "#send", Word.INBOX: "#inbox", Word.DISCARD: "#discard", Word.UNDO: "#undo", Word.HELP: "#help",
    Word.UNSUPPRESS: "#unsuppress paul@acme.example", Word.ON: "An answer.", Word.AUTHOR: "#author carla@globex.example",
    Word.AWAY: "#away", Word.BACK: "#back",
}  # fmt: skip
OF_NO_REQUEST = {Word.NEW}  # it begins one, which is its author's


@dataclass(frozen=True, slots=True)
class Way:
    """A mail of Omar's that acts on the foreign request, and the address that it is sent to."""

    name: str
    text: str
    purpose: Purpose | None = None
    subject: int = 7
    release: Release | None = None
    tells: bool = True  # whether a letter must come back to him where he may


def ways() -> Iterator[Way]:
    for word, line in LINES.items():
        yield Way(f"#on, #{word}", f"#on {THEIRS}\n{line.format(other=OWN)}", tells=word is not Word.ON)
        if word not in (Word.ON, Word.AWAY, Word.BACK):
            yield Way(f"reply, #{word}", line.format(other=OWN), Purpose.REPLY)
    for word in (Word.MERGE, Word.LINK, Word.JOIN, Word.INCIDENT):
        yield Way(f"own, #{word} theirs", f"#on {OWN}\n#{word} {THEIRS}")
    yield Way("own and theirs in one mail", f"#on {OWN}\n#priority high\n#on {THEIRS}\n#priority high")
    yield Way("answer", "Open flap B.", Purpose.REPLY, tells=False)
    yield Way("note", "Seen.", Purpose.NOTE, tells=False)
    yield Way("reply to a receipt", "Seen.", Purpose.RECEIPT, tells=False)
    yield Way("undo address", "", Purpose.UNDO)
    yield Way("digest row", "1 take", Purpose.DIGEST, FRESH)
    yield Way("digest row, changed since", "1 take", Purpose.DIGEST, STALE)
    yield Way("release", "Open flap B.", release=Release(OMAR, ReleaseWord.SEND, THEIRS, (HoldReason.AUTHORITY,)))
    yield Way("release as a note", "Open flap B.", release=Release(OMAR, ReleaseWord.NOTE, THEIRS, (HoldReason.AUTHORITY,)))


QUEUES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # of Omar, and those in which the request was
    "no queue of his": (("general",), ("billing",)),
    "in his queue": (("general", "billing"), ("billing",)),
    "was in his queue": (("general",), ("general", "billing")),
}
HANDS: dict[str, Callable[[Ticket], Ticket]] = {
    "never in his hands": lambda ticket: ticket,
    "in his hands": lambda ticket: replace(ticket, assignee=OMAR),
    "was in his hands": lambda ticket: replace(ticket, past=replace(ticket.past, hands=(BELA, OMAR))),
    "begun by him": lambda ticket: replace(ticket, lineage=Lineage(opened_by=OMAR)),
}


@dataclass(frozen=True, slots=True)
class Standing:
    role: str
    queue: str
    hand: str
    agents: str

    @property
    def may(self) -> bool:
        """The oracle."""
        return (
            self.role != "agent" or self.agents == "all" or self.queue != "no queue of his" or self.hand != "never in his hands"
        )


# An agent with every queue and hand, and what else lets somebody read the request of a queue that is not theirs.
STANDINGS = [Standing("agent", queue, hand, "queues") for queue, hand in product(QUEUES, HANDS)]
STANDINGS += [
    Standing(role, "no queue of his", "never in his hands", agents)
    for role, agents in (("agent", "all"), ("senior", "queues"), ("manager", "queues"))
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(load(configured(tmp_path_factory.mktemp("desk")), {}), "test")


def policy_of(desk: Desk, agents: str) -> Policy:
    return desk.policy.model_copy(update={"permissions": Permissions.model_validate({"agents": agents})})


def context_of(standing: Standing, desk: Desk, ticket: Ticket, **known: object) -> Context:
    omar = StaffMember("Omar Haddad", OMAR, StaffRole(standing.role), QUEUES[standing.queue][0], 0)
    staff = (
        omar,
        StaffMember("Bela Kovacs", BELA, StaffRole.AGENT, ("billing",), 0),
        StaffMember("Ines Duarte", INES, StaffRole.SENIOR, (), 0),
    )
    found = Known(
        contact=Contact(OMAR, "", None, "free"), tickets={7: ticket, 8: HIS}, by_reference={THEIRS: 7, OWN: 8}, staff=staff,
        conversations={7: Conversation((SAID,))}, undo={7: (STEP,)},
        digests={STALE: Digest(STALE, OMAR, (DigestRow(1, 7, THEIRS, 2),)), FRESH: Digest(FRESH, OMAR, (DigestRow(1, 7, THEIRS, 3),))},
    )  # fmt: skip
    found = replace(found, **known)  # type: ignore[arg-type]
    return Context(policy_of(desk, standing.agents), found, NOW, Fresh(count(100), "ACZ-NEW234", "new"), desk.house.ours)


def ticket_of(standing: Standing) -> Ticket:
    return HANDS[standing.hand](replace(FOREIGN, past=replace(FOREIGN.past, queues=QUEUES[standing.queue][1])))


def heard(way: Way, desk: Desk) -> Incoming:
    address = SUPPORT
    if way.purpose is not None:
        address = desk.house.reply_addresses.address("help", mint(Token(way.purpose, way.subject, 2, 3), desk.house.keyring))
    content = (
        f"From: Omar <{OMAR}>\nTo: {address}\nSubject: x\nMessage-ID: <{way.name.replace(' ', '.')}@desk.example>\n\n{way.text}\n"
    )
    raw = RawMessage("smtp", Envelope(OMAR, (address,)), content.replace("\n", "\r\n").encode(), NOW, "127.0.0.1")
    return incoming_mail(raw, read(raw.content).message, desk.house, 1, way.release)


def decided(incoming: Incoming, standing: Standing, desk: Desk) -> Decision:
    about = question_of(incoming).about
    context = context_of(standing, desk, ticket_of(standing), about=Contact(about, "", None, "free") if about else None)
    return decide_mail(arrival_of(incoming, match_ticket(incoming, context.known), context))


def test_every_command_is_in_the_table() -> None:
    assert set(LINES) | OF_NO_REQUEST == set(Word) and not OF_NO_REQUEST & set(LINES)


@pytest.mark.parametrize("way", list(ways()), ids=lambda way: way.name)
def test_staff_act_on_what_is_theirs_and_learn_nothing_of_what_is_not(way: Way, desk: Desk) -> None:
    incoming = heard(way, desk)
    for standing in STANDINGS:
        decision = decided(incoming, standing, desk)
        letters = [letter for part in decision.parts for letter in part.letters]
        if standing.may:
            assert REFUSAL not in decision.reason, standing
            assert not way.tells or any(one.to.address == OMAR for one in letters), standing
            continue
        assert REFUSAL in decision.reason and decision.disposition is Disposition.REFUSED, standing
        assert "Bela Kovacs, who has it, or a senior" in decision.reason
        assert all(
            not (one.ticket or one.adds.message or one.adds.note or one.release or one.past.take_back) for one in decision.parts
        ), standing
        assert [one.to.address for one in letters] == [OMAR]
        assert "zebra" not in repr(letters).lower(), standing


@pytest.mark.parametrize("line", ["#find flap", "#status Bela", "#status zoe@zebra.example"])
def test_lists_name_no_request_that_their_reader_may_not_read(line: str, desk: Desk) -> None:
    for standing in STANDINGS:
        ticket = ticket_of(standing)
        request = PastRequest(
            ticket.id, ticket.version, ticket.reference, ticket.subject, ticket.status, NOW, NOW, "", "", "zoe@zebra.example", "Zoe", (),
            ticket.queue, ticket.assignee, ticket.lineage, ticket.past,
        )  # fmt: skip
        found = FoundRequest(ticket, "zoe@zebra.example", "The flap is open.", NOW)
        context = context_of(
            standing, desk, ticket, found={"flap": (found,)}, open_of={BELA: (ticket,)}, past={"zoe@zebra.example": (request,)}
        )
        incoming = heard(Way("list", line), desk)
        decision = decide_mail(arrival_of(incoming, match_ticket(incoming, context.known), context))
        [facts] = [letter.facts for letter in decision.letters if isinstance(letter.facts, StaffFacts)]
        assert facts.listed is not None
        named = [row.row.reference for row in facts.listed.requests]
        # What is in his own hands is in Bela's no more.
        assert named == ([THEIRS] if standing.may and (ticket.assignee == BELA or line != "#status Bela") else []), standing


def test_a_faulty_command_in_answer_to_a_letter_of_before_tells_nothing_of_the_request(desk: Desk) -> None:
    incoming = heard(Way("faulty", "#rsolve\nDone.", Purpose.REPLY), desk)
    decision = decided(incoming, Standing("agent", "no queue of his", "never in his hands", "queues"), desk)
    assert decision.disposition is Disposition.REFUSED and decision.ticket is None
    assert "zebra" not in repr(decision.letters).lower()


def test_an_own_request_may_be_named_in_answer_to_a_letter_about_one_that_is_no_longer_theirs(desk: Desk) -> None:
    incoming = heard(Way("", f"#on {OWN}\n#priority high", Purpose.REPLY), desk)
    decision = decided(incoming, Standing("agent", "no queue of his", "never in his hands", "queues"), desk)
    assert decision.ticket is not None and (decision.ticket.id, decision.ticket.priority) == (HIS.id, "high")


def test_a_reference_that_nobody_has_reads_otherwise_than_one_of_others(desk: Desk) -> None:
    """Staff must know whether they mistyped it or have to ask for it; references cannot be counted through."""
    incoming = heard(Way("unknown", "#on ACZ-ZZZZZZ\n#take"), desk)
    decision = decided(incoming, Standing("agent", "no queue of his", "never in his hands", "queues"), desk)
    assert "there is no request of this reference" in decision.reason and REFUSAL not in decision.reason


def test_what_somebody_has_worked_on_stays_theirs_and_a_merge_brings_who_had_the_other(desk: Desk) -> None:
    """Also when they leave the queue; a question changes nothing, and so is no work."""
    his = Standing("agent", "in his queue", "never in his hands", "queues")
    worked = decided(heard(Way("", f"#on {THEIRS}\n#priority high"), desk), his, desk)
    assert worked.ticket is not None and worked.ticket.past.hands == (BELA, OMAR)
    asked = decided(heard(Way("", f"#on {THEIRS}\n#status"), desk), his, desk)
    assert asked.ticket is not None and asked.ticket.past.hands == (BELA,)
    release = Release(OMAR, ReleaseWord.SEND, "", (HoldReason.STEP_UP,))
    joined = decided(heard(Way("", f"#on {OWN}\n#merge {THEIRS}", release=release), desk), his, desk)
    assert joined.ticket is not None and joined.ticket.id == HIS.id
    assert BELA in joined.ticket.past.hands and "billing" in joined.ticket.past.queues


def test_of_a_letter_that_never_arrived_the_team_hears_where_its_author_may_not_read_the_request_any_more(desk: Desk) -> None:
    letter = SentLetter(
        1, 7, 1, "zoe@zebra.example", "answer", False, "m@x.example", NOW, automatic=False, author=OMAR, words="Hello."
    )
    for ticket, told in ((FOREIGN, BELA), (replace(FOREIGN, past=replace(FOREIGN.past, hands=(OMAR,))), OMAR)):
        draft = record_failure(Draft(context_of(STRANGE, desk, ticket), ticket, 3), letter, "5.1.1", "")
        assert [one.to.address for one in draft.letters if one.for_staff] == [told]


STRANGE = Standing("agent", "no queue of his", "never in his hands", "queues")


def test_no_letter_about_a_request_goes_to_staff_who_may_not_read_it(desk: Desk) -> None:
    """Omar takes part: he had letters about it when he worked in that queue."""
    context = context_of(STRANGE, desk, FOREIGN)
    draft = Draft(context, FOREIGN, FOREIGN.version)
    omar = context.known.staff[0]
    told = draft.notify_staff(omar, Notice.INTERNAL_NOTE, staff_facts(draft, Assurance.AUTHENTICATED), LetterWords("Secret."))
    assert told.letters == () and told == draft
    assert omar in colleagues_of(draft, BELA)
    his = replace(draft, ticket=replace(FOREIGN, past=replace(FOREIGN.past, hands=(OMAR,))))
    assert his.notify_staff(omar, Notice.INTERNAL_NOTE, staff_facts(his, Assurance.AUTHENTICATED)).letters


def test_a_request_of_a_queue_without_members_goes_to_the_seniors_alone_and_to_everybody_where_there_are_none(desk: Desk) -> None:
    orphan = replace(FOREIGN, queue="gone", assignee=None, past=TicketPast())
    context = context_of(STRANGE, desk, orphan)
    facts = staff_facts(Draft(context, orphan, 3), Assurance.AUTHENTICATED)
    assert [letter.to.address for letter in notify_team(Draft(context, orphan, 3), Notice.WOKEN, facts).letters] == [INES]
    alone = replace(context, known=replace(context.known, staff=context.known.staff[:2]))
    assert [letter.to.address for letter in notify_team(Draft(alone, orphan, 3), Notice.WOKEN, facts).letters] == [OMAR, BELA]


def test_a_strangers_mail_to_the_reply_address_of_somebody_who_lost_the_request_is_not_shown_to_them(desk: Desk) -> None:
    """It begins a request of its own, which is told to those who may read it, as if its holder had left the staff."""
    mail = replace(heard(Way("stranger", "The zebra again.", Purpose.REPLY), desk))
    eve = replace(mail, identity=replace(mail.identity, address="eve@evil.example"), claims=("eve@evil.example",))
    eve = replace(eve, correspondent=replace(eve.correspondent, address="eve@evil.example"))
    context = context_of(STRANGE, desk, FOREIGN, contact=Contact("eve@evil.example", "", None, "free"))
    decision = decide_mail(arrival_of(eve, match_ticket(eve, context.known), context))
    assert decision.disposition is Disposition.OPENED and decision.hold is None
    kept = context_of(
        STRANGE,
        desk,
        replace(FOREIGN, past=replace(FOREIGN.past, hands=(OMAR,))),
        contact=Contact("eve@evil.example", "", None, "free"),
    )
    assert decide_mail(arrival_of(eve, match_ticket(eve, kept.known), kept)).hold == HoldOrder(OMAR, HoldReason.STRANGER)


def test_without_a_senior_each_agent_reads_of_requests_that_are_alike_the_own_ones(desk: Desk) -> None:
    others = [
        replace(
            one, id=one.id + number, account=f"account{number}", lineage=Lineage(), assignee=None, queue=queue, past=TicketPast(),
            status=Status.IN_REVIEW, subject=f"{queue} {number}", reference=f"ACZ-{number:06}",
        )
        for number, (one, queue) in enumerate([(HIS, "general")] * 3 + [(FOREIGN, "billing")] * 3, 10)
    ]  # fmt: skip
    tickets = {one.id: one for one in others}
    context = context_of(STRANGE, desk, FOREIGN, tickets=tickets)
    context = replace(context, known=replace(context.known, staff=context.known.staff[:2]))
    decision = decide_outbreak(Outbreak(tuple(sorted(tickets)), ("stripes",)), context)
    (letter,) = decision.letters
    assert letter.to.address in (OMAR, BELA)
    queue, other = ("general", "billing") if letter.to.address == OMAR else ("billing", "general")
    assert f"{queue} 1" in repr(letter.facts) and f'"{other} 1' not in repr(letter.facts) and "stripes" not in repr(letter.facts)


def test_the_subject_of_an_incident_is_named_to_those_alone_who_may_read_it(desk: Desk) -> None:
    context = context_of(STRANGE, desk, FOREIGN)
    draft = Draft(context, HIS, HIS.version)
    assert "Zebra" not in remark_on(FOREIGN, draft) and THEIRS in remark_on(FOREIGN, draft)
    assert "Zebra" in remark_on(replace(FOREIGN, past=replace(FOREIGN.past, hands=(OMAR,))), draft)


@pytest.mark.parametrize(
    ("roles", "queues", "everywhere"),
    [
        ("agent agent", ("general", "general"), True),
        ("agent senior", ("general", "general vip"), False),
        ("agent agent", ("general billing", "billing general"), True),
        ("agent agent", ("general", "billing"), False),
        ("agent agent senior", ("general", "general billing", "general"), False),
        ("senior manager", ("general", "billing"), True),
    ],
)
def test_agents_work_everywhere_where_none_of_them_is_left_out_of_a_queue(
    roles: str, queues: tuple[str, ...], everywhere: bool
) -> None:
    staff = tuple(
        Staff.model_validate({"name": f"N{place}", "address": f"n{place}@desk.example", "role": role, "queues": names.split()})
        for place, (role, names) in enumerate(zip(roles.split(), queues, strict=True))
    )
    policy = Policy(addresses=(SupportAddress(address=SUPPORT),), staff=staff)
    assert policy.agents_work_everywhere is everywhere
    for agents, said in (("all", True), ("queues", False)):
        written = policy.model_copy(update={"permissions": Permissions.model_validate({"agents": agents})})
        assert written.agents_work_everywhere is said


@pytest.mark.parametrize(("role", "agents", "told"), [("agent", "queues", 0), ("agent", "all", 1), ("manager", "queues", 1)])
def test_the_weekly_report_goes_to_those_who_may_read_everything(role: str, agents: str, told: int, desk: Desk) -> None:
    context = context_of(Standing(role, "in his queue", "in his hands", agents), desk, FOREIGN)
    week = Span(NOW - timedelta(days=7), NOW)
    quiet = report_of(DeskFacts((), 0, 0, 0), desk.policy, week)
    report = replace(quiet, volumes=replace(quiet.volumes, opened=1))
    assert len(decide_weekly(OMAR, Weeks(report, report), context).letters) == told
