"""Requests that were merged are one: one history, one customer who waits or was answered, and the earlier of two promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.cli.ticket import ticket_group
from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import due_of, running

MORE = """
[plans.free]
[plans.starter]
[plans.business]
first_response = "4h"
next_response = "4h"
resolution = "40h"
"""


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "merged", more=MORE), reader) as desk:
        yield desk


def about(omar: Person, ticket: Ticket, text: str) -> None:
    omar.writes("", f"#on {ticket.reference}\n{text}")


def goes_on(omar: Person, ended: Ticket, survivor: Ticket, word: str) -> None:
    """End a request in another one, by the command on either of them."""
    ticket, line = (survivor, f"#merge {ended.reference}") if word == "#merge" else (ended, f"#join {survivor.reference}")
    about(omar, ticket, line)
    omar.replies(Notice.HELD, "#send", quote=False)


def gives_answer(desk: StoryDesk, omar: Person, place: int, text: str) -> None:
    about(omar, desk.ticket(place), text)
    desk.passes(minutes=1)


def test_merged_requests_show_one_history(desk: StoryDesk, anna: Person, omar: Person, tmp_path: Path) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    gives_answer(desk, omar, 1, "I have reset your account.")
    about(omar, desk.ticket(1), "#note\nShe was locked twice this week.")
    anna.writes("Login", "It asks for a code.")
    first, second = desk.tickets()
    goes_on(omar, first, second, "#merge")
    anna.writes("Re: Login", "Which code is it?", headers={"In-Reply-To": f"<{anna.sent[-1]}>"})
    letter = omar.letter(Notice.CUSTOMER_REPLY).text.replace("\r\n", "\n")
    assert f"UTC\n    It asks for a code.\nOmar Haddad, Mon 23 Nov, 09:00 UTC, {first.reference}\n    I have reset" in letter
    history = desk.history(2)
    assert [(message.text, history.origins.get(message.id, "")) for message in history.messages] == [
        ("The page says locked.", first.reference),
        ("I have reset your account.", first.reference),
        ("It asks for a code.", ""),
        ("Which code is it?", ""),
    ]
    config = ["--config", str(tmp_path / "merged" / "helpdesk.toml")]
    page = CliRunner().invoke(ticket_group, ["show", second.reference, *config], catch_exceptions=False).output
    assert f"internal note by omar@desk.example on {first.reference}" in page
    told = CliRunner().invoke(ticket_group, ["show", second.reference, "--json", *config], catch_exceptions=False).output
    assert told.count(f'"ticket": "{first.reference}"') == 3
    about(omar, second, "#assign ines\nPlease go on here.")
    handed = desk.person("ines@desk.example").letter(Notice.ASSIGNMENT).text
    assert "She was locked twice this week." in handed
    assert handed.count(f", {first.reference}") == 3


def test_show_knows_the_last_words_of_a_merged_request(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Login", "It asks for a code.")
    anna.writes("Cannot log in", "The page says locked.")
    first, second = desk.tickets()
    goes_on(omar, second, first, "#merge")
    about(omar, first, "#show")
    assert "The page says locked." in omar.letters()[-2].text


@pytest.mark.parametrize("word", ["#merge", "#join"])
def test_an_answered_request_stays_answered_unless_the_other_one_waits(
    desk: StoryDesk, anna: Person, omar: Person, word: str
) -> None:
    for subject in ("Cannot log in", "Login", "Password"):
        anna.writes(subject, "The page says locked.")
        desk.passes(minutes=10)
    began = desk.ticket(3).created_at
    for place in (1, 2):
        gives_answer(desk, omar, place, "I have reset your account.")
    first, second, third = desk.tickets()
    goes_on(omar, second, first, word)
    assert desk.ticket(1).waiting_on is WaitingOn.CUSTOMER
    goes_on(omar, third, first, word)
    survivor = desk.ticket(1)
    assert (survivor.status, survivor.waiting_on) == (Status.IN_PROGRESS, WaitingOn.SUPPORT)
    [waits] = [clock for clock in survivor.clocks if clock.kind is TargetKind.NEXT_RESPONSE and clock.ended_at is None]
    assert waits.since == began
    assert "customer_wrote" in [event.kind for event in desk.history(1).events]


@pytest.mark.parametrize("word", ["#merge", "#join"])
def test_a_customer_who_was_answered_on_one_request_waits_for_no_first_answer_on_the_other(
    desk: StoryDesk, anna: Person, omar: Person, word: str
) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    gives_answer(desk, omar, 1, "I have reset your account.")
    first_due = due_of(TargetKind.RESOLUTION, desk.ticket(1), desk.node.desk.policy)
    desk.passes(hours=2)
    anna.writes("Login", "It asks for a code.")
    first, second = desk.tickets()
    goes_on(omar, first, second, word)
    survivor = desk.ticket(2)
    assert survivor.waiting_on is WaitingOn.SUPPORT
    assert survivor.first_response_at is not None
    assert [target.kind for target in running(survivor, desk.node.desk.policy)] == [
        TargetKind.NEXT_RESPONSE,
        TargetKind.RESOLUTION,
    ]
    own, together = second.clocks[-1], survivor.clocks[-1]
    assert first_due is None
    assert together.spent > own.spent
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert desk.ticket(2).clocks == second.clocks


def test_an_open_question_that_is_merged_into_a_solved_request_opens_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    gives_answer(desk, omar, 1, "#resolve\nI have reset your account.")
    anna.writes("Login", "It asks for a code.")
    first, second = desk.tickets()
    goes_on(omar, second, first, "#merge")
    assert (desk.ticket(1).status, desk.ticket(1).waiting_on) == (Status.IN_PROGRESS, WaitingOn.SUPPORT)
    omar.writes("", "#status")
    assert "last word: Anna," in omar.letter(Notice.DIGEST).text
