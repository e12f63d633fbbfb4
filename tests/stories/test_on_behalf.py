"""Staff begin a request for a customer: they forward a mail that came to themselves, or they write first."""

import pytest
from support.desk.story import FORWARDED, SUPPORT, Person, StoryDesk

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status

CARLA = "carla@globex.example"


@pytest.fixture
def carla(desk: StoryDesk) -> Person:
    return desk.person(CARLA, "Carla Rossi")


def forwards(omar: Person, comment: str = "Came to me by mistake.", **options: object) -> str:
    return omar.writes("Fwd: Scanner", FORWARDED.format(comment=comment), to=SUPPORT, **options)


def test_a_forwarded_mail_is_its_authors_request_and_the_comment_a_note(desk: StoryDesk, omar: Person, carla: Person) -> None:
    forwards(omar)
    ticket = desk.ticket()
    requester = ticket.participant(ticket.requester)
    assert requester is not None
    assert (requester.address, requester.name, requester.role) == (CARLA, "Carla Rossi", Role.CUSTOMER)
    assert (ticket.subject, ticket.account, ticket.plan, ticket.assurance) == (
        "Scanner",
        "globex",
        "starter",
        Assurance.UNVERIFIED,
    )
    history = desk.history()
    assert [(message.author, message.text) for message in history.messages] == [(CARLA, "My scanner blinks red.")]
    assert [note.text for note in history.notes] == ["Came to me by mistake."]
    confirmation = carla.letter(Notice.CONFIRMATION).message.as_string()
    assert "blinks" not in confirmation
    assert "mistake" not in confirmation
    assert ticket.reference in omar.letter(Notice.RECEIPT).text


def test_the_customer_answers_and_the_conversation_goes_on(desk: StoryDesk, omar: Person, carla: Person) -> None:
    forwards(omar, "#take")
    carla.replies(Notice.CONFIRMATION, "It still blinks.")
    omar.replies(Notice.CUSTOMER_REPLY, "Hold the button.")
    assert "Hold the button." in carla.letter(Notice.ANSWER).text
    assert len(desk.tickets()) == 1


def test_commands_above_the_forwarded_mail_count(desk: StoryDesk, omar: Person, carla: Person) -> None:
    forwards(omar, "#priority high\n#assign bela\nShe is a good customer.")
    assert (desk.ticket().priority, desk.ticket().assignee) == ("high", "bela@desk.example")
    assert [note.text for note in desk.history().notes] == ["She is a good customer."]


def test_commands_within_the_forwarded_mail_are_hers(desk: StoryDesk, omar: Person) -> None:
    text = FORWARDED.format(comment="fyi").replace("My scanner blinks red.", "#priority critical\nMy scanner blinks red.\n#spam")
    omar.writes("Fwd: Scanner", text, to=SUPPORT)
    assert (desk.ticket().priority, desk.ticket().status) == ("normal", Status.IN_REVIEW)


def test_the_author_is_corrected_by_one_word(desk: StoryDesk, omar: Person) -> None:
    paul = desk.person("paul@acme.example")
    forwards(omar)
    omar.replies(Notice.RECEIPT, "#author paul@acme.example")
    requester = desk.ticket().participant(desk.ticket().requester)
    assert requester is not None
    assert (requester.address, desk.ticket().account, desk.ticket().plan) == ("paul@acme.example", "acme", "business")
    assert Notice.CONFIRMATION in desk.notices_to(paul)
    paul.replies(Notice.CONFIRMATION, "Thanks, it is mine.")
    message_id = omar.replies(Notice.RECEIPT, f"#author {CARLA}")
    assert desk.why(message_id).state is Disposition.REFUSED


def test_an_unproved_forward_opens_nothing(desk: StoryDesk, omar: Person, carla: Person) -> None:
    message_id = forwards(omar, peer="203.0.113.9")
    assert desk.why(message_id).state is Disposition.HELD
    assert desk.tickets() == []
    omar.replies(Notice.HELD, "#send", peer="203.0.113.9")
    assert desk.why(message_id).state is Disposition.OPENED
    assert Notice.CONFIRMATION in desk.notices_to(carla)


def test_staff_write_first(desk: StoryDesk, omar: Person, carla: Person) -> None:
    omar.writes("Your new scanner", f"#new {CARLA}\n#take\n#priority high\nIt arrives on Friday.", to=SUPPORT)
    letter = carla.letter(Notice.ANSWER)
    assert "It arrives on Friday." in letter.text
    assert "Your new scanner" in letter.header("Subject")
    assert (desk.ticket().status, desk.ticket().priority, desk.ticket().assignee) == (Status.IN_PROGRESS, "high", omar.address)
    carla.replies(Notice.ANSWER, "Wonderful, but I moved.")
    assert desk.ticket().account == "globex"
    assert len(desk.history().messages) == 2


@pytest.mark.parametrize(
    "text", ["#new nobody\nHello", "#new omar@desk.example\nHello", f"#new {SUPPORT}\nHello", f"#new {CARLA}",
             f"#new {CARLA}\n#frobnicate\nHello", f"#new {CARLA}\nHello\n#on ACZ-ZZZZZZ\n#take"])  # fmt: skip
def test_what_cannot_begin_is_refused(desk: StoryDesk, omar: Person, text: str) -> None:
    message_id = omar.writes("Scanner", text, to=SUPPORT)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert desk.tickets() == []
    assert "Nothing of this mail was carried out." in omar.letter(Notice.RECEIPT).text


