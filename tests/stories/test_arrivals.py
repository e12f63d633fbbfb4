"""Mails that come at once, twice, or out of order end as if they had come one by one."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def reply_address(person: Person, notice: Notice) -> str:
    return person.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def mail(person: Person, message_id: str, text: str, parent: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = person.address, SUPPORT, "Printer"
    message["Message-ID"] = f"<{message_id}>"
    if parent:
        message["In-Reply-To"] = f"<{parent}>"
    message.set_content(text)
    return message.as_bytes(policy=policy.SMTP)


def arrive(desk: StoryDesk, person: Person, *mails: bytes, to: str = SUPPORT, peer: str = "127.0.0.1") -> None:
    """All of them wait in the store before anybody looks."""
    for content in mails:
        desk.now += timedelta(seconds=1)
        desk.deliver(person.address, [to], content, peer)
    desk.settle()


def test_who_writes_again_before_the_first_mail_is_read_has_one_ticket(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    arrive(desk, anna, mail(anna, "1@a", "It jams."), mail(anna, "2@a", "Still.", "1@a"), mail(anna, "3@a", "And now?", "2@a"))
    assert [message.text.strip() for message in desk.history().messages] == ["It jams.", "Still.", "And now?"]
    assert len(desk.tickets()) == 1


def test_a_mail_that_comes_after_the_answer_to_it_has_the_same_ticket(desk: StoryDesk) -> None:
    anna, carl = desk.person("anna@acme.example"), desk.person("carl@other.example")
    arrive(desk, anna, mail(anna, "2@a", "Still.", "1@a"))
    arrive(desk, carl, mail(carl, "1@a", "I know your id."))
    arrive(desk, anna, mail(anna, "1@a", "It jams."))
    assert [[message.text.strip() for message in desk.history(place).messages] for place in (1, 2)] == [
        ["Still.", "It jams."],
        ["I know your id."],
    ]


def test_in_one_batch_too(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    arrive(desk, anna, mail(anna, "2@a", "Still.", "1@a"), mail(anna, "1@a", "It jams."))
    assert len(desk.tickets()) == 1


def test_two_answers_to_a_mail_that_never_came_have_one_ticket(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    arrive(desk, anna, mail(anna, "2@a", "Still.", "1@elsewhere"), mail(anna, "3@a", "And now?", "1@elsewhere"))
    assert len(desk.tickets()) == 1


def test_more_mails_on_one_ticket_than_rounds_are_all_read_at_the_first_try(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    arrive(desk, anna, *(mail(anna, f"{n}@a", f"More, {n}.") for n in range(30)), to=reply_address(anna, Notice.CONFIRMATION))
    assert [one.attempts for one in desk.mails()] == [1] * 31
    assert [one.state for one in desk.mails()[1:]] == [Disposition.THREADED] * 30


def test_a_held_mail_that_comes_twice_is_held_once(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    token, content = reply_address(omar, Notice.NEW_TICKET), mail(omar, "1@o", "Open flap B.")
    arrive(desk, omar, content, content, to=token, peer="203.0.113.9")
    arrive(desk, omar, content, to=token, peer="203.0.113.9")
    assert [one.state for one in desk.mails()[1:]] == [Disposition.HELD, Disposition.DISCARDED, Disposition.DISCARDED]
    assert desk.notices_to(omar).count(Notice.HELD) == 1


def test_a_held_mail_that_comes_again_with_proof_acts(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    token, content = reply_address(omar, Notice.NEW_TICKET), mail(omar, "1@o", "Open flap B.")
    arrive(desk, omar, content, to=token, peer="203.0.113.9")
    arrive(desk, omar, content, to=token)
    arrive(desk, omar, content, to=token)
    assert [one.state for one in desk.mails()[1:]] == [Disposition.HELD, Disposition.THREADED, Disposition.DISCARDED]
    assert desk.notices_to(anna).count(Notice.ANSWER) == 1


def test_a_mail_to_the_desk_and_to_a_ticket_closed_long_ago_opens_one(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    token = reply_address(anna, Notice.CONFIRMATION)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.passes(days=7)
    assert desk.ticket().status is Status.CLOSED
    desk.passes(days=400)
    content = mail(anna, "9@a", "Another thing.")
    arrive(desk, anna, content)
    arrive(desk, anna, content, to=token)
    assert len(desk.tickets()) == 2
    assert desk.mails()[-1].state is Disposition.DISCARDED


def test_a_copy_that_only_names_another_ticket_has_had_its_effect(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    anna.writes("Screen", "It is dark.")
    content = mail(anna, "9@a", f"It is like {desk.ticket(1).reference}.")
    arrive(desk, anna, content, to=reply_address(anna, Notice.CONFIRMATION))
    arrive(desk, anna, content)
    assert [len(desk.history(place).messages) for place in (1, 2)] == [1, 2]
    assert desk.mails()[-1].state is Disposition.DISCARDED


@pytest.mark.parametrize("first", [0, 1])
def test_the_address_that_stands_first_in_to_names_the_queue_whichever_copy_comes_first(desk: StoryDesk, first: int) -> None:
    billing = "billing@support.example.com"
    content = (
        f"From: Eva <eva@client.example>\r\nTo: {billing}\r\nCc: {SUPPORT}\r\nSubject: My invoice\r\n"
        "Message-ID: <1@client.example>\r\n\r\nThe amount is wrong.\r\n"
    ).encode()
    for recipient in sorted((billing, SUPPORT), reverse=bool(first)):
        desk.deliver("eva@client.example", [recipient], content, "127.0.0.1")
        desk.settle()
    assert [ticket.queue for ticket in desk.tickets()] == ["billing"]


def test_a_hidden_copy_goes_to_the_queue_of_its_own_recipient(desk: StoryDesk) -> None:
    content = b"From: Eva <eva@client.example>\r\nTo: her@friend.example\r\nSubject: My invoice\r\n\r\nThe amount is wrong.\r\n"
    desk.deliver("eva@client.example", ["billing@support.example.com"], content, "127.0.0.1")
    desk.settle()
    assert desk.ticket().queue == "billing"
