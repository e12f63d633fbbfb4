"""`#permission`: the requester alone says whether support may change their data, and the answer is on record with its proof."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from support.desk.story import Person, Received, StoryDesk, configured, direct_desk

from helpdesk.gateway.cli.ticket import ticket_group
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.permissions import check_permissions
from helpdesk.store.schema import event, inbound, ticket
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.permission import PermissionAnswer
from helpdesk.threading.model.status import WaitingOn

CHANGE = "Delete the 14 orders without a customer."
YES, NO = "Yes, make this change", "No, change nothing"


def asked(anna: Person, omar: Person) -> Received:
    anna.writes(
        "Orders", "There are orders without a customer in our database, please delete our data of these.", cc="paul@acme.example"
    )
    omar.replies(Notice.NEW_TICKET, f"#permission\n{CHANGE}")
    return anna.letter(Notice.PERMISSION_REQUEST)


def address_of(letter: Received, label: str) -> str:
    found = re.search(rf"{re.escape(label)}: mailto:([^?\s]+)", letter.text)
    assert found is not None, letter.text
    return found[1].replace("%2B", "+")


def press(person: Person, letter: Received, label: str, text: str = "", **options: object) -> str:
    return person.writes(label, text, address_of(letter, label), **options)


def answer(desk: StoryDesk) -> PermissionAnswer:
    return desk.ticket().permissions[0].answer


def faults(desk: StoryDesk) -> list[tuple[str, ...]]:
    with desk.database.reading() as connection:
        blobs = BlobFolder(Path(desk.node.configuration.settings.database.blobs))
        return [check.faults for check in check_permissions(connection, blobs, desk.ticket())]


def test_the_requester_alone_is_asked_and_their_yes_stands_above_every_later_letter(
    desk: StoryDesk, anna: Person, paul: Person, omar: Person
) -> None:
    letter = asked(anna, omar)
    assert "change nothing in it without" not in letter.text and CHANGE in letter.text
    assert desk.notices_to(paul) == [] and desk.ticket().waiting_on is WaitingOn.CUSTOMER
    assert "anna@acme.example is asked for permission" in omar.letter(Notice.RECEIPT).text
    press(anna, letter, YES)
    assert answer(desk) is PermissionAnswer.YES and desk.ticket().waiting_on is WaitingOn.SUPPORT
    given = omar.letter(Notice.PERMISSION_ANSWER)
    assert "Permission given by anna@acme.example" in given.text and CHANGE in given.text
    anna.replies(Notice.PERMISSION_REQUEST, "And one question more: when will it be done?")
    assert "Permission given by anna@acme.example" in omar.letter(Notice.CUSTOMER_REPLY).text
    assert all("record" not in received.text and "Permission given" not in received.text for received in anna.letters())
    assert faults(desk) == [()]


def test_without_permission_letters_about_data_remind_of_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Data", "We have a data loss: some of our personal data is missing since the data breach.")
    assert desk.ticket().category == "data concern"
    assert "change nothing in it without the requester's permission" in omar.letter(Notice.NEW_TICKET).text
    omar.replies(Notice.NEW_TICKET, f"#permission {CHANGE}")
    press(anna, anna.letter(Notice.PERMISSION_REQUEST), NO)
    assert "Permission REFUSED by anna@acme.example" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert "change nothing in it without" not in omar.letter(Notice.PERMISSION_ANSWER).text


def test_plain_words_do_what_the_addresses_do(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    anna.replies(Notice.PERMISSION_REQUEST, "Yes, thanks!\n\nAnna")
    assert answer(desk) is PermissionAnswer.YES
    assert "in words, in a reply to the letter" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert faults(desk) == [()]


def test_a_plain_yes_to_another_letter_is_no_permission(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    anna.replies(Notice.CONFIRMATION, "Yes")
    assert answer(desk) is PermissionAnswer.OPEN


def test_a_yes_in_the_platform_right_below_the_question_counts(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    desk.writes_in_platform("acme", "anna@acme.example", "Yes", desk.ticket().thread_key)
    assert answer(desk) is PermissionAnswer.YES
    assert faults(desk) == [()]


def test_a_colleague_s_yes_in_the_platform_does_not_count(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    desk.writes_in_platform("acme", "paul@acme.example", "Yes", desk.ticket().thread_key)
    assert answer(desk) is PermissionAnswer.OPEN
    assert "anna@acme.example was asked" in omar.letter(Notice.CUSTOMER_REPLY).text


def test_the_letter_that_was_passed_on_gives_nobody_else_the_right(
    desk: StoryDesk, anna: Person, paul: Person, omar: Person
) -> None:
    letter = asked(anna, omar)
    press(paul, letter, YES)
    eve = desk.person("eve@evil.example")
    press(eve, letter, YES)
    assert answer(desk) is PermissionAnswer.OPEN
    texts = [received.text for received in omar.letters() if received.notice is Notice.PERMISSION_ANSWER]
    assert "it is from paul@acme.example, and anna@acme.example was asked" in texts[0].replace("\r\n", " ").replace("\n", " ")
    assert "it is from eve@evil.example" in " ".join(texts[1].split())


def test_a_yes_in_her_name_that_nothing_proves_does_not_count(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    message_id = _from_elsewhere(desk, letter)
    assert desk.why(message_id).state is Disposition.NOTED
    assert answer(desk) is PermissionAnswer.OPEN
    assert "nothing proves that anna@acme.example wrote it" in " ".join(omar.letter(Notice.PERMISSION_ANSWER).text.split())
    press(anna, letter, YES)
    assert answer(desk) is PermissionAnswer.YES


def _from_elsewhere(desk: StoryDesk, letter: Received) -> str:
    """A press with Anna's address in From, from a host that nobody trusts."""
    message = EmailMessage()
    to = address_of(letter, YES)
    for name, value in {"From": "anna@acme.example", "To": to, "Subject": YES, "Message-ID": "<forged@evil.example>"}.items():
        message[name] = value
    message.set_content("")
    desk.deliver("eve@evil.example", [to], message.as_bytes(), "203.0.113.9")
    desk.settle()
    return "forged@evil.example"


