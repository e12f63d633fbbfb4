"""Whose words, files, account, plan and subject they are is asked again whenever a request begins or becomes somebody else's."""

from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update
from support.desk.story import FORWARDED, SUPPORT, Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import message, outbox, platform_inbox
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.ticket import Ticket

OTHER, READER, STRANGER = "carla@globex.example", "carla@globex.example", "eve@else.example"
STANDINGS = {OTHER: ("globex", "starter"), STRANGER: (None, "free"), "anna@acme.example": ("acme", "business")}
NOTE = "she is close to insolvency zqn0000001q so do not extend her credit"


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "desk", undo_window="30s", stale_guard="off"), reader) as one:
        yield one


def rows(desk: StoryDesk) -> list[tuple[object, ...]]:
    names = ("id", "account_id", "contact_address", "ticket", "direction", "subject", "body_text", "attachments", "read_at")
    with desk.database.reading() as connection:
        statement = select(*(platform_inbox.c[name] for name in names)).order_by(platform_inbox.c.id)
        return [(*row[:7], str(row[7]), row[8]) for row in connection.execute(statement)]


def places_of(desk: StoryDesk, words: str) -> list[tuple[object, object]]:
    return [(row[1], row[2]) for row in rows(desk) if words in str(row[6]) or words in str(row[7]) or words in str(row[5])]


def everything(desk: StoryDesk) -> tuple[object, ...]:
    """Inbox, authors, letters that wait."""
    with desk.database.reading() as connection:
        authors = connection.execute(select(message.c.id, message.c.author, message.c.ticket_id).order_by(message.c.id)).all()
        waiting = connection.execute(
            select(outbox.c.id, outbox.c.next_attempt_at)
            .where(outbox.c.state == "queued", outbox.c.audience == "customer")
            .order_by(outbox.c.id)
        ).all()
    return rows(desk), authors, waiting


def is_the_tickets_own(desk: StoryDesk) -> None:
    """No row stands in another account than its request."""
    accounts = {one.reference: one.account for one in desk.tickets()}
    assert all(row[1] == accounts[str(row[3])] for row in rows(desk))


def about(omar: Person, one: Ticket, text: str) -> str:
    return omar.writes("", f"#on {one.reference}\n{text}", to=SUPPORT)


def reply_address(person: Person, notice: Notice) -> str:
    return person.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def read_all(desk: StoryDesk) -> None:
    with desk.database.writing() as connection:
        connection.execute(update(platform_inbox).values(read_at=desk.now))


# --- #author


@pytest.mark.parametrize("right", ["anna@acme.example", STRANGER, "paul@acme.example"])
@pytest.mark.parametrize("read", [False, True])
def test_a_corrected_author_takes_words_account_and_plan_along(desk: StoryDesk, omar: Person, right: str, read: bool) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    before = everything(desk)
    assert places_of(desk, "blinks red") == [("globex", OTHER)]
    if read:
        read_all(desk)
    omar.replies(Notice.RECEIPT, f"#author {right}", quote=False)
    account, plan = STANDINGS.get(right, ("acme", "business"))
    assert (desk.ticket().account, desk.ticket().plan, desk.ticket().subject) == (account, plan, "Scanner")
    assert places_of(desk, "blinks red") == [(account, right)]
    assert not [row for row in rows(desk) if row[1] == "globex" or row[2] == OTHER]
    assert [one.author for one in desk.history().messages] == [right]
    is_the_tickets_own(desk)
    receipt = " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert f"gone from the platform inbox of {OTHER}; {'it HAD BEEN READ' if read else 'nobody had read it'} there" in receipt
    desk.passes(minutes=1)
    assert desk.notices_to(desk.person(right)) == [Notice.CONFIRMATION]
    assert desk.person(OTHER).letters() == []
    if not read:
        assert before  # what was there before is compared in the story about taking it back


