"""The digest: a numbered list of what is open, each morning and on request, and an answer that acts on its rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from support.desk.story import MONDAY, SUPPORT, Person, StoryDesk, configured, direct_desk
from support.oracles.plain_counts import recount

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import digest, related, ticket
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

SATURDAY = datetime.fromisoformat("2026-11-28T09:00:00+00:00")


@pytest.fixture
def three(desk: StoryDesk, anna: Person, omar: Person) -> StoryDesk:
    """Three requests in Omar's hands, and his list of them."""
    for subject in ("Printer", "Scanner", "Copier"):
        anna.writes(subject, "It does not start.")
        omar.replies(Notice.NEW_TICKET, "#take")
    omar.writes("list", "#status")
    return desk


@pytest.fixture
def mornings(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    more = '[calendar]\nzone = "Europe/Berlin"\nholidays = ["2026-11-25"]'
    with direct_desk(configured(tmp_path / "mornings", more=more, digest_at="08:00"), reader) as made:
        made.now = MONDAY.replace(hour=6)
        yield made


def receipt(person: Person) -> str:
    return person.letter(Notice.RECEIPT).text


def digests(desk: StoryDesk, person: Person) -> int:
    return desk.notices_to(person).count(Notice.DIGEST)


def rows_of(person: Person, *subjects: str) -> list[str]:
    """The numbers of requests in the newest list."""
    lines = [line.partition(". ") for line in person.letter(Notice.DIGEST).text.splitlines() if " | " in line]
    return [number for number, _, rest in lines if rest.partition(" | ")[0] in subjects]


def last(desk: StoryDesk) -> Disposition:
    return Disposition(max(desk.mails(), key=lambda mail: mail.id).state)


# The list


def test_status_to_a_support_address_brings_the_list(three: StoryDesk, omar: Person) -> None:
    letter = omar.letter(Notice.DIGEST)
    rows = [line for line in letter.text.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [row.split(" | ")[:3] for row in rows] == [
        [f"{number}. {subject}", three.ticket(number).reference, "Anna"]
        for number, subject in enumerate(("Printer", "Scanner", "Copier"), 1)
    ]
    assert all("due Mon 23 Nov" in row and "last word: " in row for row in rows)
    assert letter.header("In-Reply-To").strip("<>") == omar.sent[-1]
    assert letter.header("Auto-Submitted") == "auto-generated"
    assert len(three.tickets()) == 3 and last(three) is Disposition.NOTED
    assert Notice.HELD not in three.notices_to(omar)


def test_the_list_has_own_and_unassigned_requests_the_urgent_ones_first(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    steps = {
        "Asked": "#assign ines\n#ask\nWhich model?",
        "First": "#assign ines",
        "Second": "#assign ines",
        "Theirs": "#assign bela",
        "Done": "#assign ines\n#resolve\nDone.",
        "Burning": "#escalate",
    }
    for subject, text in steps.items():
        anna.writes(subject, "It does not start.")
        omar.writes("", f"#on {desk.tickets()[-1].reference}\n{text}")
    for subject, queue in (("Nobody's", "general"), ("Not hers", "billing")):
        anna.writes(subject, "It does not start.")
        with desk.database.writing() as connection:
            unassigned = update(ticket).where(ticket.c.id == desk.tickets()[-1].id)
            connection.execute(unassigned.values(assignee=None, queue=queue))
            recount(connection)
    ines.writes("", "#status")
    rows = [line for line in ines.letter(Notice.DIGEST).text.splitlines() if " | " in line]
    assert [row.split(" | ")[0] for row in rows] == ["1. Burning", "2. First", "3. Second", "4. Nobody's", "5. Asked"]
    assert "nobody yet" in rows[3] and "nobody yet" not in rows[0]


def test_a_reply_with_status_brings_a_new_list(three: StoryDesk, omar: Person) -> None:
    omar.replies(Notice.DIGEST, "#statut")
    assert digests(three, omar) == 2


def test_without_open_requests_the_answer_says_so(desk: StoryDesk, omar: Person) -> None:
    omar.writes("", "#status")
    assert "You have no open requests" in omar.letter(Notice.DIGEST).text


def test_status_of_a_customer_is_a_request(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Question", "#status")
    assert len(desk.tickets()) == 1 and desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize("text", ["#status\nand hello", "#status\n#take", "#status\n#on ACZ-AAAAAA\n#take"])
def test_status_with_anything_else_is_no_request_for_the_list(three: StoryDesk, omar: Person, text: str) -> None:
    omar.writes("", text)
    assert digests(three, omar) == 1


def test_an_unproved_status_is_held_and_proved_by_the_answer(desk: StoryDesk, omar: Person) -> None:
    content = f"From: {omar.address}\r\nTo: {SUPPORT}\r\nSubject: x\r\nMessage-ID: <s@x>\r\n\r\n#status\r\n".encode()
    unproved(omar, content)
    assert desk.notices_to(omar) == [Notice.HELD]
    omar.replies(Notice.HELD, "#send")
    assert desk.notices_to(omar) == [Notice.HELD, Notice.DIGEST]


# The answer


def test_rows_are_acted_on_with_one_receipt_and_one_letter_each(three: StoryDesk, anna: Person, omar: Person) -> None:
    before = three.notices_to(omar)
    omar.replies(
        Notice.DIGEST, "1 resolve Fixed now.\n2 priority critical / 3 ask Which model is it?\nAnd since when?\n2 note call her"
    )
    assert [three.ticket(number).status is Status.RESOLVED for number in (1, 2, 3)] == [True, False, False]
    assert three.ticket(2).priority == "critical" and three.ticket(3).waiting_on is WaitingOn.CUSTOMER
    assert [note.text for note in three.history(2).notes] == ["call her"]
    assert three.notices_to(omar)[len(before) :] == [Notice.RECEIPT]
    assert three.notices_to(anna)[-2:] == [Notice.RESOLUTION, Notice.INFORMATION_REQUEST]
    assert "Fixed now." in anna.letter(Notice.RESOLUTION).text
    assert "Which model is it?\n\nAnd since when?" in anna.letter(Notice.INFORMATION_REQUEST).text.replace("\r", "")
    assert "call her" not in anna.letter(Notice.INFORMATION_REQUEST).text
    for number in (1, 2, 3):
        assert three.ticket(number).reference in receipt(omar)


def test_an_answer_links_nothing_and_leads_nowhere(three: StoryDesk, anna: Person, omar: Person) -> None:
    """The list quoted below it names every request."""
    omar.replies(Notice.DIGEST, "1 take")
    with three.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(related)).scalar() == 0
    omar.replies(Notice.DIGEST, "2 take")
    assert last(three) is Disposition.THREADED and "2" in receipt(omar)
    assert [event.kind for event in three.history(1).events].count("assigned") == 2
    assert [event.kind for event in three.history(2).events].count("assigned") == 2


def test_a_row_that_has_changed_is_left_alone_and_the_others_are_done(three: StoryDesk, anna: Person, omar: Person) -> None:
    anna.replies(Notice.CONFIRMATION, "One more thing: it smells of smoke.")  # about the third
    omar.replies(Notice.DIGEST, "3 resolve Done.\n1 priority critical")
    assert three.ticket(3).status is not Status.RESOLVED and three.ticket(1).priority == "critical"
    assert f"Row 3 was left alone: {three.ticket(3).reference} has changed since the list" in receipt(omar)
    assert Notice.RESOLUTION not in three.notices_to(anna)


def test_a_warning_of_the_desk_itself_leaves_no_row_alone(three: StoryDesk, anna: Person, omar: Person) -> None:
    three.passes(hours=3, minutes=5)  # of four hours, so all three are warned of
    assert three.notices_to(omar).count(Notice.TARGET_WARNING) == 3
    omar.replies(Notice.DIGEST, "1 answer Open flap B.\n2 priority critical")
    assert "left alone" not in receipt(omar)
    assert "Open flap B." in anna.letter(Notice.ANSWER).text and three.ticket(2).priority == "critical"
    omar.replies(Notice.DIGEST, "2 priority low")
    assert "Row 2 was left alone" in receipt(omar)


def test_where_every_row_has_changed_nothing_happens_but_the_receipt(three: StoryDesk, anna: Person, omar: Person) -> None:
    anna.replies(Notice.CONFIRMATION, "One more thing.")
    before = three.ticket(3)
    omar.replies(Notice.DIGEST, "3 priority critical")
    assert three.ticket(3) == before and "left alone" in receipt(omar) and last(three) is Disposition.NOTED


def test_a_merged_request_says_where_it_goes_on(three: StoryDesk, omar: Person) -> None:
    omar.writes("", f"#on {three.ticket(1).reference}\n#merge {three.ticket(2).reference}")
    omar.replies(Notice.HELD, "#send")
    omar.replies(Notice.DIGEST, "2 priority critical")
    said = receipt(omar)
    assert f"{three.ticket(2).reference} has changed since the list. {three.ticket(1).reference} is" in " ".join(said.split())


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("1 take\n9 take", '"9 take": the list has rows 1 to 3'),
        ("1 take\n0 take", '"0 take"'),
        ("1 take\n2 frobnicate", '"2 frobnicate"'),
        ("Hello,\n1 take", '"Hello,"'),
        ("1 take\nThanks", '"Thanks": row 1'),
        ("1 priority critical\n2 queue nowhere", '"2 queue nowhere"'),
        ("1 take\n#note she is difficult", '"#note she is difficult"'),
        ("1 note a\n1 resolve b", '"1 note a" and "1 resolve b"'),
        ("#undo", '"#undo"'),
        ("", "It names no row"),
    ],
)
def test_one_line_that_cannot_be_done_and_nothing_happens(
    three: StoryDesk, anna: Person, omar: Person, text: str, quoted: str
) -> None:
    before, letters = three.tickets(), three.notices_to(anna)
    omar.replies(Notice.DIGEST, text)
    assert three.tickets() == before and three.notices_to(anna) == letters
    assert "Nothing of this mail was carried out" in receipt(omar) and quoted in receipt(omar)
    assert last(three) is Disposition.REFUSED


def test_two_things_to_do_on_one_request_are_refused(three: StoryDesk, omar: Person) -> None:
    before = three.tickets()
    omar.replies(Notice.DIGEST, f"1 merge {three.ticket(2).reference}\n2 priority critical")
    assert "two things to do" in receipt(omar) and three.tickets() == before


@pytest.mark.parametrize("by_rows", [True, False])
def test_one_mail_splits_one_request(three: StoryDesk, anna: Person, omar: Person, by_rows: bool) -> None:
    for number in (1, 2):
        addresses = {letter.header("Subject"): letter.header("Reply-To").strip("<>") for letter in anna.letters()}
        anna.writes("And another", "The lamp is broken too.", to=addresses[f"Re: {three.ticket(number).subject}"])
    omar.writes("", "#status")
    if by_rows:
        omar.replies(Notice.DIGEST, "\n".join(f"{number} split" for number in rows_of(omar, "Printer", "Scanner")))
    else:
        omar.writes("", "\n".join(f"#on {three.ticket(number).reference}\n#split" for number in (1, 2)))
    assert len(three.tickets()) == 3 and last(three) is Disposition.REFUSED
    assert "one mail splits one request" in receipt(omar)


def test_files_have_no_row(three: StoryDesk, anna: Person, omar: Person) -> None:
    omar.replies(Notice.DIGEST, "1 resolve See the file.", files={"a.pdf": b"x"})
    assert "It brings files" in receipt(omar) and Notice.RESOLUTION not in three.notices_to(anna)
    omar.replies(Notice.DIGEST, "1 priority critical", files={"card.pdf": b"x"})
    assert three.ticket(1).priority == "critical" and Notice.ANSWER not in three.notices_to(anna)


def test_the_words_of_an_internal_note_are_held_back(three: StoryDesk, anna: Person, omar: Person) -> None:
    secret = "the customer shouted at our colleague on the phone last week and is not to be trusted at all"
    omar.writes("", f"#on {three.ticket(1).reference}\n#note {secret}")
    omar.writes("", "#status")
    omar.replies(Notice.DIGEST, f"1 resolve Done: {secret}\n2 priority critical")
    assert three.ticket(2).priority == "high" and Notice.RESOLUTION not in three.notices_to(anna)
    omar.replies(Notice.HELD, "#send")
    assert three.ticket(2).priority == "critical" and Notice.RESOLUTION in three.notices_to(anna)


# Whose list it is


def test_the_list_of_a_colleague_takes_nothing(three: StoryDesk, omar: Person) -> None:
    ines, before = three.person("ines@desk.example"), three.tickets()
    ines.writes("Re: list", "1 take", to=omar.letter(Notice.DIGEST).header("Reply-To").strip("<>"))
    assert three.tickets() == before
    assert "was given to somebody else" in receipt(ines)


def test_an_unproved_answer_is_held_and_let_go_by_its_author(three: StoryDesk, omar: Person) -> None:
    to = omar.letter(Notice.DIGEST).header("Reply-To").strip("<>")
    unproved(
        omar, f"From: {omar.address}\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <u@x>\r\n\r\n1 priority critical\r\n".encode(), to
    )
    assert three.ticket(1).priority == "high" and last(three) is Disposition.HELD
    omar.replies(Notice.HELD, "#send")
    assert three.ticket(1).priority == "critical" and Notice.RECEIPT in three.notices_to(omar)


def test_an_unproved_answer_to_a_colleagues_list_is_not_let_go_at_all(three: StoryDesk, omar: Person) -> None:
    to = omar.letter(Notice.DIGEST).header("Reply-To").strip("<>")
    ines = three.person("ines@desk.example")
    unproved(
        ines, f"From: {ines.address}\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <i@x>\r\n\r\n1 priority critical\r\n".encode(), to
    )
    ines.replies(Notice.HELD, "#send")
    assert three.ticket(1).priority == "high" and "somebody else" in receipt(ines)


def test_a_strangers_mail_to_the_list_is_held_for_its_owner(three: StoryDesk, anna: Person, omar: Person) -> None:
    before = three.tickets()
    anna.writes("x", "1 priority critical", to=omar.letter(Notice.DIGEST).header("Reply-To").strip("<>"))
    assert three.tickets() == before and last(three) is Disposition.HELD
    assert three.notices_to(omar)[-1] is Notice.HELD


def test_an_out_of_office_answer_to_the_list_does_nothing(three: StoryDesk, omar: Person) -> None:
    before, letters = three.tickets(), three.notices_to(omar)
    omar.replies(Notice.DIGEST, "1 resolve I am away.", headers={"Auto-Submitted": "auto-replied", "Precedence": "bulk"})
    assert three.tickets() == before and three.notices_to(omar) == letters


def test_an_address_of_a_list_and_of_a_request_at_once_is_refused(three: StoryDesk, omar: Person) -> None:
    addresses = [omar.letter(notice).header("Reply-To").strip("<>") for notice in (Notice.DIGEST, Notice.NEW_TICKET)]
    content = f"From: {omar.address}\r\nTo: {', '.join(addresses)}\r\nSubject: x\r\nMessage-ID: <b@x>\r\n\r\n1 take\r\n".encode()
    before = three.tickets()
    omar.mail(content, addresses)
    assert "one letter at a time" in receipt(omar) and three.tickets() == before


# Undo


@pytest.fixture
def patient(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "patient", undo_window="30s"), reader) as made:
        anna, omar = made.person("anna@acme.example"), made.person("omar@desk.example")
        for subject in ("Printer", "Scanner"):
            anna.writes(subject, "It does not start.")
            omar.replies(Notice.NEW_TICKET, "#take")
        omar.writes("list", "#status")
        yield made