@pytest.mark.parametrize(
    "text", [f"#new {CARLA}\nHello Carla.", f"#take\n#new {CARLA}\nHello Carla.", f"Hello Carla.\n#new {CARLA}"]
)
@pytest.mark.parametrize("notice", [Notice.NEW_TICKET, Notice.RECEIPT])
def test_words_for_one_customer_do_not_reach_the_one_whose_letter_is_answered(
    desk: StoryDesk, omar: Person, carla: Person, text: str, notice: Notice
) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    omar.writes("Printer", f"#on {desk.ticket().reference}\n#take", to=SUPPORT)
    message_id = omar.replies(notice, text)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert "a new request begins with a new mail to a support address" in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert not [row for row in desk.inbox("acme") if "Hello Carla" in row.body_text]


def test_a_customer_cannot_begin_for_another(desk: StoryDesk, carla: Person) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Fwd: Scanner", FORWARDED.format(comment=f"#new {CARLA}"), to=SUPPORT)
    requester = desk.ticket().participant(desk.ticket().requester)
    assert requester is not None
    assert requester.address == anna.address
    assert desk.notices_to(carla) == []


SAID = "The scanner in room 4 blinks red since this morning, and nothing helps."


def forward_of(text: str, comment: str) -> str:
    return FORWARDED.format(comment=comment).replace("My scanner blinks red.", text)


def test_a_forward_of_a_mail_that_the_desk_has_is_a_note_there(desk: StoryDesk, omar: Person, carla: Person) -> None:
    carla.writes("Scanner", SAID)
    omar.writes("Fwd: Scanner", forward_of(SAID, "#priority high\nShe called me too."), to=SUPPORT)
    assert len(desk.tickets()) == 1
    assert [note.text for note in desk.history().notes] == ["She called me too."]
    assert desk.ticket().priority == "high"
    assert "The desk has this mail already" in omar.letter(Notice.RECEIPT).text
    omar.writes("Fwd: Scanner", forward_of(SAID, ""), to=SUPPORT)
    assert len(desk.tickets()) == 1
    assert len(desk.notices_to(carla)) == 1
    omar.writes("Fwd: Scanner", forward_of("The scanner works, and now the printer in room 9 jams.", "Another one."), to=SUPPORT)
    assert len(desk.tickets()) == 2


def test_an_attached_mail_is_known_by_its_id(desk: StoryDesk, omar: Person, carla: Person) -> None:
    message_id = carla.writes("Scanner", SAID)
    inner = f"From: Carla Rossi <{CARLA}>\r\nTo: omar@desk.example\r\nSubject: Scanner\r\nMessage-ID: <{message_id}>\r\n\r\nBlinks.\r\n"
    for number, attached in enumerate((inner, inner.replace(message_id, "another@globex.example"))):
        omar.mail(
            (
                f"From: {omar.address}\r\nTo: {SUPPORT}\r\nSubject: Fwd: Scanner\r\nMessage-ID: <f{number}@desk.example>\r\nMIME-Version: 1.0\r\n"
                'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease look.\r\n'
                f"--b\r\nContent-Type: message/rfc822\r\n\r\n{inner if attached is inner else attached}\r\n--b--\r\n"
            ).encode(),
            [SUPPORT],
        )
        assert len(desk.tickets()) == number + 1
    assert "Please look." in [note.text for note in desk.history(1).notes]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("It arrives on Friday.\n\n> Where is it?\n> It is for Rome.", "> Where is it?\n> It is for Rome."),
        (
            "It arrives on Friday.\n\nOn Mon, 23 Nov 2026 at 08:12, Carla Rossi <carla@globex.example> wrote:\n> Where is it?",
            "On Mon, 23 Nov 2026 at 08:12, Carla Rossi <carla@globex.example> wrote:\n> Where is it?",
        ),
        ("#note\nShe called.\n\n> Where is it?", "She called.\n\n> Where is it?"),
    ],
)
def test_what_staff_quote_below_new_is_a_note_and_reaches_no_customer(
    desk: StoryDesk, omar: Person, carla: Person, text: str, note: str
) -> None:
    omar.writes("Scanner", f"#new {CARLA}\n{text}", to=SUPPORT)
    assert [kept.text for kept in desk.history().notes] == [note]
    assert "What you quote below your text is kept as a note." in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert not any("Where is it?" in letter.text for letter in carla.letters())
    assert Notice.ANSWER in desk.notices_to(carla) or "#note" in text


def test_a_forward_from_an_address_that_nobody_knows_offers_the_author_of_what_it_passes_on(
    desk: StoryDesk, omar: Person, carla: Person
) -> None:
    offer = "forwards a mail of carla@globex.example; #author carla@globex.example makes that the customer."
    desk.person("omar.haddad@gmail.example").writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    assert offer in " ".join(omar.letter(Notice.NEW_TICKET).text.split())
    omar.replies(Notice.NEW_TICKET, f"#author {CARLA}")
    assert Notice.CONFIRMATION in desk.notices_to(carla)
    desk.person("anna@acme.example").writes("Fwd: Scanner", FORWARDED.format(comment="Is this true?"), to=SUPPORT)
    assert offer not in " ".join(omar.letter(Notice.NEW_TICKET).text.split()), "customers pass on what others wrote to them"
