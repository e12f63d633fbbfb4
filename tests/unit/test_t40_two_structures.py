"""A mail whose parts two programs may see differently is read, and staff are told that something may be hidden."""

import pytest
from support.desk.story import SUPPORT, StoryDesk
from support.mails.mails import mail

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import AMBIGUOUS

FILE = "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n"
BODY = f"--one\r\nContent-Type: text/plain\r\n\r\nHello\r\n--one--\r\n--two\r\n{FILE}--two--\r\n"
WAYS = [
    "Content-Type: multipart/mixed; boundary=one\r\nContent-Type: multipart/mixed; boundary=two",
    "Content-Type: multipart/mixed; boundary=one; boundary=two",
    "Content-Type: multipart/mixed; boundary=one; Boundary*=us-ascii''two",
    "Content-Type: multipart/mixed; boundary=one\r\nContent-Type : text/plain",
    "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit",
]


def content(structure: str) -> bytes:
    head = (
        f"From: anna@acme.example\r\nTo: {SUPPORT}\r\nSubject: Printer\r\nMessage-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n"
    )
    return f"{head}{structure}\r\n\r\n{BODY}".encode()


@pytest.mark.parametrize("structure", WAYS)
def test_it_is_noticed(structure: str) -> None:
    assert AMBIGUOUS in read(content(structure)).message.defects


def test_it_is_noticed_within_a_part() -> None:
    nested = f"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n{WAYS[0]}\r\n\r\n{BODY}--x--\r\n"
    assert AMBIGUOUS in read(b"From: a@b.example\r\n" + nested.encode()).message.defects


@pytest.mark.parametrize(
    "structure",
    [
        "Content-Type: multipart/mixed; boundary=one",
        "Content-Type: multipart/mixed; boundary*0=o; boundary*1=ne",
        "X: boundary=a; boundary=b",
    ],
)
def test_honest_mail_is_not_called_so(structure: str) -> None:
    assert AMBIGUOUS not in read(content(structure)).message.defects
    assert AMBIGUOUS not in read(mail("Hello")).message.defects


def test_staff_are_told(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.mail(content(WAYS[0]), [SUPPORT])
    assert "can be read in two ways" in omar.letter(Notice.NEW_TICKET).text