@pytest.mark.parametrize("way", ["address", "#undo"])
def test_an_answer_is_taken_back_as_a_whole(patient: StoryDesk, way: str) -> None:
    anna, omar = patient.person("anna@acme.example"), patient.person("omar@desk.example")
    letters = len(anna.letters())
    omar.replies(Notice.DIGEST, "2 resolve Fixed.\n1 priority critical")
    assert patient.ticket(2).status is Status.RESOLVED and patient.ticket(1).priority == "critical"
    if way == "address":
        [line] = [line for line in receipt(omar).splitlines() if line.startswith("Undo:")]
        omar.writes("Undo", "", to=line.partition("mailto:")[2].partition("?")[0])
    else:
        omar.replies(Notice.NEW_TICKET, "#undo")  # about the second
    assert "Taken back" in receipt(omar)
    assert patient.ticket(2).status is not Status.RESOLVED and patient.ticket(1).priority == "high"
    patient.passes(minutes=2)
    assert len(anna.letters()) == letters


def test_who_has_had_no_letter_about_a_request_can_take_his_answer_back_too(patient: StoryDesk) -> None:
    ines = patient.person("ines@desk.example")
    with patient.database.writing() as connection:
        connection.execute(update(ticket).where(ticket.c.id == patient.ticket(1).id).values(assignee=ines.address))
        recount(connection)
    ines.writes("", "#status")
    ines.replies(Notice.DIGEST, "1 priority critical")
    assert patient.ticket(1).priority == "critical"
    [line] = [line for line in receipt(ines).splitlines() if line.startswith("Undo:")]
    ines.writes("Undo", "", to=line.partition("mailto:")[2].partition("?")[0])
    assert patient.ticket(1).priority == "high" and "Taken back" in receipt(ines)


