"""The operator sorts mail by rules, lists of senders and the verdict of a spam filter. Nothing is lost, and nobody is spoken for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.story import Person, StoryDesk, configured, direct_desk, wired_desk

from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.condition import condition_of
from helpdesk.store.listed_senders import list_sender, list_senders
from helpdesk.store.quarantine import let_in, replay_quarantined
from helpdesk.threading.model.listed_sender import ListedSender, Listing
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

ELSEWHERE = "192.0.2.7"  # a host whose mail proves nothing
RULES = """
[spam]
verdict = "quarantine"
[[rule]]
name = "shop orders"
words = ["order number ####"]
queue = "billing"
severity = "high"
tag = "shop"
fields = { "order number" = ["order number ####"] }
[[rule]]
name = "no offers"
words = ["job offer"]
refuse = true
[[rule]]
name = "no pills"
words = ["cheap pills"]
spam = true
[[rule]]
name = "bounces"
subject = ["undelivered*", "undeliverable*", "returned mail"]
ignore = true
"""
ORDER = "Where is my parcel? Order number: 4711-B."
SPAM = {"X-Spam-Flag": "YES"}


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "sorting", more=RULES), reader) as made:
        yield made


@pytest.fixture
def carla(desk: StoryDesk) -> Person:
    return desk.person("carla@globex.example")


def entries(desk: StoryDesk) -> list[ListedSender]:
    with desk.database.reading() as connection:
        return list_senders(connection)


def enter(desk: StoryDesk, sender: str, listing: Listing) -> None:
    with desk.database.writing() as connection:
        list_sender(connection, ListedSender(sender, listing, "root", desk.now))


def newest(desk: StoryDesk) -> Disposition:
    return max(desk.mails(), key=lambda mail: mail.id).state


def is_stopped_by(desk: StoryDesk) -> str | None:
    return max(desk.mails(), key=lambda mail: mail.id).stopped_by


def test_a_rule_sorts_a_request_and_everybody_sees_what_it_drew_from_the_mail(
    desk: StoryDesk, anna: Person, bela: Person
) -> None:
    anna.writes("My parcel", ORDER)
    ticket = desk.ticket()
    assert (ticket.queue, ticket.severity, ticket.labels.tags) == ("billing", "high", ("shop",))
    assert dict(ticket.labels.fields) == {"order number": "4711-B"}
    letter = bela.letter(Notice.NEW_TICKET)
    for said in ("Sorted by rules of this desk: shop orders.", "order number: 4711-B", "Tags: shop"):
        assert said in letter.text
        assert said.rpartition(": ")[2] in letter.html
    assert "order number: 4711-B" in anna.letter(Notice.CONFIRMATION).text
    assert {tuple(row.fields.items()) for row in desk.inbox("acme")} == {(("order number", "4711-B"),)}
    bela.replies(Notice.NEW_TICKET, "#why")
    assert "the rule “shop orders” of this desk" in bela.letter(Notice.RECEIPT).text
    bela.writes("Search", "#find 4711")
    assert "[order number 4711-B, shop]" in bela.letter(Notice.SEARCH_RESULT).text


def test_the_page_of_a_request_has_its_tags_and_fields_in_words(desk: StoryDesk, carla: Person) -> None:
    for subject, text, lines in (
        ("Parcel", ORDER, {"  tags: shop", "  fields: order number 4711-B"}),
        ("Printer", "It jams.", {"  tags: -", "  fields: -"}),
    ):
        carla.writes(subject, text)
        config = str(Path(desk.node.configuration.settings.database.blobs).parent / "helpdesk.toml")
        shown = CliRunner().invoke(helpdesk, ["ticket", "show", desk.tickets()[-1].reference, "--config", config])
        assert lines <= set(shown.output.splitlines()), shown.output


def test_a_mail_is_sorted_from_the_door_to_the_letter(tmp_path: Path, reader: MailReader) -> None:
    with wired_desk(configured(tmp_path / "wired", more=RULES), reader) as desk:
        anna, bela = desk.person("anna@acme.example"), desk.person("bela@desk.example")
        anna.writes("My parcel", ORDER)
        assert "Sorted by rules of this desk: shop orders." in bela.letter(Notice.NEW_TICKET).text
        anna.writes("Offer", "A job offer for all of you.")
        assert len(desk.tickets()) == 1 and newest(desk) is Disposition.REFUSED


def test_a_stranger_reads_nothing_of_what_the_mail_says(desk: StoryDesk) -> None:
    """The letter to an author whom nothing proves is fixed text, so that nobody can use the desk to send words to others."""
    eve = desk.person("victim@elsewhere.example")
    eve.writes("My parcel", ORDER, peer=ELSEWHERE)
    assert dict(desk.ticket().labels.fields) == {"order number": "4711-B"}
    assert "4711" not in eve.letter(Notice.CONFIRMATION).text + eve.letter(Notice.CONFIRMATION).html


def test_staff_read_in_their_language_that_a_rule_sorted_it(tmp_path: Path, reader: MailReader) -> None:
    config = configured(tmp_path / "german", more=RULES)
    config.write_text(config.read_text().replace('name = "Bela Kovacs"', 'name = "Bela Kovacs"\nlanguage = "de"'))
    with direct_desk(config, reader) as desk:
        desk.person("anna@acme.example").writes("My parcel", ORDER)
        text = desk.person("bela@desk.example").letter(Notice.NEW_TICKET).text
    assert "Nach Regeln dieses Desks einsortiert: shop orders." in text
    assert "Schlagwörter: shop" in text


KEPT_OUT = [
    ("A job offer for you.", {}, Disposition.REFUSED, "no offers"),
    ("Buy cheap pills.", {}, Disposition.QUARANTINED, "no pills"),
    ("Hello", SPAM, Disposition.QUARANTINED, "X-Spam-Flag"),
]


@pytest.mark.parametrize(("text", "headers", "disposition", "by"), KEPT_OUT)
def test_what_is_kept_out_is_there_and_can_be_let_in(
    desk: StoryDesk, carla: Person, text: str, headers: dict[str, str], disposition: Disposition, by: str
) -> None:
    sent = carla.writes("Hello", text, headers=headers)
    assert desk.tickets() == [] and desk.notices_to(carla) == []
    mail = desk.why(sent)
    assert (mail.state, mail.stopped_by) == (disposition, by)
    assert by in mail.decision["reason"]
    with desk.database.reading() as connection:
        assert condition_of(connection, desk.now).quarantined == 0  # it needs nobody's attention
    assert replay_quarantined(desk.database) == 0
    assert let_in(desk.database, mail.id, "root")
    desk.settle()
    assert desk.why(sent).state is Disposition.OPENED
    assert desk.why(sent).stopped_by is None
    assert Notice.CONFIRMATION in desk.notices_to(carla)
    assert not let_in(desk.database, mail.id, "root")


def test_a_reply_in_a_conversation_is_never_kept_out_by_words(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Question", "May I forward something?")
    omar.replies(Notice.NEW_TICKET, "Yes.")
    anna.replies(Notice.ANSWER, "It is a job offer for cheap pills.", headers=SPAM)
    assert newest(desk) is Disposition.THREADED


def test_mail_of_staff_is_never_kept_out(desk: StoryDesk, anna: Person, omar: Person) -> None:
    enter(desk, "desk.example", Listing.BLOCK)
    anna.writes("Question", "What is this?")
    omar.replies(Notice.NEW_TICKET, "This job offer is about cheap pills.", headers=SPAM)
    assert "job offer" in anna.letter(Notice.ANSWER).text


def test_a_delivery_report_is_never_kept_out(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Question", "What is this?")
    omar.replies(Notice.NEW_TICKET, "An answer.")
    answer = anna.letter(Notice.ANSWER)
    report = (
        f"From: MAILER-DAEMON@acme.example\r\nTo: {answer.header('Return-Path')}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nMIME-Version: 1.0\r\n\r\n"
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        "Final-Recipient: rfc822; anna@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    anna.mail(report.encode(), [answer.header("Return-Path").strip("<>") or "bounces@support.example.com"], reverse_path="")
    assert newest(desk) is Disposition.REPORTED


def test_a_blocked_sender_is_kept_out_even_in_a_conversation(desk: StoryDesk, carla: Person) -> None:
    carla.writes("Question", "What is this?")
    enter(desk, "globex.example", Listing.BLOCK)
    carla.replies(Notice.CONFIRMATION, "And this?")
    assert (newest(desk), is_stopped_by(desk)) == (Disposition.REFUSED, "globex.example")
    enter(desk, "carla@globex.example", Listing.ALLOW)
    carla.replies(Notice.CONFIRMATION, "And that?")
    assert newest(desk) is Disposition.THREADED


def test_an_allowed_sender_is_spared_only_where_the_mail_proves_its_author(desk: StoryDesk, carla: Person) -> None:
    enter(desk, "carla@globex.example", Listing.ALLOW)
    carla.writes("One", "Buy cheap pills.", headers=SPAM)
    assert newest(desk) is Disposition.OPENED
    carla.writes("Two", "Buy cheap pills.", peer=ELSEWHERE)
    assert newest(desk) is Disposition.QUARANTINED
    carla.writes("Three", "A job offer.")
    assert newest(desk) is Disposition.REFUSED  # the list spares mail of being called spam, of nothing else


def test_spam_is_kept_out_from_then_on_until_the_word_is_taken_back(desk: StoryDesk, omar: Person) -> None:
    eve = desk.person("eve@spam.example")
    eve.writes("Great", "Look at this.")
    omar.replies(Notice.NEW_TICKET, "#spam")
    assert desk.ticket().status is Status.CLOSED
    assert [(entry.entry, entry.unproved_only, entry.by) for entry in entries(desk)] == [
        ("eve@spam.example", False, "omar@desk.example")
    ]
    assert "Mail from eve@spam.example is kept out from now on" in omar.letter(Notice.RECEIPT).text
    eve.writes("Great again", "Look at that.")
    assert (newest(desk), is_stopped_by(desk), len(desk.tickets())) == (Disposition.REFUSED, "eve@spam.example", 1)
    omar.replies(Notice.RECEIPT, "#undo")
    assert entries(desk) == []
    eve.writes("Sorry", "It was a mistake.")
    assert newest(desk) is Disposition.OPENED


def test_spam_in_the_name_of_somebody_does_not_keep_out_their_own_mail(desk: StoryDesk, omar: Person) -> None:
    zoe = desk.person("zoe@elsewhere.example")
    zoe.writes("Great", "Look at this.", peer=ELSEWHERE)
    omar.replies(Notice.NEW_TICKET, "#spam")
    zoe.writes("Great again", "Look at that.", peer=ELSEWHERE)
    assert newest(desk) is Disposition.REFUSED
    zoe.writes("My invoice", "This is really me.")
    assert newest(desk) is Disposition.OPENED


def test_a_customer_of_an_account_is_never_kept_out_by_one_word(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Great", "Look at this.")
    omar.replies(Notice.NEW_TICKET, "#spam")
    assert entries(desk) == []
    anna.writes("Question", "How does it work?")
    assert newest(desk) is Disposition.OPENED


def test_a_verdict_warns_staff_where_it_keeps_nothing_out(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "marking"), reader) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        anna.writes("Hello", "A question.", headers=SPAM)
        assert "A mail filter calls this mail spam (X-Spam-Flag)." in omar.letter(Notice.NEW_TICKET).text
        anna.writes("Hello again", "A question.", headers={"X-Spam-Flag": "YES"}, peer=ELSEWHERE)
        assert "mail filter" not in omar.letter(Notice.NEW_TICKET).text


def test_a_rule_changes_nothing_about_who_is_answered(desk: StoryDesk) -> None:
    """A robot gets no confirmation, whatever a rule says about its mail."""
    robot = desk.person("noreply@shop.example")
    robot.writes("Parcel", ORDER, headers={"Auto-Submitted": "auto-generated"})
    assert desk.ticket().queue == "billing"
    assert desk.notices_to(robot) == []
