"""A logo below every mail is no attachment that anybody sent."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.gateway.cli.ticket import _page
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

LOGO = b"\x89PNG the logo of acme"
SCREENSHOT = b"\x89PNG what the page shows"


@pytest.fixture
def paul(desk: StoryDesk) -> Person:
    return desk.person("paul@acme.example", "Paul")


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example")


def assignee(desk: StoryDesk, place: int) -> Person:
    return desk.person(str(desk.ticket(place).assignee))


def attachments(desk: StoryDesk, place: int) -> dict[object, bool]:
    """Name and mark of what the newest message of a ticket holds."""
    return {
        attachment["filename"]: bool(attachment.get("recurring")) for attachment in desk.history(place).messages[-1].attachments
    }


@pytest.mark.parametrize("shown", ["inline", "attachment"])
def test_paul_writes_twice_with_his_logo_and_once_with_a_screenshot(desk: StoryDesk, paul: Person, shown: str) -> None:
    paul.writes("Printer", "It jams.", images={"logo.png": LOGO}, shown=shown)
    assert attachments(desk, 1) == {"logo.png": False}
    assert assignee(desk, 1).letter(Notice.NEW_TICKET).files == {"logo.png": LOGO}

    paul.writes("Scanner", "It smokes.", images={"logo.png": LOGO, "page.png": SCREENSHOT}, shown=shown)
    assert attachments(desk, 2) == {"logo.png": True, "page.png": False}
    letter = assignee(desk, 2).letter(Notice.NEW_TICKET)
    assert letter.files == {"page.png": SCREENSHOT}
    assert "1 signature image, kept on the ticket" in letter.text
    assert "1 signature image, kept on the ticket" in letter.html
    assert "logo.png" not in letter.text + letter.html
    assert "logo.png" not in paul.letter(Notice.CONFIRMATION).text
    assert ("page.png" in paul.letter(Notice.CONFIRMATION).text) == (shown == "attachment")
    page = _page(desk.history(2))
    assert f"[logo.png: signature image, sent before, {len(LOGO)} octets]" in page
    assert f"[page.png: image/png, {len(SCREENSHOT)} octets]" in page
    assert [bool(attachment.get("recurring")) for attachment in desk.inbox("acme", desk.ticket(2).thread_key)[0].attachments] == [
        True,
        False,
    ]


def test_a_colleague_of_the_same_account_shares_the_logo_and_a_stranger_does_not(
    desk: StoryDesk, paul: Person, anna: Person
) -> None:
    paul.writes("Printer", "It jams.", images={"logo.png": LOGO})
    anna.writes("Scanner", "It smokes.", images={"anything.png": LOGO})
    assert attachments(desk, 2) == {"anything.png": True}
    stranger = desk.person("eve@gmail.example")
    stranger.writes("Hello", "Is this free?", images={"logo.png": LOGO})
    assert attachments(desk, 3) == {"logo.png": False}
    desk.person("adam@gmail.example").writes("Hello", "Is it?", images={"logo.png": LOGO})
    assert attachments(desk, 4) == {"logo.png": False}
    stranger.writes("Again", "Is it free?", images={"logo.png": LOGO})
    assert attachments(desk, 5) == {"logo.png": True}


def test_thanks_with_a_logo_close_the_ticket_and_thanks_with_a_picture_do_not(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.", images={"logo.png": LOGO}, shown="attachment")
    assignee(desk, 1).replies(Notice.NEW_TICKET, "#resolve\nThe cable was loose.")
    anna.replies(Notice.RESOLUTION, "Thank you!", images={"page.png": SCREENSHOT}, shown="attachment")
    assert desk.ticket().status is Status.IN_PROGRESS
    assignee(desk, 1).replies(Notice.REOPENED, "#resolve\nNow it works.")
    anna.replies(Notice.RESOLUTION, "Thank you!", images={"logo.png": LOGO}, shown="attachment")
    assert desk.ticket().status is Status.CLOSED


def test_a_large_image_and_a_file_are_listed_every_time(desk: StoryDesk, anna: Person) -> None:
    large, file = b"\x89PNG" + bytes(64 * 1024), b"%PDF-1"
    for subject in ("Printer", "Scanner"):
        anna.writes(subject, "See the files.", images={"photo.png": large}, files={"march.pdf": file}, shown="attachment")
    assert attachments(desk, 2) == {"march.pdf": False, "photo.png": False}


def test_what_staff_send_again_on_purpose_goes_to_every_customer(desk: StoryDesk, anna: Person) -> None:
    for place, subject in enumerate(("Printer", "Scanner"), start=1):
        anna.writes(subject, "How does it work?")
        assignee(desk, place).replies(Notice.NEW_TICKET, "Like this.", images={"how.png": SCREENSHOT}, shown="attachment")
        assert anna.letter(Notice.ANSWER).files == {"how.png": SCREENSHOT}
