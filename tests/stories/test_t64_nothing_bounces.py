"""What cannot be taken is refused while its sender listens; nothing that was taken ever comes back to an address that nobody proved."""

import smtplib

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.gateway.work import settle
from helpdesk.gateway.work.kind import TRIES
from helpdesk.store.outbox import list_letters
from helpdesk.threading.model.mail import Disposition

ELSEWHERE = ["nobody@support.example.com", "help@elsewhere.example", "nobody+x@support.example.com", "help%x@support.example.com"]


def letters(desk: StoryDesk) -> list[str]:
    with desk.database.reading() as connection:
        return [letter.to for letter in list_letters(connection, limit=1000)]


def test_an_unknown_recipient_is_refused_in_the_session(wire: StoryDesk) -> None:
    anna = wire.person("anna@acme.example")
    for to in ELSEWHERE:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            anna.writes("Printer", "It jams.", to=to)
        assert [reply for reply, _ in caught.value.recipients.values()] == [550]
    assert wire.mails() == [] and letters(wire) == []


def test_a_mail_that_is_set_aside_is_told_to_no_author(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(settle, "decide", faulty)
    head = f"From: victim@other.example\r\nTo: {SUPPORT}\r\nSubject: x\r\nMessage-ID: <1@other.example>\r\n"
    desk.deliver("victim@other.example", [SUPPORT], f"{head}\r\nIt jams.\r\n".encode(), "203.0.113.9")
    for _ in range(TRIES + 1):
        desk.passes(minutes=2)
    assert desk.mails()[0].state is Disposition.QUARANTINED
    assert letters(desk) == []
