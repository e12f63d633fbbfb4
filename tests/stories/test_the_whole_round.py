"""The promises of the desk told once from end to end, by mail and in the platform."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.store.platform import waiting_replies
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

ROUND = [
    Notice.CONFIRMATION,
    Notice.ANSWER,
    Notice.INFORMATION_REQUEST,
    Notice.ESCALATION,
    Notice.RESOLUTION,
    Notice.REOPENED,
    Notice.RESOLUTION,
    Notice.CLOSING,
]


@pytest.fixture(params=["desk", "wire", "postgresql_desk"])
def any_desk(request: pytest.FixtureRequest) -> StoryDesk:
    desk: StoryDesk = request.getfixturevalue(request.param)
    return desk


def test_a_request_goes_its_whole_way_by_mail(any_desk: StoryDesk) -> None:
    desk = any_desk
    anna, omar, ines = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("ines@desk.example")

    anna.writes("Cannot log in", "The page says locked.")
    ticket = desk.ticket()
    assert (ticket.status, ticket.waiting_on, ticket.assignee) == (Status.IN_REVIEW, WaitingOn.SUPPORT, omar.address)
    assert (ticket.account, ticket.plan, ticket.category) == ("acme", "business", "account access")
    assert ticket.reference in anna.letter(Notice.CONFIRMATION).text
    assert [row.direction for row in desk.inbox(account_id="acme")] == ["customer", "support"]
    assert "The page says locked." in omar.letter(Notice.NEW_TICKET).text

    omar.replies(Notice.NEW_TICKET, "I am looking at it.")
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "I am looking at it." in anna.letter(Notice.ANSWER).text
    assert omar.address not in anna.letter(Notice.ANSWER).message.as_string()

    anna.replies(Notice.ANSWER, "It is urgent for us.")
    assert "It is urgent for us." in omar.letter(Notice.CUSTOMER_REPLY).text
    assert desk.history().messages[-1].text == "It is urgent for us."

    omar.replies(Notice.CUSTOMER_REPLY, "#ask\nWhich browser is it?")
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER
    assert "Which browser is it?" in anna.letter(Notice.INFORMATION_REQUEST).text

    anna.replies(Notice.INFORMATION_REQUEST, "Firefox 140.")
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT

    omar.replies(Notice.CUSTOMER_REPLY, "#note\nSmells like the session bug.")
    assert [note.text for note in desk.history().notes] == ["Smells like the session bug."]

    omar.replies(Notice.CUSTOMER_REPLY, "#escalate session store\nI have asked a colleague to help.")
    ticket = desk.ticket()
    assert (ticket.status, ticket.escalation_level, ticket.assignee) == (Status.ESCALATED, 1, ines.address)
    assert "session store" in ines.letter(Notice.ESCALATION).text

    ines.replies(Notice.ESCALATION, "#resolve\nUnlocked, please try again.")
    assert desk.ticket().status is Status.RESOLVED
    assert "Unlocked, please try again." in anna.letter(Notice.RESOLUTION).text

    anna.replies(Notice.RESOLUTION, "Still locked, I am afraid. What now?")
    ticket = desk.ticket()
    assert (ticket.status, ticket.assignee) == (Status.IN_PROGRESS, ines.address)

    ines.replies(Notice.REOPENED, "#resolve\nNow it is really unlocked.")
    anna.replies(Notice.RESOLUTION, "Thank you very much!")
    assert desk.ticket().status is Status.CLOSED

    assert desk.notices_to(anna) == ROUND
    assert len(desk.tickets()) == 1
    assert [row.notice for row in desk.inbox(account_id="acme") if row.direction == "support"] == [
        str(notice) for notice in ROUND
    ]
    everything = "\n".join(letter.message.as_string() for letter in anna.letters()) + str(desk.inbox())
    assert "session bug" not in everything
    assert [event.number for event in desk.history().events] == list(range(1, len(desk.history().events) + 1))


def test_the_same_round_written_in_the_platform(any_desk: StoryDesk) -> None:
    desk = any_desk
    anna, omar, ines = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("ines@desk.example")

    desk.writes_in_platform("acme", anna.address, "Cannot log in\nThe page says locked.")
    ticket = desk.ticket()
    key = ticket.thread_key
    assert (ticket.subject, ticket.status, ticket.plan) == ("Cannot log in", Status.IN_REVIEW, "business")

    omar.replies(Notice.NEW_TICKET, "I am looking at it.")
    desk.writes_in_platform("acme", anna.address, "It is urgent for us.", key)
    assert "It is urgent for us." in omar.letter(Notice.CUSTOMER_REPLY).text
    omar.replies(Notice.CUSTOMER_REPLY, "#ask\nWhich browser is it?")
    desk.writes_in_platform("acme", anna.address, "Firefox 140.", key)
    omar.replies(Notice.CUSTOMER_REPLY, "#escalate\nI have asked a colleague to help.")
    ines.replies(Notice.ESCALATION, "#resolve\nUnlocked, please try again.")
    desk.writes_in_platform("acme", anna.address, "Still locked, I am afraid. What now?", key)
    assert desk.ticket().status is Status.IN_PROGRESS
    ines.replies(Notice.REOPENED, "#resolve\nNow it is really unlocked.")
    desk.writes_in_platform("acme", anna.address, "Thank you very much!", key)
    assert desk.ticket().status is Status.CLOSED

    assert desk.notices_to(anna) == ROUND
    thread = desk.inbox(thread_key=key)
    assert [one.notice for one in thread if one.direction == "support"] == [str(notice) for notice in ROUND]
    assert [one.body_text for one in thread if one.direction == "customer"][1:3] == ["It is urgent for us.", "Firefox 140."]
    assert waiting_replies(desk.database, desk.now, 10) == []


def test_both_channels_are_one_conversation(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export fails", "There is an error.")
    desk.writes_in_platform("acme", anna.address, "And it is slow.", desk.ticket().thread_key)
    omar.replies(Notice.CUSTOMER_REPLY, "We see it.")
    anna.replies(Notice.ANSWER, "Good.")
    assert len(desk.tickets()) == 1
    assert [message.text for message in desk.history().messages] == [
        "There is an error.",
        "And it is slow.",
        "We see it.",
        "Good.",
    ]