# Mornings


def test_each_working_morning_has_one_list(mornings: StoryDesk) -> None:
    anna = mornings.person("anna@home.example")
    anna.writes("Printer", "It jams.")
    holder = mornings.person(str(mornings.ticket().assignee))
    mornings.passes(minutes=59)  # 07:59 in Berlin
    assert digests(mornings, holder) == 0
    mornings.passes(minutes=1)
    assert digests(mornings, holder) == 1
    mornings.passes(hours=3)
    assert digests(mornings, holder) == 1
    mornings.passes(hours=21)
    assert digests(mornings, holder) == 2
    mornings.passes(hours=24)  # a holiday
    assert digests(mornings, holder) == 2
    mornings.passes(hours=24)
    assert digests(mornings, holder) == 3
    mornings.now = SATURDAY
    mornings.settle()
    assert digests(mornings, holder) == 3
    assert digests(mornings, anna) == 0


def test_a_morning_without_open_requests_passes_in_silence_and_is_done(mornings: StoryDesk) -> None:
    anna = mornings.person("anna@acme.example")
    mornings.passes(hours=2)
    anna.writes("Printer", "It jams.")
    mornings.passes(hours=2)
    assert all(digests(mornings, mornings.person(f"{name}@desk.example")) == 0 for name in ("omar", "ines", "bela"))
    with mornings.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(digest)).scalar() == 3