@pytest.mark.parametrize(
    "text",
    ["Yes, but only those of 2024.", "No, please wait!", "If it can be undone."],
)
def test_a_yes_under_a_condition_is_a_reply_and_no_permission(desk: StoryDesk, anna: Person, omar: Person, text: str) -> None:
    letter = asked(anna, omar)
    press(anna, letter, YES, text)
    assert answer(desk) is PermissionAnswer.OPEN
    told = omar.letter(Notice.CUSTOMER_REPLY).text
    assert text in told and "does not count as an answer about a permission" in " ".join(told.split())


def test_a_no_counts_whatever_stands_beside_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    press(anna, letter, NO, "Our accountant needs them until March.")
    assert answer(desk) is PermissionAnswer.NO
    assert "accountant" in omar.letter(Notice.PERMISSION_ANSWER).text


def test_the_second_press_has_no_effect_and_the_opposite_is_told(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    press(anna, letter, YES)
    before = len(omar.letters())
    press(anna, letter, YES)
    assert len(omar.letters()) == before
    press(anna, letter, NO)
    assert answer(desk) is PermissionAnswer.YES
    assert "NO permission any more" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert faults(desk) == [()]


def test_of_two_answers_that_come_together_the_first_counts_and_the_other_is_told(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    letter = asked(anna, omar)
    for label in (YES, NO, YES):
        message = anna._message(label, "", [address_of(letter, label)])
        del message["X-Story-Peer"]
        desk.deliver(anna.address, [address_of(letter, label)], message.as_bytes(), "127.0.0.1")
    desk.settle()
    assert answer(desk) is PermissionAnswer.YES
    assert desk.ticket().permissions[0].contradicted_at is not None
    kinds = [event.kind for event in desk.history().events]
    assert [kinds.count(kind) for kind in ("permission_answered", "permission_contradicted")] == [1, 1]
    assert "NO permission any more" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert faults(desk) == [()]


def test_the_letter_in_a_forward_or_in_a_new_mail_is_no_answer(desk: StoryDesk, anna: Person, paul: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    passed_on = (
        f"---------- Forwarded message ---------\nFrom: Acme Support <help@support.example.com>\nSubject: Orders\n\n{letter.text}"
    )
    anna.writes("Fwd: Orders", f"Yes\n\n{passed_on}")
    anna.writes("Orders", f"Yes\n\n{quoted}")
    to = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    paul.writes("Re: Orders", "Yes", to, headers={"In-Reply-To": letter.header("Message-ID")})
    assert [row.answer for ticket in desk.tickets() for row in ticket.permissions] == [PermissionAnswer.OPEN]


def test_both_addresses_at_once_are_no_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    both = [address_of(letter, YES), address_of(letter, NO)]
    message = anna._message("Well", "", both)
    del message["X-Story-Peer"]
    anna.mail(message.as_bytes(), both)
    assert answer(desk) is PermissionAnswer.OPEN


def test_the_question_is_repeated_once_and_ends(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    desk.passes(days=8)
    assert desk.notices_to(anna).count(Notice.PERMISSION_REQUEST) == 2
    assert "still waiting for your answer" in anna.letter(Notice.PERMISSION_REQUEST).text
    desk.passes(days=7)
    assert answer(desk) is PermissionAnswer.EXPIRED and desk.ticket().waiting_on is WaitingOn.SUPPORT
    assert "No permission: anna@acme.example did not answer in time" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert desk.notices_to(anna).count(Notice.PERMISSION_REQUEST) == 2
    press(anna, letter, YES)
    assert answer(desk) is PermissionAnswer.EXPIRED
    assert "it came after the time for an answer" in omar.letter(Notice.PERMISSION_ANSWER).text
    assert faults(desk) == [()]


def test_a_new_requester_has_to_be_asked_anew(desk: StoryDesk, anna: Person, omar: Person) -> None:
    letter = asked(anna, omar)
    with desk.database.writing() as connection:
        connection.execute(update(ticket).values(requester=2))
    press(anna, letter, YES)
    assert answer(desk) is PermissionAnswer.OPEN


def test_an_undo_takes_the_question_back(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "undo", undo_window="10m"), reader) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        anna.writes("Orders", "Orders are wrong.")
        omar.replies(Notice.NEW_TICKET, f"#permission\n{CHANGE}")
        assert len(desk.ticket().permissions) == 1
        omar.replies(Notice.RECEIPT, "#undo")
        assert desk.ticket().permissions == ()
        desk.passes(days=20)
        assert Notice.PERMISSION_REQUEST not in [letter.notice for letter in anna.letters()]


@pytest.mark.parametrize(
    ("table", "values", "fault"),
    [
        ("ticket", {"text": "Delete everything."}, "do not give the record"),
        ("ticket", {"answer": "no"}, "do not give the record"),
        ("event", {"detail": "1: yes"}, "no event has this record"),
        ("inbound", {"content": b"From: anna@acme.example\r\n\r\nyes"}, "are not those that were recorded"),
        ("inbound", {"ticket_id": None}, "is not one of this ticket"),
        ("ticket", {"asked_of": "paul@acme.example"}, "its author is not the person who was asked"),
        ("ticket", {"until": "2026-11-01T09:00:00.000000Z"}, "is not of the time for an answer"),
        ("ticket", {"contradicted_at": "2026-11-23T09:30:00.000000Z"}, "do not agree on whether the answer was contradicted"),
    ],
)
def test_the_record_is_checked_from_the_store_alone(
    desk: StoryDesk, anna: Person, omar: Person, table: str, values: dict[str, object], fault: str
) -> None:
    message_id = press(anna, asked(anna, omar), YES)
    assert faults(desk) == [()]
    with desk.database.writing() as connection:
        if table == "ticket":
            [row] = connection.execute(select(ticket.c.permissions)).scalar_one()
            connection.execute(update(ticket).values(permissions=[row | values]))
        elif table == "event":
            connection.execute(update(event).where(event.c.kind == "permission_answered").values(**values))
        else:
            connection.execute(update(inbound).where(inbound.c.message_id == message_id).values(**values))
    assert any(fault in line for line in faults(desk)[0])


def test_the_command_line_shows_and_verifies_it(desk: StoryDesk, anna: Person, omar: Person, tmp_path: Path) -> None:
    press(anna, asked(anna, omar), YES)
    config = ["--config", str(tmp_path / "helpdesk.toml")]
    reference = desk.ticket().reference
    verified = CliRunner().invoke(ticket_group, ["verify", reference, *config])
    assert (verified.exit_code, verified.output.splitlines()[0][:40]) == (0, "ok: Permission given by anna@acme.example"[:40])
    shown = CliRunner().invoke(ticket_group, ["show", reference, *config])
    assert "Permission given by anna@acme.example" in shown.output
    assert '"answer": "yes"' in CliRunner().invoke(ticket_group, ["show", reference, "--json", *config]).output
