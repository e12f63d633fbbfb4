"""A mail comes once more by a list or a filter, changed on its way: it has had its effect; what says more is kept and moves nothing."""

import base64

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

STRANGE = "203.0.113.9"
WORDS = "The printer jams on page two."
FOOTERS = {
    "a list's footer": f"{WORDS}\n_______________________________________________\nOffice mailing list\nhttps://lists.acme.example/office\n",
    "a list's footer below dashes": f"{WORDS}\n--\nOffice list of Acme\n",
    "a filter's banner": f"[EXTERNAL] Caution: this mail comes from outside of Acme.\n\n{WORDS}\n",
    "a filter's footer": f"{WORDS}\n\nThis message was scanned for viruses. It is confidential.\n",
    "other line ends": WORDS.replace(" ", "\n"),
}


def comes(person: Person, text: str, fields: str = "", peer: str = "127.0.0.1", subject: str = "Printer") -> None:
    head = f"From: {person.address}\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nMessage-ID: <1@acme.example>\r\n{fields}\r\n"
    person.desk.deliver(person.address, [SUPPORT], head.encode() + text.replace("\n", "\r\n").encode(), peer)
    person.desk.settle()


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    anna = desk.person("anna@acme.example")
    comes(anna, WORDS)
    return anna


@pytest.mark.parametrize("text", FOOTERS.values(), ids=FOOTERS)
def test_a_footer_or_a_banner_is_nobodys_words(desk: StoryDesk, anna: Person, text: str) -> None:
    comes(anna, text, "List-Id: <office.acme.example>\r\n")
    assert [mail.state for mail in desk.mails()].count(Disposition.DISCARDED) == 1
    assert [message.text for message in desk.history().messages] == [WORDS]


def test_another_transfer_encoding_is_no_other_mail(desk: StoryDesk, anna: Person) -> None:
    comes(anna, base64.b64encode(WORDS.encode()).decode() + "\n", "Content-Transfer-Encoding: base64\r\n")
    assert (len(desk.tickets()), len(desk.history().messages)) == (1, 1)


def test_a_copy_that_says_more_is_shown_and_moves_nothing(desk: StoryDesk, anna: Person) -> None:
    omar = desk.person("omar@desk.example")
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    comes(anna, f"{WORDS} And now it burns.")
    assert (len(desk.tickets()), desk.ticket().status) == (1, Status.RESOLVED)
    assert "And now it burns." in omar.letter(Notice.CUSTOMER_REPLY).text
    assert not any("burns" in row.body_text for row in desk.inbox())


def test_other_words_under_the_same_id_are_another_mail(desk: StoryDesk, anna: Person) -> None:
    comes(anna, "The scanner does not answer at all.")
    assert len(desk.tickets()) == 2


def test_a_forged_copy_that_comes_first_suppresses_nothing(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    comes(anna, "The printer jams", peer=STRANGE)
    comes(anna, f"The printer jams\n____\nhttps://acme.example {WORDS}")
    assert any(WORDS in message.text for place in range(len(desk.tickets())) for message in desk.history(place + 1).messages)
    assert Disposition.DISCARDED not in [mail.state for mail in desk.mails()]


@pytest.mark.parametrize("kind", ["attached", "rewritten link"])
def test_our_letter_is_a_clue_where_it_is_attached_or_its_links_are_rewritten(desk: StoryDesk, kind: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", WORDS)
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    letter = anna.letter(Notice.RESOLUTION)
    if kind == "attached":
        body = (
            (
                b'Content-Type: multipart/mixed; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThis letter is wrong.\r\n'
                b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
            )
            + letter.message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            + b"\r\n--b--\r\n"
        )
    else:
        token = letter.header("Reply-To").rpartition("<")[2].rstrip(">").partition("@")[0].partition("+")[2]
        link = f"https://safe.example/?url=mailto%3Ahelp%2B{token}%40support.example.com&data=05"
        body = f"\r\nThis letter is wrong.\r\n\r\nOn Monday, Accoraze Support wrote:\r\n> Is it solved?\r\n> {link}\r\n".encode()
    head = f"From: {anna.address}\r\nTo: {SUPPORT}\r\nSubject: Wrong\r\nMessage-ID: <9@acme.example>\r\n".encode()
    anna.mail(head + body, [SUPPORT])
    assert len(desk.tickets()) == 1
    assert desk.ticket().status is Status.IN_PROGRESS


def test_every_letter_names_its_request_at_its_boundary(desk: StoryDesk) -> None:
    """A client that answers without ids, to the plain support address, and without the subject still quotes the letter."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", WORDS)
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    quoted = "\n".join(f"> {line}" for line in anna.letter(Notice.ANSWER).text.replace(desk.ticket().reference, "").splitlines())
    anna.writes("", f"It still jams.\n\nOn Monday, Accoraze Support wrote:\n{quoted}\n")
    assert [message.text for message in desk.history().messages] == [WORDS, "Open flap B.", "It still jams."]
    assert all("mailto:" not in row.body_text for row in desk.inbox("acme") if row.notice == Notice.ANSWER)


@pytest.mark.parametrize(("reported", "tickets"), [("1@acme.example", 1), ("2@acme.example", 2)])
def test_a_journals_report_of_a_mail_that_the_desk_has_is_a_copy(
    desk: StoryDesk, anna: Person, reported: str, tickets: int
) -> None:
    head = f"From: journal@acme.example\r\nTo: {SUPPORT}\r\nSubject: Printer\r\nMessage-ID: <j@acme.example>\r\nX-MS-Journal-Report:\r\n\r\n"
    body = f"Sender: {anna.address}\r\nSubject: Printer\r\nMessage-Id: <{reported}>\r\nRecipient: {SUPPORT}\r\n"
    anna.mail((head + body).encode(), [SUPPORT])
    assert len(desk.tickets()) == tickets


def test_answers_between_the_lines_that_come_once_more_have_had_their_effect(desk: StoryDesk, anna: Person) -> None:
    """The words of the mail itself are among those of the ticket when its copy is read, and are no quote of it."""
    omar = desk.person("omar@desk.example")
    omar.replies(Notice.NEW_TICKET, "Hello,\n\nis the lamp at the back green?\n\nWhich number is on the label?")
    letter = anna.letter(Notice.ANSWER)
    inside = letter.text.replace("green?", "green?\nIt is red since Monday.").replace("label?", "label?\nThe number 88-1204.")
    head = f"From: Acme Support <{SUPPORT}>\nSent: Monday, 23 November 2026 10:00\nTo: Anna\nSubject: Printer\n\n"
    to = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    for footer in (
        "",
        "\n_______________________________________________\nOffice mailing list\nhttps://lists.acme.example/office\n",
    ):
        mail = f"From: {anna.address}\nTo: {to}\nSubject: Re: Printer\nMessage-ID: <2@acme.example>\n\nSee below.\n\n{head}{inside}{footer}"
        anna.mail(mail.replace("\r\n", "\n").replace("\n", "\r\n").encode(), [to])
    said = [message.text for message in desk.history().messages if message.author == anna.address]
    assert len(said) == 2 and "It is red since Monday." in said[1] and "88-1204" in said[1]
