"""What counts as an address of the desk, in every shape that an address can have; and that nothing else decides it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from support.desk.story import FORWARDED, SUPPORT, configured

from helpdesk.config.load import load
from helpdesk.config.our_addresses import our_addresses
from helpdesk.gateway.work.desk import Desk, desk_of
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.customer.new_request import begin_request
from helpdesk.threading.decisions.decide import decide_mail, decide_platform
from helpdesk.threading.decisions.machines.undelivered import record_failure
from helpdesk.threading.letters.order import CustomerFacts
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.correspondent import correspondent_of
from helpdesk.threading.matching.gather import incoming_mail, question_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known, SentLetter
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.matching.platform import incoming_reply
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Lineage, Ticket
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.identity import identity_by_word
from helpdesk.threading.trust.tokens import Purpose, Token, mint

ROOT = Path(__file__).parents[2]
DOMAIN = "support.example.com"
DESKS = ("help@support.example.com", "billing@support.example.com", "rat@hilfe.xn--bcher-kva.example")
TOKEN = "k" * 45
PLUS, DASH, OWN_DOMAIN = "{local}+{token}@{domain}", "{local}-{token}@{domain}", "{token}@reply.example.com"
OTHER_HOST, IN_FRONT = "{local}+{token}@mail.example.com", "re-{token}@{domain}"
EVERY = (PLUS, DASH, OWN_DOMAIN, OTHER_HOST, IN_FRONT)
OURS = {  # an address, and the patterns of reply addresses under which it is ours
    "help@support.example.com": EVERY,
    "HELP@Support.Example.COM": EVERY,
    "help@support.example.com.": EVERY,
    '"help"@support.example.com': EVERY,
    "help(desk)@support.example.com": EVERY,
    "help @ support.example.com": EVERY,
    "<help@support.example.com>": EVERY,
    "help+anything@support.example.com": EVERY,
    f"help+{TOKEN}@support.example.com": EVERY,
    f"Help+{TOKEN.upper()}@SUPPORT.example.com": EVERY,
    "help+no-token!@support.example.com": EVERY,
    "rat@hilfe.bücher.example": EVERY,
    "RAT+x@hilfe.BÜCHER.example": EVERY,
    "rat@hilfe.xn--bcher-kva.example": EVERY,
    "bounces@support.example.com": EVERY,
    f"bounces+{TOKEN}@support.example.com": EVERY,
    "postmaster@support.example.com": EVERY,
    "abuse+x@support.example.com": EVERY,
    f"billing-{TOKEN}@support.example.com": (DASH,),
    f"{TOKEN}@reply.example.com": (OWN_DOMAIN,),
    "anna.somebody@Reply.Example.com": (OWN_DOMAIN,),
    f"help+{TOKEN}@mail.example.com": (OTHER_HOST,),
    f"re-{TOKEN}@support.example.com": (IN_FRONT,),
}
THEIRS = (
    "anna@support.example.com", "helper@support.example.com", "anna+help@support.example.com", "help@example.com", "help@mail.example.com",
    "help@support.example.com.evil.example", "help@support.example.comx", "anna@reply.example.org", f"anna-{TOKEN}@support.example.com",
    f"anna+{TOKEN}@mail.example.com", "postmaster@acme.example", "bounces@acme.example", "rat@bücher.example", "", "@", "help", "help@",
    "@support.example.com", "anna@acme.example", "h" * 2000 + "@support.example.com",
)  # fmt: skip


@pytest.mark.parametrize("pattern", EVERY)
@pytest.mark.parametrize("address", [*OURS, *THEIRS])
def test_an_address_is_ours_in_each_of_its_shapes_and_no_other_one_is(address: str, pattern: str) -> None:
    ours = our_addresses(DOMAIN, pattern, DESKS)
    assert ours.is_ours(address) is (pattern in OURS.get(address, ()))


def test_a_door_accepts_of_a_reply_domain_what_can_be_a_token_alone() -> None:
    """A mistyped address there is refused at once, and its author hears of it; a letter there would still come back to us."""
    ours = our_addresses(DOMAIN, OWN_DOMAIN, DESKS)
    assert ours.takes_mail_for(f"{TOKEN}@reply.example.com") and not ours.takes_mail_for("anna.somebody@reply.example.com")


def test_mail_of_other_hosts_postmasters_is_no_loop_of_ours() -> None:
    ours = our_addresses(DOMAIN, PLUS, DESKS)
    assert ours.is_own_author("help+x@support.example.com") and not ours.is_own_author("postmaster@support.example.com")


@pytest.mark.parametrize("address", [address for address, patterns in OURS.items() if PLUS in patterns and '"' not in address])
def test_nobody_is_answered_at_an_address_of_ours(address: str) -> None:
    """Neither the author, nor the person in the Reply-To of a robot, nor a robot of ours."""
    ours = our_addresses(DOMAIN, PLUS, DESKS)
    for author, other in ((address, ""), ("no-reply@shop.example", address), (address, address)):
        mail = read(f"From: {author}\nReply-To: {other}\nSubject: x\n\nText\n".encode()).message
        found = correspondent_of(identity_by_word(author.strip("<>").lower(), "x"), mail, is_ours=ours.is_ours)
        assert not ours.is_ours(found.address)


READS_THE_POLICY = re.compile(r"\bpolicy\.addresses\b|\.support_address\(")
# What the policy says of the address that was written to, or the names of all of them: no recipient is chosen or refused by any of these.
OTHER_QUESTIONS = {
    "threading/lifecycle/context.py": 1,  # queue and plan of the address that was written to
    "threading/lifecycle/standing.py": 2,  # the same, and the first one in its place
    "threading/lifecycle/new_ticket.py": 2,  # the same, for sorting
    "threading/decisions/customer/team_letter.py": 1,  # which names another one looks like
    "threading/decisions/staff/steps/care.py": 1,  # the names of queues
    "threading/matching/gather.py": 1,  # makes the rule itself
    "gateway/node/node.py": 1,  # makes the rule for doors, which have no secret
    "gateway/people.py": 1,  # which address takes the place of one that is gone
    "gateway/demo/process.py": 1,  # where people of the demo write first
    "gateway/http/request_form/routes.py": 1,  # a mistake in the form, told at once; what is decided asks the rule
    "gateway/operator/look.py": 1,  # the names of queues
    "gateway/node/watching.py": 1,  # From of letters of the monitor
    "gateway/work/desk.py": 1,  # From of letters about no request
    "gateway/work/reply.py": 1,  # what a reply of the platform was written to
    "gateway/cli/check.py": 1,  # makes the rule, to compare it with the files of Postfix
    "gateway/cli/postfix.py": 1,  # makes the rule, to write these files
    "gateway/cli/template.py": 1,  # the look of the first one, for a preview
    "templates/appearance.py": 1,  # the look of each
}


def test_nothing_else_decides_whether_an_address_is_ours() -> None:
    """Whoever compares with the policy's addresses overlooks tokens, subaddresses and spellings: ask `ours.is_ours`."""
    rooms = [path for room in ("threading", "gateway", "store", "templates") for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {str(path.relative_to(ROOT)): READS_THE_POLICY.findall(path.read_text()) for path in rooms}
    assert {name: len(found) for name, found in lines.items() if found} == OTHER_QUESTIONS


NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OMAR, ANNA = "omar@desk.example", "anna@acme.example"
SHAPES = (  # that may stand where a command or a header names an address
    "help@support.example.com", "HELP@Support.Example.COM", "billing+x@support.example.com", f"help+{TOKEN}@support.example.com",
    f"bounces+{TOKEN}@support.example.com", "postmaster@support.example.com", "abuse@support.example.com",
)  # fmt: skip
TICKET = Ticket(
    id=7, reference="ACZ-K7Q2M9", version=3, status=Status.IN_PROGRESS, waiting_on=WaitingOn.SUPPORT, escalation_level=0, subject="Printer",
    requester=1, account="acme", plan="business", category="technical issue", severity="normal", priority="normal", queue="general",
    assignee=OMAR, support_address=SUPPORT, thread_key="key", language="en", assurance=Assurance.AUTHENTICATED, automatic_letters=True,
    resolutions=0, created_at=NOW, updated_at=NOW, event_count=3, first_response_at=NOW, lineage=Lineage(opened_by=OMAR),
    participants=(Participant(1, Role.CUSTOMER, ANNA, "Anna"), Participant(2, Role.STAFF, OMAR, "Omar")),
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(load(configured(tmp_path_factory.mktemp("desk")), {}), "test")


def context_of(desk: Desk, author: str, about: str = "", ticket: Ticket = TICKET) -> Context:
    known = Known(
        contact=Contact(author, "", None, "free"), tickets={7: ticket}, by_reference={TICKET.reference: 7},
        staff=(StaffMember("Omar Haddad", OMAR, StaffRole.SENIOR, ("general",), 0),), about=Contact(about, "", None, "free") if about else None,
    )  # fmt: skip
    return Context(desk.policy, known, NOW, Fresh(count(100), "ACZ-NEW234", "new"), desk.house.ours)


def heard(desk: Desk, author: str, text: str, cc: str = "", token: Token | None = None) -> Incoming:
    to = desk.house.reply_addresses.address("help", mint(token, desk.house.keyring)) if token else SUPPORT
    fields = f"From: <{author}>\nTo: <{to}>\n{f'Cc: <{cc}>' + chr(10) if cc else ''}Subject: x\nMessage-ID: <a@b.example>"
    raw = RawMessage("smtp", Envelope(author, (to,)), f"{fields}\n\n{text}\n".replace("\n", "\r\n").encode(), NOW, "127.0.0.1")
    return incoming_mail(raw, read(raw.content).message, desk.house, 1)


def decided(desk: Desk, incoming: Incoming, ticket: Ticket = TICKET) -> Decision:
    context = context_of(desk, incoming.author, question_of(incoming).about, ticket)
    return decide_mail(arrival_of(incoming, match_ticket(incoming, context.known), context))


def people_of(desk: Desk, decision: Decision) -> set[str]:
    """Who takes part after it, and to whom letters go, where that is the desk itself."""
    tickets = [one.ticket for one in decision.parts if one.ticket]
    part = {person.address for ticket in tickets for person in ticket.participants}
    told = {letter.to.address for one in decision.parts for letter in one.letters if not letter.limits.suppressed}
    return {address for address in part | told if desk.house.ours.is_ours(address)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("line", ["#cc {}", "#author {}", "#unsuppress {}", "#cc <{}>"])
def test_no_command_brings_the_desk_into_a_request(line: str, shape: str, desk: Desk) -> None:
    decision = decided(desk, heard(desk, OMAR, f"#on {TICKET.reference}\n{line.format(shape)}"))
    assert decision.disposition is Disposition.REFUSED and not people_of(desk, decision)


@pytest.mark.parametrize("shape", SHAPES)
def test_letters_are_not_let_go_again_to_the_desk_where_it_takes_part_from_before_there_was_this_rule(
    shape: str, desk: Desk
) -> None:
    old = replace(TICKET, participants=(*TICKET.participants, Participant(3, Role.CUSTOMER, shape.lower(), "")))
    decision = decided(desk, heard(desk, OMAR, f"#on {TICKET.reference}\n#unsuppress {shape}"), old)
    assert decision.disposition is Disposition.REFUSED and "an address of the desk itself" in decision.reason


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", ["#new {}\nHello.", FORWARDED.format(comment="").replace("carla@globex.example", "{}")])
def test_no_request_begins_for_the_desk(text: str, shape: str, desk: Desk) -> None:
    decision = decided(desk, heard(desk, OMAR, text.format(shape)))
    assert not people_of(desk, decision) and decision.disposition is not Disposition.OPENED


@pytest.mark.parametrize("shape", SHAPES)
def test_nobody_takes_part_from_an_address_of_the_desk(shape: str, desk: Desk) -> None:
    """Neither in Cc, nor as the stranger of whom a customer is asked, nor by any other step."""
    copied = decided(desk, heard(desk, ANNA, "It jams.", cc=shape))
    assert copied.disposition is Disposition.OPENED and not people_of(desk, copied)
    written = decided(desk, heard(desk, shape.lower(), "It jams.", token=Token(Purpose.REPLY, 7, 1, 3)))
    assert not people_of(desk, written) and not any(letter.notice is Notice.CONSENT_REQUEST for letter in written.letters)
    draft = Draft(context_of(desk, ANNA), TICKET, 3)
    assert all(draft.add_participant(role, shape, "", Participant(1, role, "", "").state) == draft for role in Role)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_request_of_a_robot_of_ours_has_nobody_to_answer(shape: str, desk: Desk) -> None:
    draft = begin_request(heard(desk, shape.lower(), "It jams."), context_of(desk, shape.lower()), "x", "")
    assert not any(desk.house.ours.is_ours(participant.address) for participant in draft.ticket.participants)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_platform_is_told_that_a_contact_is_the_desk_itself(shape: str, desk: Desk) -> None:
    row = incoming_reply(
        account="acme",
        contact_address=shape,
        thread_key=None,
        text="It jams.",
        attachments=(),
        at=NOW,
        support_address=SUPPORT,
        language="en",
    )
    context = context_of(desk, row.author)
    decision = decide_platform(arrival_of(row, match_ticket(row, context.known), context))
    assert decision.disposition is Disposition.REFUSED and "an address of the desk itself" in decision.reason


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_letter_goes_to_the_desk_whoever_wrote_it(shape: str, automatic: bool, desk: Desk) -> None:
    """To one who takes part from before there was this rule; and never instead of an address that failed."""
    person = Participant(3, Role.CUSTOMER, shape.lower(), "")
    old = replace(TICKET, participants=(*TICKET.participants, person))
    draft = Draft(context_of(desk, ANNA, ticket=old), old, 3).notify(
        person, Notice.ANSWER, CustomerFacts(account=None), automatic=automatic
    )
    assert [letter.limits.suppressed for letter in draft.letters] == [f"{person.address} is the desk's own"]
    other = Contact(shape.lower(), "", "acme", "business")
    letter = SentLetter(
        1, 7, 1, ANNA, "answer", False, "m@x.example", NOW, automatic=automatic, words="Hello.", namesakes=(other,)
    )
    failed = record_failure(Draft(context_of(desk, ANNA), TICKET, 3), letter, "5.1.1", "")
    assert not any(desk.house.ours.is_ours(one.to.address) for one in failed.letters)
