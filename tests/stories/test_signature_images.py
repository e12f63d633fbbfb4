"""A logo below every mail is no attachment that anybody sent, and what somebody attaches is always one."""

from typing import Any

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.gateway.cli.ticket import _page
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

LOGO = b"\x89PNG\r\n the logo of acme"
SCREENSHOT = b"\x89PNG\r\n what the page shows"
KEPT = "Not sent along, kept on the request: logo.png (image of the signature, #file 2)"


@pytest.fixture
def paul(desk: StoryDesk) -> Person:
    return desk.person("paul@acme.example", "Paul")


def assignee(desk: StoryDesk, place: int) -> Person:
    return desk.person(str(desk.ticket(place).assignee))


def attachments(desk: StoryDesk, place: int) -> dict[object, bool]:
    """Name and mark of what the newest message of a ticket holds."""
    return {
        attachment["filename"]: bool(attachment.get("recurring")) for attachment in desk.history(place).messages[-1].attachments
    }


def test_from_the_third_mail_of_an_account_its_logo_stays_on_the_ticket_and_is_named(
    desk: StoryDesk, paul: Person, anna: Person
) -> None:
    for place, (person, name) in enumerate(((paul, "logo.png"), (anna, "anything.png")), start=1):
        person.writes("Printer", "It jams.", logo={name: LOGO})
        assert assignee(desk, place).letter(Notice.NEW_TICKET).files == {name: LOGO}
        assert attachments(desk, place) == {name: False}

    paul.writes("Copier", "It hums.", logo={"logo.png": LOGO}, pasted={"page.png": SCREENSHOT}, files={"march.pdf": b"%PDF"})
    assert attachments(desk, 3) == {"march.pdf": False, "page.png": False, "logo.png": True}
    letter = assignee(desk, 3).letter(Notice.NEW_TICKET)
    assert letter.files == {"page.png": SCREENSHOT, "march.pdf": b"%PDF"}
    assert KEPT in " ".join(letter.text.split())
    assert KEPT.partition(": ")[2] in letter.html
    assert "logo.png" not in paul.letter(Notice.CONFIRMATION).text
    page = _page(desk.history(3))
    assert f"[logo.png: signature image, sent before, {len(LOGO)} octets]" in page
    assert f"[page.png: image/png, {len(SCREENSHOT)} octets]" in page


def test_strangers_of_one_provider_share_no_logo(desk: StoryDesk) -> None:
    for name in ("eve", "adam", "ruth"):
        desk.person(f"{name}@gmail.example").writes("Hello", "Is this free?", logo={"logo.png": LOGO})
    assert attachments(desk, 3) == {"logo.png": False}


@pytest.mark.parametrize("shown", ["inline", "attachment"])
def test_a_picture_that_is_attached_again_and_again_reaches_staff_each_time(
    desk: StoryDesk, paul: Person, anna: Person, shown: str
) -> None:
    """What a mail program calls inline, and no HTML shows, is a file like any other."""
    for person in (paul, anna, paul, paul):
        person.writes("Red box", "It still comes.", images={"redbox.png": SCREENSHOT}, shown=shown)
    assert assignee(desk, 4).letter(Notice.NEW_TICKET).files == {"redbox.png": SCREENSHOT}
    assert "Attachments: redbox.png" in assignee(desk, 4).letter(Notice.NEW_TICKET).text
    assert "redbox.png" in paul.letter(Notice.CONFIRMATION).text


def test_a_mail_that_holds_nothing_but_its_picture_never_arrives_empty(desk: StoryDesk, paul: Person) -> None:
    for _ in range(4):
        paul.writes("Red box", "", logo={"redbox.png": SCREENSHOT})
    assert assignee(desk, 4).letter(Notice.NEW_TICKET).files == {"redbox.png": SCREENSHOT}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"logo": {"logo.png": LOGO}}, Status.CLOSED),
        ({"pasted": {"page.png": SCREENSHOT}}, Status.IN_PROGRESS),
        ({"images": {"page.png": SCREENSHOT}, "shown": "attachment"}, Status.IN_PROGRESS),
        ({"images": {"page.png": SCREENSHOT}, "shown": "inline"}, Status.IN_PROGRESS),
        ({"files": {"form.pdf": b"%PDF"}}, Status.IN_PROGRESS),
    ],
    ids=["logo", "pasted", "attached", "called inline", "file"],
)
def test_thanks_close_the_ticket_beside_a_logo_and_reopen_it_with_something_to_look_at(
    desk: StoryDesk, anna: Person, sent: dict[str, Any], status: Status
) -> None:
    anna.writes("Printer", "It jams.")
    assignee(desk, 1).replies(Notice.NEW_TICKET, "#resolve\nThe cable was loose.")
    anna.replies(Notice.RESOLUTION, "Thank you!", **sent)
    assert desk.ticket().status is status
    if status is Status.IN_PROGRESS:
        assert assignee(desk, 1).letter(Notice.REOPENED).files


def test_what_staff_send_again_on_purpose_goes_to_every_customer(desk: StoryDesk, anna: Person) -> None:
    for place, subject in enumerate(("Printer", "Scanner"), start=1):
        anna.writes(subject, "How does it work?")
        assignee(desk, place).replies(Notice.NEW_TICKET, "Like this.", images={"how.png": SCREENSHOT}, shown="attachment")
        assert anna.letter(Notice.ANSWER).files == {"how.png": SCREENSHOT}
