"""A customer lets an address write into their request; what services and lists send from it stands in no conversation."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState

MARKS = [
    {"Auto-Submitted": "auto-generated"},
    {"Precedence": "bulk", "List-Unsubscribe": "<mailto:x@team.example>", "List-Id": "<news.team.example>"},
    {"X-Auto-Response-Suppress": "All", "Auto-Submitted": "auto-generated"},
]


@pytest.mark.parametrize("marks", MARKS)
def test_consent_covers_no_codes(desk: StoryDesk, marks: dict[str, str]) -> None:
    anna, team = desk.person("anna@acme.example"), desk.person("team@team.example")
    anna.writes("Printer", "It jams.")
    token = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    team.writes("Re: Printer", "I am her colleague.", to=token)
    line = next(line for line in anna.letter(Notice.CONSENT_REQUEST).text.splitlines() if line.startswith("Yes, always"))
    anna.writes("Yes", "", to=line.partition("mailto:")[2].partition("?")[0])
    joined = desk.ticket().participant_at(team.address)
    assert joined is not None and joined.state is ParticipantState.ACTIVE
    team.writes("Your code is 482913", "Enter 482913 to go on.", to=token, headers=marks)
    assert not any("482913" in message.text for message in desk.history(1).messages)
    assert not any("482913" in row.body_text for row in desk.inbox("acme"))
    team.writes("Re: Printer", "It jams at page two.", to=token)
    assert desk.history(1).messages[-1].text == "It jams at page two."


@pytest.mark.parametrize("path, marks", [("", {}), ("anna@acme.example", {"List-Id": "<all.acme.example>"})])
def test_no_machine_consents(desk: StoryDesk, path: str, marks: dict[str, str]) -> None:
    """A mailbox that answers every address that it reads lets nobody in, as it rates nothing."""
    anna, team = desk.person("anna@acme.example"), desk.person("team@team.example")
    anna.writes("Printer", "It jams.")
    token = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    team.writes("Re: Printer", "I am her colleague.", to=token)
    line = next(line for line in anna.letter(Notice.CONSENT_REQUEST).text.splitlines() if line.startswith("Yes, always"))
    to = line.partition("mailto:")[2].partition("?")[0]
    fields = "".join(f"{name}: {value}\r\n" for name, value in marks.items())
    anna.mail(
        f"From: anna@acme.example\r\nTo: {to}\r\n{fields}Subject: Re:\r\n\r\nReceived.\r\n".encode(), [to], reverse_path=path
    )
    asked_about = desk.ticket().participant_at(team.address)
    assert asked_about is not None and asked_about.state is ParticipantState.UNVERIFIED