def test_a_node_that_was_away_makes_up_for_the_morning(mornings: StoryDesk) -> None:
    anna = mornings.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    mornings.passes(hours=9)
    assert digests(mornings, mornings.person(str(mornings.ticket().assignee))) == 1


def test_the_morning_list_is_answered_like_any_other(mornings: StoryDesk) -> None:
    mornings.person("anna@acme.example").writes("Printer", "It jams.")
    holder = mornings.person(str(mornings.ticket().assignee))
    mornings.passes(hours=2)
    holder.replies(Notice.DIGEST, "1 take / 1 priority critical")
    assert mornings.ticket().priority == "critical"


def unproved(person: Person, content: bytes, to: str = SUPPORT) -> None:
    """A mail from a machine of which we believe nothing."""
    person.desk.now += timedelta(seconds=1)
    person.desk.deliver(person.address, [to], content, "203.0.113.9")
    person.desk.settle()


def test_a_digest_that_cannot_be_made_is_tried_again_minutes_later(mornings: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def failing(*_: object) -> None:
        tries.append(mornings.now)
        raise ZeroDivisionError("a fault of ours")

    omar = mornings.person("omar@desk.example")
    mornings.person("anna@acme.example").writes("Printer", "It jams.")
    with monkeypatch.context() as broken:
        broken.setattr("helpdesk.gateway.work.digest.decide_digest", failing)
        mornings.passes(hours=2)
        first = len(tries)
        assert first
        mornings.passes(seconds=2)
        assert len(tries) == first
    mornings.passes(minutes=11)
    assert digests(mornings, omar) == 1
