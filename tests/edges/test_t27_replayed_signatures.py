"""A mail that somebody really signed, brought again by somebody else: it has had its effect, and has no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.origin_desk import COLLEAGUE, OMAR, OriginDesk, letter, origin_desk

from helpdesk.gateway.reader import Reader
from helpdesk.store.quarantine import replay
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

AUTHOR = f"From: Omar Haddad <{OMAR}>"


@pytest.fixture
def stage(tmp_path: Path, reader: Reader) -> Iterator[OriginDesk]:
    with origin_desk(tmp_path, reader) as made:
        made.desk.person("anna@acme.example").writes("Printer", "It jams.")
        yield made


def test_the_same_bytes_three_times_have_one_effect(stage: OriginDesk) -> None:
    token = stage.token_of_omar()
    signed = COLLEAGUE.sign(letter(AUTHOR, token, "#resolve\nCleaned.", stage.desk.now))
    for number in range(3):
        stage.arrives(signed, token, f"x{number}@evil.example")
    anna = stage.desk.person("anna@acme.example")
    assert stage.desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.RESOLUTION]
    anna.replies(Notice.RESOLUTION, "It jams again.")
    stage.arrives(signed, token, "x@evil.example")
    assert stage.desk.ticket().status is Status.IN_PROGRESS


def test_a_copy_to_another_ticket_has_no_effect(stage: OriginDesk) -> None:
    """The address that it was written to is signed with it, and the two contradict each other."""
    first = stage.token_of_omar()
    stage.desk.person("carl@other.example").writes("Scanner", "It hums.")
    second = stage.token_of_omar()
    assert first != second
    signed = COLLEAGUE.sign(letter(AUTHOR, first, "#resolve\nCleaned.", stage.desk.now))
    stage.arrives(signed, second, "x@evil.example")
    assert [ticket.status for ticket in stage.desk.tickets()] == [Status.IN_REVIEW] * 2
    assert stage.desk.mails()[-1].state is Disposition.HELD


def test_a_copy_with_its_address_rewritten_has_no_effect(stage: OriginDesk) -> None:
    first = stage.token_of_omar()
    stage.desk.person("carl@other.example").writes("Scanner", "It hums.")
    second = stage.token_of_omar()
    signed = COLLEAGUE.sign(letter(AUTHOR, first, "#resolve\nCleaned.", stage.desk.now))
    stage.arrives(signed.replace(first.encode(), second.encode()), second, "x@evil.example")
    stage.arrives(f"To: <{second}>\r\n".encode() + signed, second, "x@evil.example")
    assert [ticket.status for ticket in stage.desk.tickets()] == [Status.IN_REVIEW] * 2


def test_a_signature_that_never_arrived_has_no_authority_after_a_week(stage: OriginDesk) -> None:
    token = stage.token_of_omar()
    signed = COLLEAGUE.sign(letter(AUTHOR, token, "#resolve\nCleaned.", stage.desk.now))
    stage.desk.passes(days=8)
    stage.arrives(signed, token, "x@evil.example")
    assert stage.desk.ticket().status is not Status.RESOLVED
    assert "days from its arrival" in stage.desk.person(OMAR).letter(Notice.HELD).text


def test_while_dns_is_away_nothing_is_lost_and_a_replay_asks_again(stage: OriginDesk) -> None:
    token = stage.token_of_omar()
    signed = COLLEAGUE.sign(letter(AUTHOR, token, "#resolve\nCleaned.", stage.desk.now))
    stage.zone.everything = "SERVFAIL"
    stage.arrives(signed, token, OMAR)
    held = stage.desk.mails()[-1]
    assert (held.state, stage.desk.ticket().status) == (Disposition.HELD, Status.IN_REVIEW)
    assert "DNS did not answer" in stage.desk.person(OMAR).letter(Notice.HELD).text
    stage.zone.everything = ""
    assert replay(stage.desk.database, held.id)
    stage.desk.settle()
    assert stage.desk.ticket().status is Status.RESOLVED
    settled = stage.desk.mails()[-1]
    assert settled.origin is not None
    assert not settled.origin.unsettled


def test_a_replayed_mail_keeps_the_origin_that_was_found_at_first(stage: OriginDesk) -> None:
    """Keys change; what was true when it came stays so."""
    token = stage.token_of_omar()
    forged = letter(AUTHOR, token, "#resolve\nCleaned.", stage.desk.now)
    stage.arrives(forged, token, "x@evil.example")
    held = stage.desk.mails()[-1]
    asked = len(stage.zone.asked)
    assert replay(stage.desk.database, held.id)
    stage.desk.settle()
    assert stage.desk.mails()[-1].origin == held.origin
    assert held.origin is not None
    assert stage.desk.mails()[0].origin is None  # what is assumed is not checked
    assert len(stage.zone.asked) == asked
