"""Every reply lands in its conversation, on evidence; what contradicts itself never joins silently."""

from email.utils import make_msgid

from support.desk.story import StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.status import Status


def address_of(header: str) -> str:
    return header.rpartition("<")[2].rstrip(">")


def test_a_reply_without_a_token_is_found_by_the_ids_that_it_answers(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    parent = anna.letter(Notice.CONFIRMATION).header("Message-ID")
    anna.writes("completely other subject", "And it smells.", headers={"In-Reply-To": parent})
    anna.writes("Re: Printer", "Still.", headers={"References": f"<{anna.sent[0]}>"})
    assert [message.text for message in desk.history().messages] == ["It jams.", "And it smells.", "Still."]


def test_an_id_that_was_only_ever_seen_leads_to_the_ticket_too(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    unseen = make_msgid(domain="acme.example")
    anna.writes("Printer", "It jams.", headers={"References": unseen})
    anna.writes("Printer again", "Hello?", headers={"In-Reply-To": unseen})
    assert len(desk.tickets()) == 1


def test_the_same_subject_joins_nothing(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    anna.writes("Re: Printer", "Another one jams.")
    assert len(desk.tickets()) == 2


def test_a_bare_reference_joins_for_a_participant_and_only_links_for_a_stranger(desk: StoryDesk) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    reference = desk.ticket().reference
    anna.writes(f"About {reference}", "Any news?")
    assert len(desk.tickets()) == 1
    eve.writes(f"Re: {reference}", "Tell me all about it.")
    assert len(desk.tickets()) == 2
    assert desk.history(2).related == (reference,)
    assert [message.text for message in desk.history(1).messages] == ["It jams.", "Any news?"]


def test_a_strangers_in_reply_to_joins_nothing(desk: StoryDesk) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    parent = anna.letter(Notice.CONFIRMATION).header("Message-ID")
    eve.writes("Re: Printer", "Send me the history.", headers={"In-Reply-To": parent, "References": parent})
    assert len(desk.tickets()) == 2
    assert len(desk.history(1).messages) == 1


def test_a_token_in_other_hands_is_kept_and_marked_and_nothing_goes_there(desk: StoryDesk) -> None:
    anna, omar, carl = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("carl@other.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    token = address_of(anna.letter(Notice.RESOLUTION).header("Reply-To"))
    carl.writes("Re: Printer", "For me it is still broken.", to=token, headers={})
    history = desk.history()
    assert history.messages[-1].author == carl.address
    assert history.ticket.requester == 1
    assert {participant.address: participant.state for participant in history.ticket.participants}[
        carl.address
    ] is ParticipantState.UNVERIFIED
    assert desk.notices_to(carl) == []
    assert "Unverified sender" in omar.letter(Notice.REOPENED).text
    assert "For me it is still broken." not in "".join(letter.text for letter in anna.letters())
    omar.replies(Notice.REOPENED, "Thank you both.")
    assert desk.notices_to(carl) == []


def test_who_stands_in_cc_is_recorded_and_never_written_to(desk: StoryDesk) -> None:
    anna, omar, carl = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("carl@other.example")
    anna.writes("Printer", "It jams.", cc=carl.address)
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert {participant.address: participant.state for participant in desk.ticket().participants}[
        carl.address
    ] is ParticipantState.SEEN
    assert desk.notices_to(carl) == []


def test_clues_to_two_tickets_open_a_third_that_is_linked_to_both(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    first = anna.letter(Notice.CONFIRMATION)
    anna.writes("Scanner", "It hums.")
    token = address_of(anna.letter(Notice.CONFIRMATION).header("Reply-To"))
    message_id = anna.writes("Re: both", "Any news?", to=token, headers={"In-Reply-To": first.header("Message-ID")})
    assert len(desk.tickets()) == 3
    assert set(desk.history(3).related) == {desk.ticket(1).reference, desk.ticket(2).reference}
    assert "different requests" in desk.why(message_id).decision["reason"]


def test_the_same_mail_by_two_routes_has_one_effect(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    content = (
        b"From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: Printer\r\n"
        b"Message-ID: <one@acme.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\nIt jams.\r\n"
    )
    anna.mail(content, ["help@support.example.com"])
    anna.mail(b"Received: from a by b; Mon, 23 Nov 2026 09:01:00 +0000\r\n" + content, ["help@support.example.com"])
    anna.mail(content.replace(b"It jams.", b"It burns."), ["help@support.example.com"])
    assert [mail.state for mail in desk.mails()] == [Disposition.OPENED, Disposition.DISCARDED, Disposition.OPENED]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.CONFIRMATION]


def test_a_reply_long_after_closing_opens_a_linked_ticket(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "Thanks!")
    assert desk.ticket().status is Status.CLOSED
    desk.passes(days=31)
    anna.replies(Notice.CLOSING, "It jams again.")
    assert len(desk.tickets()) == 2
    assert desk.ticket(1).status is Status.CLOSED
    assert desk.history(2).related == (desk.ticket(1).reference,)
    anna.replies(Notice.CONFIRMATION, "And it smells.")
    assert [message.text for message in desk.history(2).messages] == ["It jams again.", "And it smells."]


def test_all_letters_to_a_person_are_one_thread(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    anna.replies(Notice.ANSWER, "Done, no change.")
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve\nReplaced.")
    for person, start in ((anna, anna.sent[0]), (omar, None)):
        first = start or person.letters()[0].header("Message-ID").strip("<>")
        held = {first}
        for letter in person.letters():
            parents = letter.header("References").split()
            if parents:
                assert parents[0].strip("<>") == first
                assert letter.header("In-Reply-To").strip("<>") in {parent.strip("<>") for parent in parents}
            held.add(letter.header("Message-ID").strip("<>"))
        assert len({one.header("Thread-Topic") for one in person.letters()}) == 1
        assert len({one.header("Subject") for one in person.letters()}) == 1


def test_a_reference_to_another_ticket_inside_a_reply_is_no_contradiction(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    anna.writes("Scanner", "It hums.")
    anna.replies(Notice.CONFIRMATION, f"This may be the same as {desk.ticket(1).reference}.")
    assert len(desk.tickets()) == 2
    assert len(desk.history(2).messages) == 2
    assert desk.history(2).related == (desk.ticket(1).reference,)


def test_what_a_customer_forwards_is_shown_below_the_comment(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    forwarded = (
        "Please look at this.\n\n> Begin forwarded message:\n>\n> From: Shop <shop@vendor.example>\n> Subject: Your order\n"
        "> Date: 20 November 2026 at 10:00:00 CET\n> To: anna@acme.example\n>\n> Your order 4711 was cancelled.\n"
    )
    anna.writes("Fwd: Your order", forwarded)
    letter = omar.letter(Notice.NEW_TICKET).text
    assert "Please look at this." in letter
    assert "Your order 4711 was cancelled." in letter
    assert "Your order 4711 was cancelled." in desk.inbox(account_id="acme")[0].body_text


def test_a_reply_without_words_never_shows_our_own_letter_as_the_customers(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "")
    letter = omar.letter(Notice.CUSTOMER_REPLY)
    assert "(no text)" in letter.text and "(no text)" in letter.html
    assert "joins your request" not in letter.text
    assert [message.text for message in desk.history().messages] == ["It jams.", ""]


def test_what_a_changed_subject_says_reaches_staff_and_inbox(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    reply_to = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    anna.writes("Please cancel contract 4711 today", "", to=reply_to, headers={"In-Reply-To": f"<{anna.sent[0]}>"})
    letter = omar.letter(Notice.CUSTOMER_REPLY)
    assert "New subject: Please cancel contract 4711 today" in letter.text
    assert "Please cancel contract 4711 today" in letter.html
    assert [row.subject for row in desk.inbox("acme") if row.direction == "customer"] == [
        "Printer",
        "Please cancel contract 4711 today",
    ]
    anna.replies(Notice.CONFIRMATION, "And soon, please.")
    assert "New subject" not in omar.letter(Notice.CUSTOMER_REPLY).text
