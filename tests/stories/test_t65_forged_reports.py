"""A report counts from the null path, at the return address of its letter or with the letter's own Message-ID; any other stops no letter."""

import pytest
from sqlalchemy import select
from support.desk.story import SUPPORT, StoryDesk
from support.mails.reports import DAEMON, letters_to, report, returns

from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import suppression
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.model.notice import Notice

VICTIM = "anna@acme.example"


def stopped(desk: StoryDesk) -> list[str]:
    with desk.database.reading() as connection:
        return list(connection.execute(select(suppression.c.address)).scalars())


def test_no_forgery_stops_a_letter(desk: StoryDesk) -> None:
    anna, omar, eve = desk.person(VICTIM), desk.person("omar@desk.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    eve.writes("Printer", "Mine too.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    hers, his = letters_to(desk, anna)[0], letters_to(desk, eve)[0]
    false = hers.reverse_path.replace("+", "+x", 1) if "+" in hers.reverse_path else "bounces+x@support.example.com"
    forgeries = [
        (SUPPORT, eve.address, report(SUPPORT, VICTIM, returned_id=hers.message_id)),
        (
            SUPPORT,
            "",
            report(SUPPORT, VICTIM, returned_id=his.message_id.partition(".")[0] + "." + hers.message_id.partition(".")[2]),
        ),
        (SUPPORT, "", report(SUPPORT, VICTIM, envelope_id=str(hers.id))),
        (his.reverse_path, "", report(his.reverse_path, VICTIM)),
        (his.reverse_path, "", report(his.reverse_path, VICTIM, returned_id=hers.message_id)),
        (his.reverse_path, "", report(his.reverse_path, VICTIM, envelope_id=str(hers.id))),
        (hers.reverse_path, eve.address, report(hers.reverse_path, VICTIM)),
        (hers.reverse_path, "", report(hers.reverse_path, VICTIM, status="4.2.1", action="delayed")),
        (false, "", report(false, VICTIM)),
    ]
    for to, reverse_path, content in forgeries:
        desk.person(DAEMON).mail(content, [to], reverse_path)
    assert VICTIM not in stopped(desk)


@pytest.mark.parametrize("status", ["5.1.1"])
def test_the_true_one_does(desk: StoryDesk, status: str) -> None:
    anna = desk.person(VICTIM)
    anna.writes("Printer", "It jams.")
    returns(desk, letters_to(desk, anna)[0], status=status)
    assert stopped(desk) == [VICTIM]


@pytest.mark.parametrize(("path", "counts"), [("<>", True), ("<max@evil.example>", False)])
def test_a_report_from_a_mailbox_counts_where_its_server_says_that_it_has_the_null_path(
    desk: StoryDesk, path: str, counts: bool
) -> None:
    anna = desk.person(VICTIM)
    anna.writes("Printer", "It jams.")
    content = report(SUPPORT, VICTIM, returned_id=letters_to(desk, anna)[0].message_id)
    raw = RawMessage("imap", None, f"Return-Path: {path}\n".encode() + content, desk.now)
    store_raw(desk.database, desk.node.blobs, 1_000_000, [raw], desk.now)
    desk.settle()
    assert stopped(desk) == ([VICTIM] if counts else [])
