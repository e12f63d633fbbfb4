"""A rule of a mailbox forwards everything to the desk: the mailbox is not the customer, and our letters that it sends back are nobody's."""

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

OLE, BRAND = "ole@home.example", "help@oldbrand.example"
RULE = "________________________________\n"
BLOCK = "From: {author}\nSent: Monday, 23 November 2026 09:12\nTo: Old Brand Help <help@oldbrand.example>\nSubject: {subject}\n\n{text}"
WORDS = "Where is my order 55?\n\nOle\n"
MARKS = {"exchange": {"X-MS-Exchange-Inbox-Rules-Loop": BRAND}, "rfc 3834": {"Auto-Submitted": "auto-generated"}}


def forwards(brand: Person, text: str, subject: str = "My order", author: str = f"Ole Rask <{OLE}>", **options: object) -> str:
    return brand.writes(f"FW: {subject}", RULE + BLOCK.format(author=author, subject=subject, text=text), SUPPORT, **options)


@pytest.mark.parametrize("mark", MARKS)
def test_whoever_wrote_the_mail_is_answered_where_a_rule_forwards_it(desk: StoryDesk, mark: str) -> None:
    brand, omar = desk.person(BRAND), desk.person("omar@desk.example")
    forwards(brand, WORDS, headers=MARKS[mark])
    assert desk.ticket().participants[0].address == OLE
    assert f"{BRAND} forwards mail by a rule, and {OLE} wrote this" in omar.letter(Notice.NEW_TICKET).text
    assert not [row for row in desk.inbox() if row.direction == "customer"]
    omar.replies(Notice.NEW_TICKET, "It left on Friday.")
    assert desk.notices_to(desk.person(OLE))[-1] == Notice.ANSWER
    assert Notice.ANSWER not in desk.notices_to(brand)


def test_without_marks_staff_see_who_wrote_it_and_can_answer_them(desk: StoryDesk) -> None:
    brand, omar = desk.person(BRAND), desk.person("omar@desk.example")
    forwards(brand, WORDS)
    assert desk.ticket().participants[0].address == BRAND
    letter = omar.letter(Notice.NEW_TICKET).text
    assert f"From: Ole Rask <{OLE}>" in letter and f"#author {OLE}" in letter
    omar.replies(Notice.NEW_TICKET, f"#author {OLE}")
    assert desk.ticket().participants[desk.ticket().requester - 1].address == OLE


def test_a_forward_with_words_is_its_senders_own_request(desk: StoryDesk) -> None:
    brand, omar = desk.person(BRAND), desk.person("omar@desk.example")
    brand.writes(
        "FW: My order", "Can you tell him?\n\n" + RULE + BLOCK.format(author=f"Ole <{OLE}>", subject="My order", text=WORDS)
    )
    assert desk.ticket().participants[0].address == BRAND
    assert f"#author {OLE} makes that the customer." in omar.letter(Notice.NEW_TICKET).text


@pytest.mark.parametrize("notice", [Notice.CONFIRMATION, Notice.RESOLUTION])
def test_our_letter_that_the_rule_sends_back_moves_nothing(desk: StoryDesk, notice: Notice) -> None:
    brand, omar = desk.person(BRAND), desk.person("omar@desk.example")
    forwards(brand, WORDS)
    omar.replies(Notice.NEW_TICKET, "#resolve\nDone.")
    letter = brand.letter(notice)
    message_id = forwards(brand, letter.text, letter.header("Subject"), f"Accoraze Support <{SUPPORT}>")
    assert desk.why(message_id).state is Disposition.DISCARDED
    assert (desk.ticket().status, len(desk.tickets())) == (Status.RESOLVED, 1)


@pytest.mark.parametrize(
    ("author", "text"),
    [(f"Accoraze Support <{SUPPORT}>", "You said that it works. It does not."), (f"Ole Rask <{OLE}>", WORDS)],
)
def test_words_that_are_not_our_letter_are_heard(desk: StoryDesk, author: str, text: str) -> None:
    brand = desk.person(BRAND)
    message_id = forwards(brand, text, author=author)
    assert desk.why(message_id).state is Disposition.OPENED
