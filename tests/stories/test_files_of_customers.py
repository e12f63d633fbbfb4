"""What comes as a file, or as nothing but a file, reaches the people it was meant for."""

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

HEAD = "From: {author}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}@client.example>\r\nMIME-Version: 1.0\r\n"
INVOICE = (
    "--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\nFrom: Lea Kurz <lea@shop.example>\r\n"
    "To: omar@desk.example\r\nSubject: Invoice for March\r\n\r\nInvoice 4711 came twice.\r\n--b--\r\n"
)
WORDS = "--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
MIXED = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
ENCRYPTED = (
    "Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    "--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nhQEMA\r\n--b--\r\n"
)


def sends(person: Person, subject: str, rest: str, number: int = 1) -> None:
    head = HEAD.format(author=f"{person.name} <{person.address}>", to=SUPPORT, subject=subject, number=number)
    person.mail((head + rest).encode(), [SUPPORT])


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna")


def to_team(desk: StoryDesk, place: int = 1) -> Person:
    return desk.person(str(desk.ticket(place).assignee))


def test_staff_forward_a_mail_as_a_file_and_its_author_has_a_request(desk: StoryDesk, omar: Person) -> None:
    lea = desk.person("lea@shop.example", "Lea Kurz")
    sends(omar, "WG: Invoice for March", MIXED + WORDS.format(words="Came to my own address.") + INVOICE)
    ticket = desk.ticket()
    assert (ticket.subject, ticket.participant(ticket.requester).address) == ("Invoice for March", lea.address)  # type: ignore[union-attr]
    history = desk.history()
    assert [(message.author, message.text) for message in history.messages] == [(lea.address, "Invoice 4711 came twice.")]
    assert [note.text for note in history.notes] == ["Came to my own address."]
    assert "own address" not in lea.letter(Notice.CONFIRMATION).text
    assert ticket.reference in omar.letter(Notice.RECEIPT).text


def test_beside_new_an_attached_mail_is_a_file_for_the_customer(desk: StoryDesk, omar: Person, anna: Person) -> None:
    sends(omar, "Invoice", MIXED + WORDS.format(words="#new anna@acme.example\r\nHere is what the shop wrote.") + INVOICE)
    answer = anna.letter(Notice.ANSWER)
    assert "Here is what the shop wrote." in answer.text
    assert list(answer.files) == ["Invoice for March.eml"]


def test_a_customer_s_mail_that_holds_nothing_but_a_mail_shows_its_beginning(desk: StoryDesk, anna: Person) -> None:
    sends(anna, "Fwd", MIXED + INVOICE)
    letter = to_team(desk).letter(Notice.NEW_TICKET)
    for line in ("From: Lea Kurz <lea@shop.example>", "Subject: Invoice for March", "Invoice 4711 came twice."):
        assert line in letter.text
    assert list(letter.files) == ["Invoice for March.eml"]
    assert "Invoice for March.eml" in anna.letter(Notice.CONFIRMATION).text


def test_beside_words_an_attached_mail_is_a_file(desk: StoryDesk, anna: Person) -> None:
    sends(anna, "Invoice", MIXED + WORDS.format(words="See what they wrote.") + INVOICE)
    letter = to_team(desk).letter(Notice.NEW_TICKET)
    assert "Attachments: Invoice for March.eml" in letter.text
    assert "4711" not in letter.text


def test_an_encrypted_mail_says_so_to_staff_and_to_its_author(desk: StoryDesk, anna: Person) -> None:
    sends(anna, "Secret", ENCRYPTED)
    letter = to_team(desk).letter(Notice.NEW_TICKET)
    assert "Warning: This mail is encrypted (PGP), so the desk could not read it." in letter.text
    assert list(letter.files) == ["encrypted.asc"]
    confirmation = anna.letter(Notice.CONFIRMATION)
    assert "Your message is encrypted, so we can’t read it." in confirmation.text
    assert "Your message is encrypted, so we can’t read it." in confirmation.html


@pytest.mark.parametrize(
    "part",
    [
        'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Disposition: attachment; filename="smime.p7s"\r\n\r\n0',
        'Content-Type: application/pgp-signature; name="signature.asc"\r\n\r\n-----BEGIN PGP SIGNATURE-----',
        'Content-Type: text/vcard; name="Anna.vcf"\r\nContent-Disposition: attachment\r\n\r\nBEGIN:VCARD\r\nFN:Anna\r\nEND:VCARD',
    ],
    ids=["S/MIME", "PGP", "card"],
)
def test_thanks_with_a_part_of_a_program_close_the_ticket_and_the_part_is_named(desk: StoryDesk, anna: Person, part: str) -> None:
    sends(anna, "Printer", MIXED + WORDS.format(words="It jams.") + f"--b\r\n{part}\r\n--b--\r\n")
    assert "made by a program" in to_team(desk).letter(Notice.NEW_TICKET).text
    assert to_team(desk).letter(Notice.NEW_TICKET).files == {}
    assert ".p7s" not in anna.letter(Notice.CONFIRMATION).text
    to_team(desk).replies(Notice.NEW_TICKET, "#resolve\nThe cable was loose.")
    answer = anna.letter(Notice.RESOLUTION)
    references = f"In-Reply-To: {answer.header('Message-ID')}\r\n"
    thanks = WORDS.format(words="Thank you very much!") + f"--b\r\n{part}\r\n--b--\r\n"
    head = HEAD.format(author="Anna <anna@acme.example>", to=answer.header("Reply-To"), subject="Re: Printer", number=2)
    anna.mail((head + references + MIXED + thanks).encode(), [answer.header("Reply-To").strip("<>").rpartition("<")[2]])
    assert desk.ticket().status is Status.CLOSED