def test_a_corrected_author_is_taken_back_exactly(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    before = everything(desk)
    omar.replies(Notice.RECEIPT, "#author anna@acme.example", quote=False)
    assert everything(desk) != before
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert everything(desk) == before
    assert (desk.ticket().account, desk.ticket().plan) == ("globex", "starter")
    desk.passes(minutes=1)
    assert desk.notices_to(desk.person(OTHER)) == [Notice.CONFIRMATION]
    assert desk.person("anna@acme.example").letters() == []


def test_words_that_the_right_author_has_read_are_not_taken_back(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    omar.replies(Notice.RECEIPT, "#author anna@acme.example", quote=False)
    with desk.database.writing() as connection:
        connection.execute(update(platform_inbox).where(platform_inbox.c.letter_id.is_(None)).values(read_at=desk.now))
    after = everything(desk)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert "has read it in the platform" in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert everything(desk) == after


def test_words_of_one_who_was_proved_prove_nobody_else(desk: StoryDesk, omar: Person) -> None:
    carla = desk.person(OTHER)
    carla.writes("Scanner", "It blinks red.", headers={"Reply-To": "anna@acme.example"})
    before = desk.history().messages
    about(omar, desk.ticket(), "#author anna@acme.example")
    with desk.database.reading() as connection:
        shown = connection.execute(
            select(platform_inbox.c.account_id, platform_inbox.c.proved).where(platform_inbox.c.letter_id.is_(None))
        )
        assert shown.all() == [("acme", False)]
    assert [(one.author, one.assurance) for one in desk.history().messages] == [("anna@acme.example", Assurance.UNVERIFIED)]
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert desk.history().messages == before
    assert (before[0].author, before[0].assurance) == (OTHER, Assurance.AUTHENTICATED)


@pytest.mark.parametrize("named", [0, 1])
def test_requests_that_were_merged_have_one_author(desk: StoryDesk, omar: Person, named: int) -> None:
    """Of the other's words nobody has said whose they are."""
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    desk.person(OTHER).writes("Printer", "It jams zebra.")
    tickets = desk.tickets()
    about(omar, tickets[1], f"#merge {tickets[0].reference}")
    omar.replies(Notice.HELD, "#send", quote=False) if Notice.HELD in desk.notices_to(omar) else None
    assert [ticket.lineage.merged_into for ticket in desk.tickets()] == [tickets[1].id, None]
    before = rows(desk)
    assert desk.why(about(omar, tickets[named], "#author anna@acme.example")).state is Disposition.REFUSED
    assert rows(desk) == before


def test_a_support_address_is_no_author(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    refused = omar.replies(Notice.RECEIPT, f"#author {SUPPORT}", quote=False)
    assert desk.why(refused).state is Disposition.REFUSED


# --- #split


@pytest.fixture
def shared(desk: StoryDesk, anna: Person, omar: Person) -> Ticket:
    """Anna's request in which Carla of another account reads along, and a stranger has written: an incident with a reference of theirs."""
    anna.writes("Our own matter", "We need help with our partner.")
    omar.replies(Notice.NEW_TICKET, f"#cc {READER}\nHello both.", quote=False)
    ines = desk.person("ines@desk.example")
    about(ines, desk.ticket(), "#incident")
    desk.passes(minutes=1)
    return desk.ticket()


@pytest.mark.parametrize("writer", [READER, STRANGER, "anna@acme.example"])
def test_a_split_message_is_its_writers_request(desk: StoryDesk, shared: Ticket, anna: Person, omar: Person, writer: str) -> None:
    person = desk.person(writer)
    notice = Notice.ANSWER if writer == READER else Notice.CONFIRMATION
    to = reply_address(anna if writer == STRANGER else person, notice)
    person.writes("Something else", "By the way, HORSE-0815 is our own account.", to=to, files={"own.pdf": b"%PDF"})
    before = everything(desk)
    shown = places_of(desk, "HORSE-0815")
    assert shown == ([] if writer == STRANGER else [("acme", writer)])
    about(omar, shared, "#split")
    account, plan = STANDINGS[writer]
    begun = desk.ticket(2)
    requester = begun.participant(1)
    assert requester is not None
    assert (requester.address, begun.account, begun.plan, begun.subject) == (writer, account, plan, "Something else")
    assert (begun.lineage.incident, begun.rating, begun.lineage.opened_by, begun.closed_at, begun.their_reference) == (
        None,
        None,
        None,
        None,
        "",
    )
    assert begun.clocks
    assert all(clock.since == begun.created_at for clock in begun.clocks)
    assert places_of(desk, "HORSE-0815") == [(account, writer)]
    assert places_of(desk, "own.pdf") == [(account, writer)]
    is_the_tickets_own(desk)
    receipt = " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert ("nobody had read it there" in receipt) == (writer == READER)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert everything(desk)[:2] == before[:2]


def test_a_split_message_goes_on_in_its_writers_inbox(desk: StoryDesk, shared: Ticket, omar: Person) -> None:
    carla = desk.person(READER)
    carla.replies(Notice.ANSWER, "A question about our own account.", quote=False)
    about(omar, shared, "#split")
    about(omar, desk.ticket(2), "Your invoice is 999 EUR.")
    desk.passes(minutes=1)
    carla.replies(Notice.ANSWER, "Our bank details: HORSE-0815", quote=False)
    assert {place[0] for words in ("999 EUR", "HORSE-0815", "own account") for place in places_of(desk, words)} == {"globex"}
    asked = desk.writes_in_platform("acme", "anna@acme.example", "Let me see.", desk.ticket(2).thread_key)
    assert asked
    assert len(desk.history(2).messages) == 3


def test_a_message_of_nobody_certain_begins_a_request_of_nobody(
    desk: StoryDesk, shared: Ticket, anna: Person, omar: Person
) -> None:
    to = reply_address(anna, Notice.CONFIRMATION)
    raw = f"From: Anna <anna@acme.example>, Eve <eve@else.example>\r\nTo: {to}\r\nSubject: Hello\r\nMessage-ID: <two@x>\r\n\r\nZEBRA-4711\r\n"
    anna.mail(raw.encode(), [to])
    assert places_of(desk, "ZEBRA-4711") == []
    about(omar, shared, "#split")
    begun = desk.ticket(2)
    requester = begun.participant(begun.requester)
    assert requester is not None
    assert (requester.address, begun.account, begun.plan) == ("", None, "free")
    assert begun.assurance is not Assurance.AUTHENTICATED
    assert places_of(desk, "ZEBRA-4711") == []


def test_a_split_message_that_was_read_elsewhere_is_told_of(desk: StoryDesk, shared: Ticket, omar: Person) -> None:
    desk.person(READER).replies(Notice.ANSWER, "A question about our own account.", quote=False)
    read_all(desk)
    about(omar, shared, "#split")
    assert "it HAD BEEN READ there" in " ".join(omar.letter(Notice.RECEIPT).text.split())


# --- #merge


@pytest.mark.parametrize("whose", [OTHER, STRANGER])
def test_what_is_another_customers_is_not_merged(desk: StoryDesk, anna: Person, omar: Person, whose: str) -> None:
    anna.writes("Printer", "It jams.")
    desk.person(whose).writes("Printer", "Ours too.")
    before = everything(desk)
    refused = about(omar, desk.ticket(1), f"#merge {desk.ticket(2).reference}")
    assert desk.why(refused).state is Disposition.REFUSED
    assert everything(desk)[:2] == before[:2]


def test_one_person_in_two_accounts_is_two_customers(desk: StoryDesk, omar: Person) -> None:
    from helpdesk.store.schema import ticket

    carla = desk.person(OTHER)
    carla.writes("Printer", "It jams.")
    carla.writes("Scanner", "It blinks.")
    with desk.database.writing() as connection:
        connection.execute(update(ticket).where(ticket.c.id == desk.ticket(1).id).values(account="acme"))
    refused = about(omar, desk.ticket(2), f"#merge {desk.ticket(1).reference}")
    assert desk.why(refused).state is Disposition.REFUSED


def test_a_merge_lends_nothing_and_is_taken_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    about(omar, desk.ticket(1), f"#cc {READER}")
    anna.writes("Scanner", "It blinks.")
    before = everything(desk)
    about(omar, desk.ticket(2), f"#merge {desk.ticket(1).reference}")
    omar.replies(Notice.HELD, "#send", quote=False)
    assert desk.ticket(1).lineage.merged_into == desk.ticket(2).id
    assert (desk.ticket(2).account, desk.ticket(2).plan, desk.ticket(2).subject) == ("acme", "business", "Scanner")
    is_the_tickets_own(desk)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert everything(desk)[:2] == before[:2]


# --- what is forwarded (T91, T93)


def forwards_letter(omar: Person, text: str, author: str, comment: str) -> None:
    head = f"From: {author}\nDate: Sun, 29 Nov 2026 at 10:00\nSubject: Old subject\nTo: Omar <omar@desk.example>"
    omar.writes("Fwd: Old subject", f"{comment}\n\n---------- Forwarded message ---------\n{head}\n\n{text}\n", to=SUPPORT)


@pytest.mark.parametrize("author", [f"Accoraze Support <{SUPPORT}>", "Carla Rossi <carla@globex.example>"])
@pytest.mark.parametrize("part", ["whole", "without the boundary", "facts alone", "addresses alone", "note alone"])
def test_a_letter_of_ours_is_never_a_customers_words(desk: StoryDesk, anna: Person, omar: Person, author: str, part: str) -> None:
    anna.writes("Our own matter", "It is down.")
    about(desk.person("ines@desk.example"), desk.ticket(), "#assign omar")
    about(desk.person("ines@desk.example"), desk.ticket(), f"#note\n{NOTE}")
    letter = omar.letter(Notice.INTERNAL_NOTE).text
    facts = letter.index("Customer: "), letter.index("Your reply stays internal")
    text = {
        "whole": letter,
        "without the boundary": "\n".join(letter.splitlines()[2:]),
        "facts alone": letter[slice(*facts)],
        "addresses alone": letter[facts[1] :].replace("#note", ""),
        "note alone": f"{NOTE}\n{desk.ticket().reference}",
    }[part]
    forwards_letter(omar, text, author, "#new carla@globex.example\nPlease take this up.")
    theirs = [row for row in rows(desk) if row[1] == "globex"]
    shown = "\n".join(f"{row[5]} {row[6]} {row[7]}" for row in theirs)
    assert not [one for one in (NOTE, "Assignee", desk.ticket(1).reference, "help+", "Our own matter") if one in shown]
    if part == "note alone" and "Carla" in author:
        assert "words of an internal note" in omar.letter(Notice.HELD).text
    else:
        assert desk.history(2).messages == ()
        assert any("Please take this up." in note.text for note in desk.history(2).notes)
        assert any(text.splitlines()[-1].strip() in note.text for note in desk.history(2).notes)
        assert "kept as a note" in " ".join(omar.letter(Notice.RECEIPT).text.split())


def test_an_address_of_ours_is_no_author_of_a_forward(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It is down.")
    letter = omar.letter(Notice.NEW_TICKET)
    forwards_letter(omar, letter.text, letter.header("Reply-To"), "Look.")
    assert len(desk.tickets()) == 1


def test_files_of_a_forward_are_staffs_own(desk: StoryDesk, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    files = {"credit-risk-KEEP-INSIDE.pdf": b"SECRET"}
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="#assign ines"), to=SUPPORT, files=files)
    assert places_of(desk, "KEEP-INSIDE") == []
    assert [one.attachments for one in desk.history().messages] == [()]
    [note] = desk.history().notes
    assert [attachment["filename"] for attachment in note.attachments] == list(files)
    desk.passes(minutes=1)
    assert "KEEP-INSIDE" not in desk.person(OTHER).letter(Notice.CONFIRMATION).message.as_string()
    omar.replies(Notice.RECEIPT, "#note\nFor the record.", quote=False)
    sent = EmailMessage()
    sent["From"], sent["To"], sent["Subject"] = omar.address, SUPPORT, "Scanner"
    sent["Message-ID"] = "<sends-on@desk.example>"
    sent.set_content(f"#on {desk.ticket().reference}\nHere is what you sent me.")
    sent.add_attachment(b"SECRET", maintype="application", subtype="pdf", filename="own.pdf")
    omar.mail(sent.as_bytes(policy=policy.SMTP), [SUPPORT])
    assert places_of(desk, "own.pdf") == [("globex", OTHER)]  # whoever brought a file may send it on; a colleague is asked
    assert ines


def test_a_forward_is_taken_back_with_all_that_it_brought(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."), to=SUPPORT)
    omar.replies(Notice.RECEIPT, "#author anna@acme.example", quote=False)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert rows(desk) == []
