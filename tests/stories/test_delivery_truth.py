"""A letter that never arrived is not told as if it had: nothing that rested on it stands, and somebody hears of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk
from support.mails.reports import DAEMON, complaint, letters_to, report, returns

from helpdesk.gateway.reader import Reader
from helpdesk.store.schema import contact, outbox, suppression, timer
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn


def suppressed(desk: StoryDesk) -> dict[str, str]:
    with desk.database.reading() as connection:
        return {row.address: row.reason for row in connection.execute(select(suppression))}


def kinds(desk: StoryDesk) -> list[str]:
    return [event.kind for event in desk.history().events]


def pending_timers(desk: StoryDesk) -> list[str]:
    with desk.database.reading() as connection:
        return [row.kind for row in connection.execute(select(timer).where(timer.c.state == "pending"))]


def answered(anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")


def test_an_answer_that_never_arrived_is_no_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    assert desk.ticket().first_response_at is not None
    assert (pending_timers(desk), desk.ticket().waiting_on) == (["settle"], WaitingOn.CUSTOMER)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    [answer] = letters_to(desk, anna, Notice.ANSWER)
    assert answer.state == "failed"
    assert "there is no mailbox of this address" in answer.last_reply
    assert suppressed(desk) == {anna.address: "hard_bounce"}
    assert desk.ticket().first_response_at is None
    assert (pending_timers(desk), desk.ticket().waiting_on) == (["target"], WaitingOn.SUPPORT)
    told = omar.letter(Notice.DELIVERY_FAILURE).text
    assert "The customer has not had the answer, so the request waits on the team again." in told
    assert "there is no mailbox of this address (5.1.1" in told
    assert "does not count as the first answer, which is due by Mon 23 Nov, 13:00 UTC" in told
    assert "Open flap B." in told
    assert f"#unsuppress {anna.address}" in told
    desk.passes(hours=5)
    assert desk.ticket().status is Status.ESCALATED


def test_who_wrote_the_answer_is_told_not_whose_ticket_it_is(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign Ines")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert desk.ticket().assignee == ines.address
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    assert Notice.DELIVERY_FAILURE in desk.notices_to(omar)
    assert Notice.DELIVERY_FAILURE not in desk.notices_to(ines)


def test_letters_to_a_suppressed_address_stand_in_the_platform_alone(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    omar.replies(Notice.DELIVERY_FAILURE, "Once more: open flap B.")
    again = letters_to(desk, anna, Notice.ANSWER)[-1]
    assert again.state == "suppressed"
    assert "letters there do not arrive" in again.last_reply
    assert [row.body_text for row in desk.inbox("acme") if "Once more" in row.body_text]
    anna.writes("Scanner", "It blinks.")
    assert [letter.state for letter in letters_to(desk, anna, Notice.CONFIRMATION)] == ["sent", "suppressed"]
    told = omar.letter(Notice.NEW_TICKET).text
    assert "No confirmation was sent: letters there do not arrive" in told
    assert f"Your answer will not reach {anna.address} by mail" in told


def test_a_suppression_ends_by_itself_and_by_a_word_of_staff(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    omar.replies(Notice.DELIVERY_FAILURE, f"#unsuppress {anna.address}\nOpen flap C.")
    assert suppressed(desk) == {}
    assert letters_to(desk, anna, Notice.ANSWER)[-1].state == "sent"
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[-1])
    assert suppressed(desk) == {anna.address: "hard_bounce"}
    desk.passes(days=31)
    omar.replies(Notice.DELIVERY_FAILURE, "Open flap D.")
    assert letters_to(desk, anna, Notice.ANSWER)[-1].state == "sent"


def test_only_an_address_of_the_ticket_is_unsuppressed_there(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    omar.replies(Notice.DELIVERY_FAILURE, "#unsuppress carl@other.example\nHello")
    assert suppressed(desk) == {anna.address: "hard_bounce"}
    assert "name an address of this ticket: anna@acme.example" in omar.letter(Notice.RECEIPT).text


@pytest.mark.parametrize(
    ("status", "days"),
    [("5.1.1", 30), ("5.2.1", 30), ("5.2.2", 1), ("5.0.0", 1), ("5.7.1", None), ("5.3.4", None), ("4.4.7", None)],
)
def test_how_long_an_address_is_left_alone_depends_on_why(
    desk: StoryDesk, anna: Person, omar: Person, status: str, days: int | None
) -> None:
    answered(anna, omar)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0], status=status, diagnostic="words")
    assert letters_to(desk, anna, Notice.ANSWER)[0].state == "failed"
    assert desk.ticket().first_response_at is None
    with desk.database.reading() as connection:
        spans = [row.until - row.since for row in connection.execute(select(suppression))]
    assert spans == ([timedelta(days=days)] if days else [])


def test_an_answer_that_somebody_else_got_counts(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    with desk.database.writing() as connection:
        from helpdesk.store.schema import participant

        values = {"ticket_id": desk.ticket().id, "number": 9, "role": "customer", "address": "paul@acme.example", "name": "Paul"}
        connection.execute(participant.insert().values(**values, state="active"))
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    assert desk.ticket().first_response_at is not None
    returns(desk, letters_to(desk, desk.person("paul@acme.example"), Notice.ANSWER)[0])
    assert desk.ticket().first_response_at is None


@pytest.mark.parametrize("notice", [Notice.CONFIRMATION, Notice.ANSWER])
def test_what_an_earlier_letter_brought_about_stands(desk: StoryDesk, anna: Person, omar: Person, notice: Notice) -> None:
    """A second answer that fails takes nothing back from the first, and neither does a letter that nobody wrote."""
    answered(anna, omar)
    desk.passes(hours=1)
    omar.replies(Notice.NEW_TICKET, "And close it again.")
    returns(desk, letters_to(desk, anna, notice)[-1])
    assert desk.ticket().first_response_at is not None
    answered_last = notice is not Notice.ANSWER
    assert desk.ticket().waiting_on is (WaitingOn.CUSTOMER if answered_last else WaitingOn.SUPPORT)
    assert pending_timers(desk) == (["settle"] if answered_last else [])


def named(desk: StoryDesk, **names: str) -> None:
    """The directory knows these people of acme by name."""
    with desk.database.writing() as connection:
        for local_part, name in names.items():
            row = {"address": f"{local_part}@acme.example", "name": name, "account_id": "acme"}
            known = connection.execute(update(contact).where(contact.c.address == row["address"]).values(name=name)).rowcount
            if not known:
                connection.execute(contact.insert().values(**row))


def test_the_next_known_address_of_the_same_person_is_tried(desk: StoryDesk, anna: Person, omar: Person) -> None:
    named(desk, anna="Anna Weber", weber="anna  weber", paul="Paul Weber")
    other = desk.person("weber@acme.example")
    answered(anna, omar)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    assert "Open flap B." in other.letter(Notice.ANSWER).text
    assert desk.notices_to(desk.person("paul@acme.example")) == []
    assert desk.ticket().first_response_at is not None
    assert "It goes to weber@acme.example now" in omar.letter(Notice.DELIVERY_FAILURE).text
    other.replies(Notice.ANSWER, "It works.")
    assert len(desk.tickets()) == 1
    assert desk.history().messages[-1].author == other.address
    assert desk.ticket().first_response_at is not None
    returns(desk, letters_to(desk, other, Notice.ANSWER)[0])
    assert [letter.recipient for letter in letters_to(desk, other)] == [other.address]
    assert desk.ticket().first_response_at is None


def test_the_configuration_names_who_has_several_addresses(tmp_path: Path, reader: Reader) -> None:
    more = '[[account]]\nid = "weber"\n[account.people]\n"Mia Weber" = ["mia@weber.example", "mia@home.example"]\n'
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        mia, omar = desk.person("mia@weber.example"), desk.person("omar@desk.example")
        answered(mia, omar)
        assert desk.ticket().account == "weber"
        returns(desk, letters_to(desk, mia, Notice.ANSWER)[0])
        assert "Open flap B." in desk.person("mia@home.example").letter(Notice.ANSWER).text


@pytest.mark.parametrize("case", ["no name", "other account", "unsure author", "staff"])
def test_nobody_else_gets_the_letter(desk: StoryDesk, anna: Person, omar: Person, case: str) -> None:
    named(desk, anna="" if case == "no name" else "Anna Weber", weber="" if case == "no name" else "Anna Weber")
    with desk.database.writing() as connection:
        moved = update(contact).where(contact.c.address == "weber@acme.example")
        if case == "other account":
            connection.execute(moved.values(account_id="globex"))
        if case == "staff":
            connection.execute(moved.values(address="ines@desk.example"))
    anna.writes("Printer", "It jams.", peer="203.0.113.9" if case == "unsure author" else "127.0.0.1")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    assert desk.notices_to(desk.person("weber@acme.example")) == []
    assert Notice.ANSWER not in desk.notices_to(desk.person("ines@desk.example"))


@pytest.mark.parametrize("how", ["by silence", "by thanks"])
def test_a_closing_that_never_arrived_is_taken_back_once(desk: StoryDesk, anna: Person, omar: Person, how: str) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    if how == "by silence":
        desk.passes(days=7, hours=1)
    else:
        anna.replies(Notice.RESOLUTION, "Thanks!")
    assert desk.ticket().status is Status.CLOSED
    assert desk.ticket().closed_at is not None
    resolutions = desk.ticket().resolutions
    returns(desk, letters_to(desk, anna, Notice.CLOSING)[0], status="5.7.1", diagnostic="policy")
    assert (desk.ticket().status, desk.ticket().closed_at, desk.ticket().resolutions) == (Status.RESOLVED, None, resolutions)
    assert "is not closed but resolved again" in omar.letter(Notice.DELIVERY_FAILURE).text
    desk.passes(days=7, hours=1)
    assert desk.ticket().status is Status.CLOSED
    returns(desk, letters_to(desk, anna, Notice.CLOSING)[1], status="5.7.1", diagnostic="policy")
    assert desk.ticket().status is Status.CLOSED


def test_a_question_that_never_arrived_waits_for_nobody(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER
    returns(desk, letters_to(desk, anna, Notice.INFORMATION_REQUEST)[0])
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered"])
def test_what_is_no_failure_is_only_written_down(desk: StoryDesk, anna: Person, omar: Person, action: str) -> None:
    answered(anna, omar)
    before = desk.ticket()
    status = {"delayed": "4.4.1", "relayed": "2.1.9", "delivered": "2.0.0"}[action]
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0], action, status)
    assert kinds(desk)[-1] == f"delivery_{action}"
    assert letters_to(desk, anna, Notice.ANSWER)[0].state == "sent"
    assert (desk.ticket().first_response_at, suppressed(desk)) == (before.first_response_at, {})
    assert Notice.DELIVERY_FAILURE not in desk.notices_to(omar)


@pytest.mark.parametrize("wrong", ["a number alone", "another letter", "another letter's envelope", "not null"])
def test_a_report_that_may_be_forged_does_nothing(desk: StoryDesk, anna: Person, omar: Person, wrong: str) -> None:
    answered(anna, omar)
    answer, confirmation = letters_to(desk, anna, Notice.ANSWER)[0], letters_to(desk, anna, Notice.CONFIRMATION)[0]
    before, events, letters = desk.ticket(), kinds(desk), desk.notices_to(omar)
    to = SUPPORT if wrong == "a number alone" else answer.reverse_path
    number = answer.message_id.partition(".")[2]
    returned = {
        "another letter": confirmation.message_id,
        "a number alone": f"x{confirmation.message_id.partition('.')[0][1:]}.{number}",
    }.get(wrong, answer.message_id)
    envelope = str(confirmation.id) if wrong == "another letter's envelope" else ""
    content = report(to, anna.address, returned_id="" if envelope else returned, envelope_id=envelope)
    desk.person(DAEMON).mail(content, [to], "eve@evil.example" if wrong == "not null" else "")
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert (desk.ticket(), kinds(desk), desk.notices_to(omar), suppressed(desk)) == (before, events, letters, {})
    assert letters_to(desk, anna, Notice.ANSWER)[0].state == "sent"
    assert desk.mails()[-1].decision["reason"].startswith("a report")


def test_a_report_at_the_support_address_counts_by_the_message_id_of_the_letter(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    """Relays that replace the return path send reports to the address in From."""
    answered(anna, omar)
    answer = letters_to(desk, anna, Notice.ANSWER)[0]
    desk.person(DAEMON).mail(report(SUPPORT, anna.address, returned_id=answer.message_id), [SUPPORT], "")
    assert suppressed(desk) == {anna.address: "hard_bounce"}
    assert "did not arrive" in omar.letter(Notice.DELIVERY_FAILURE).text


@pytest.mark.parametrize("at_support", [True, False])
def test_a_report_about_the_target_of_a_forward_is_told_and_stops_no_letter(
    desk: StoryDesk, anna: Person, omar: Person, at_support: bool
) -> None:
    answered(anna, omar)
    answer, before = letters_to(desk, anna, Notice.ANSWER)[0], desk.ticket()
    to = SUPPORT if at_support else answer.reverse_path
    desk.person(DAEMON).mail(report(to, "paul@elsewhere.example", returned_id=answer.message_id), [to], "")
    told = omar.letter(Notice.DELIVERY_FAILURE).text
    assert "was passed on from there, and failed at paul@elsewhere.example (5.1.1 550 5.1.1 no such user)" in " ".join(
        told.split()
    )
    assert (suppressed(desk), desk.ticket().first_response_at, kinds(desk)[-1]) == (
        {},
        before.first_response_at,
        "delivery_failed_elsewhere",
    )
    assert letters_to(desk, anna, Notice.ANSWER)[0].state == "sent"


def test_the_envelope_id_alone_says_which_letter_but_gives_no_authority(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    answer = letters_to(desk, anna, Notice.ANSWER)[0]
    desk.person(DAEMON).mail(report(SUPPORT, anna.address, envelope_id=str(answer.id)), [SUPPORT], "")
    assert desk.mails()[-1].decision["reason"].startswith(f"a report about letter {answer.id}, but not at")
    assert suppressed(desk) == {}
    desk.person(DAEMON).mail(report(answer.reverse_path, anna.address, envelope_id=str(answer.id)), [answer.reverse_path], "")
    assert suppressed(desk) == {anna.address: "hard_bounce"}


def test_a_second_report_on_the_same_letter_is_only_written_down(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    for _ in range(2):
        returns(desk, letters_to(desk, anna, Notice.ANSWER)[0])
    assert kinds(desk).count("delivery_failed") == 2
    assert desk.notices_to(omar).count(Notice.DELIVERY_FAILURE) == 1


def test_a_mailbox_of_staff_is_never_given_up(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    returns(desk, letters_to(desk, omar, Notice.NEW_TICKET)[0])
    assert suppressed(desk) == {}
    assert letters_to(desk, omar, Notice.NEW_TICKET)[0].state == "failed"


@pytest.mark.parametrize("by", ["token", "returned letter"])
def test_a_complaint_stops_what_nobody_wrote_and_nothing_else(desk: StoryDesk, anna: Person, omar: Person, by: str) -> None:
    answered(anna, omar)
    answer = letters_to(desk, anna, Notice.ANSWER)[0]
    to = answer.reverse_path if by == "token" else "abuse@support.example.com"
    content = complaint(to, answer.message_id if by == "returned letter" else "")
    desk.person("fbl@provider.example").mail(content, [to])
    assert suppressed(desk) == {anna.address: "complaint"}
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert len(desk.tickets()) == 1
    anna.replies(Notice.ANSWER, "And flap C?")
    assert "has called an earlier letter spam" in omar.letter(Notice.CUSTOMER_REPLY).text
    omar.replies(Notice.CUSTOMER_REPLY, "Open it too.")
    assert letters_to(desk, anna, Notice.ANSWER)[-1].state == "sent"
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve")
    assert letters_to(desk, anna, Notice.RESOLUTION)[-1].state == "suppressed"


@pytest.mark.parametrize("case", ["not spam", "not our letter", "a colleague's"])
def test_a_complaint_that_stops_nothing(desk: StoryDesk, anna: Person, omar: Person, case: str) -> None:
    answered(anna, omar)
    whose = omar if case == "a colleague's" else anna
    answer = letters_to(desk, whose)[0]
    number = answer.message_id.partition(".")[2]
    returned = f"raaaaaaaaaaaod6aqdnog7q5oh5l3jafrvkpda.{number}" if case == "not our letter" else answer.message_id
    content = complaint("abuse@support.example.com", returned, "not-spam" if case == "not spam" else "abuse")
    desk.person("fbl@provider.example").mail(content, ["abuse@support.example.com"])
    assert suppressed(desk) == {}


def test_a_note_of_absence_to_the_return_address_stands_on_its_letters_ticket(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    answered(anna, omar)
    path = letters_to(desk, anna, Notice.ANSWER)[0].reverse_path
    content = (
        f"From: {anna.address}\r\nTo: {path}\r\nSubject: Automatic reply: Printer\r\nAuto-Submitted: auto-replied\r\n"
        "Message-ID: <ooo@acme.example>\r\n\r\nI am out of the office until 30 November 2026.\r\n"
    )
    anna.mail(content.encode(), [path], "")
    assert desk.mails()[-1].state is Disposition.NOTED
    assert kinds(desk)[-1] == "out_of_office"
    assert suppressed(desk) == {}
    ines = desk.person("ines@desk.example")
    omar.replies(Notice.NEW_TICKET, "#assign ines\nLet us wait.")
    assert "An automatic answer came from anna@acme.example" in ines.letters()[-1].text
    anna.replies(Notice.ANSWER, "Back again.")
    ines.replies(Notice.CUSTOMER_REPLY, "#assign omar\nFine.")
    assert "An automatic answer came" not in omar.letters()[-1].text


def test_what_our_own_relay_refuses_has_the_same_consequences(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    answer = letters_to(desk, anna, Notice.ANSWER)[0]
    with desk.database.writing() as connection:
        failed = update(outbox).where(outbox.c.id == answer.id).values(state="failed", last_reply="550 5.1.1 unknown user")
        connection.execute(failed)
    desk.settle()
    assert "there is no mailbox of this address" in omar.letter(Notice.DELIVERY_FAILURE).text
    assert desk.ticket().first_response_at is None
    assert suppressed(desk) == {anna.address: "hard_bounce"}
    desk.settle()
    assert desk.notices_to(omar).count(Notice.DELIVERY_FAILURE) == 1


def test_a_relay_that_refuses_everything_says_nothing_of_an_address(desk: StoryDesk, anna: Person, omar: Person) -> None:
    answered(anna, omar)
    with desk.database.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.notice == "answer").values(state="failed", last_reply="550 go away"))
    desk.settle()
    assert suppressed(desk) == {}
    assert Notice.DELIVERY_FAILURE in desk.notices_to(omar)


def test_a_held_letter_that_failed_is_let_be(desk: StoryDesk, anna: Person, omar: Person) -> None:
    omar.writes("Hello", "#resolve", peer="203.0.113.9")
    with desk.database.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.notice == "held").values(state="failed", last_reply="550 5.1.1 no"))
    desk.settle()
    with desk.database.reading() as connection:
        row = connection.execute(select(outbox.c.failure_told_at).where(outbox.c.notice == "held")).scalar_one()
    assert row is not None


def test_reopen_within_counts_from_the_closing_not_from_the_last_note(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.passes(days=7, hours=1)
    assert desk.ticket().status is Status.CLOSED
    desk.passes(days=24)
    omar.replies(Notice.NEW_TICKET, "#note\nFor the record.")
    desk.passes(days=10)
    anna.replies(Notice.CLOSING, "It jams again.")
    assert len(desk.tickets()) == 2
