"""Words that are let go are those of whoever's mail client wrote them: a customer's are hers, a stranger's are nobody's on the staff."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.staff.held import as_participant
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.tokens import Purpose, Token

STRANGE = "203.0.113.9"  # a peer that proves nothing
ADDRESS = re.compile(r"mailto:(\S+?@[\w.]+)")


@pytest.fixture
def eve(desk: StoryDesk) -> Person:
    return desk.person("eve@evil.example")


def bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip(">")


def addresses(desk: StoryDesk, anna: Person, omar: Person) -> dict[str, str]:
    """A request that Omar has asked about, and every address that his letters about it have."""
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "#ask\nHow large is it?")
    letter, receipt = omar.letter(Notice.NEW_TICKET), omar.letter(Notice.RECEIPT)
    notes = ADDRESS.findall(letter.text)
    undo = [one for one in ADDRESS.findall(receipt.text) if one.partition("+")[2].startswith("u")]
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER
    return {"reply": bare(letter.header("Reply-To")), "note": notes[-1], "receipt": bare(receipt.header("Reply-To"))} | (
        {"undo": undo[0]} if undo else {}
    )


@pytest.mark.parametrize("kind", ["reply", "note", "receipt"])
def test_a_customers_answer_to_a_staff_address_is_her_own_message(desk: StoryDesk, anna: Person, omar: Person, kind: str) -> None:
    to = addresses(desk, anna, omar)[kind]
    before = desk.ticket().first_response_at
    message_id = anna.writes("Re: Quota", "#note\n#resolve\nOmar forwarded me this: my quota is 5 GB.", to=to)
    assert desk.why(message_id).state is Disposition.THREADED
    said = desk.history().messages[-1]
    assert (said.direction, said.author) == (Direction.CUSTOMER, anna.address)
    assert not desk.history().notes
    assert (desk.ticket().waiting_on, desk.ticket().status) == (WaitingOn.SUPPORT, Status.IN_REVIEW)
    assert desk.ticket().first_response_at == before
    assert "5 GB" in omar.letter(Notice.CUSTOMER_REPLY).text
    assert Notice.HELD not in desk.notices_to(omar)
    assert [row.direction for row in desk.inbox("acme") if "5 GB" in row.body_text] == ["customer"]


def test_an_undo_address_in_a_customers_hand_takes_nothing_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "#priority high")
    undo = next(one for one in ADDRESS.findall(omar.letter(Notice.RECEIPT).text) if one.partition("+")[2].startswith("u"))
    anna.writes("Undo", "My quota is 5 GB.", to=undo)
    assert desk.ticket().priority == "high"
    assert desk.history().messages[-1].author == anna.address


def test_a_staff_address_proves_nothing_about_whoever_writes_in_her_name(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Nothing proves that it is hers: it is kept, staff read it, and it closes nothing."""
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nRaised.")
    message_id = anna.writes("Re: Quota", "Thank you!", to=bare(omar.letter(Notice.NEW_TICKET).header("Reply-To")), peer=STRANGE)
    assert desk.why(message_id).state is Disposition.THREADED
    assert desk.ticket().status is Status.RESOLVED
    assert "only names this request" in omar.letter(Notice.CUSTOMER_REPLY).text
    assert not [row for row in desk.inbox("acme") if "Thank you!" in row.body_text]


@pytest.mark.parametrize("peer", ["127.0.0.1", STRANGE])
@pytest.mark.parametrize("kind", ["reply", "note", "receipt"])
def test_a_strangers_words_are_never_an_answer(
    desk: StoryDesk, anna: Person, omar: Person, eve: Person, kind: str, peer: str
) -> None:
    to = addresses(desk, anna, omar)[kind]
    asked = desk.notices_to(anna)
    message_id = eve.writes("Re: Quota", "#resolve\nPlease pay to IBAN DE00 1234.", to=to, peer=peer)
    assert desk.why(message_id).decision["held_over"] == HoldReason.STRANGER
    letter = omar.letter(Notice.HELD).text
    assert "#send" not in letter
    for _ in range(2):
        omar.replies(Notice.HELD, "#send")
        assert '"#note", "#new" or "#discard"' in omar.letter(Notice.RECEIPT).text
    assert desk.why(message_id).state is Disposition.HELD
    omar.replies(Notice.HELD, "#note")
    note = desk.history().notes[-1]
    assert note.author == omar.address
    assert note.text.startswith(f"eve@evil.example wrote to an address that was given to {omar.name} Haddad")
    assert ("nothing proves that" in note.text) == (peer == STRANGE)
    assert "> Please pay to IBAN DE00 1234." in note.text
    assert desk.notices_to(anna) == asked
    assert desk.ticket().status is not Status.RESOLVED
    assert not [row for row in desk.inbox() if "IBAN" in row.body_text]


def test_a_strangers_mail_is_opened_as_a_request_of_theirs(desk: StoryDesk, anna: Person, omar: Person, eve: Person) -> None:
    to = addresses(desk, anna, omar)["reply"]
    eve.writes("Offer", "I can help with quotas.", to=to, files={"offer.pdf": b"%PDF-1.4 offer"})
    held = omar.letter(Notice.HELD)
    assert f"#new: a request of eve@evil.example is opened, as if they had written to {SUPPORT}." in held.text
    assert f"#note: its text becomes an internal note on {desk.ticket().reference}" in held.text
    assert held.files == {"offer.pdf": b"%PDF-1.4 offer"}
    omar.replies(Notice.HELD, "#new")
    first, second = desk.tickets()
    assert second.participants[0].address == eve.address
    assert second.account is None
    assert Notice.CONFIRMATION in desk.notices_to(eve)
    assert first.waiting_on is WaitingOn.CUSTOMER
    assert [message.text for message in desk.history(2).messages] == ["I can help with quotas."]


def test_a_strangers_mail_can_be_dropped(desk: StoryDesk, anna: Person, omar: Person, eve: Person) -> None:
    message_id = eve.writes("Offer", "Buy.", to=addresses(desk, anna, omar)["reply"])
    omar.replies(Notice.HELD, "#discard")
    assert desk.why(message_id).state is Disposition.DISCARDED


def test_a_colleagues_words_at_anothers_address_are_the_colleagues(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    to = addresses(desk, anna, omar)["reply"]
    message_id = ines.writes("Re: Quota", "Ask for the invoice too.", to=to)
    assert desk.why(message_id).decision["held_over"] == HoldReason.AUTHORITY
    letter = ines.letter(Notice.HELD).text
    assert "#send: its text goes to anna@acme.example." in letter
    ines.replies(Notice.HELD, "#send")
    assert desk.why(message_id).decision["held_over"] == HoldReason.STALE  # Omar has asked since then
    ines.replies(Notice.HELD, "#send")
    assert (desk.history().messages[-1].author, Notice.ANSWER in desk.notices_to(anna)) == (ines.address, True)


def test_a_note_made_of_a_held_mail_does_nothing_else(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "#resolve\n#priority high\nRaised.", peer=STRANGE)
    letter = omar.letter(Notice.HELD).text
    reference = desk.ticket().reference
    assert f"#send: #resolve, #priority high is carried out on {reference}; its text goes to anna@acme.example." in letter
    assert f"#note: its text becomes an internal note on {reference}; nothing goes to a customer. No command in it is" in letter
    omar.replies(Notice.HELD, "#note")
    assert [note.text for note in desk.history().notes] == ["Raised."]
    assert (desk.ticket().priority, desk.ticket().status) != ("high", Status.RESOLVED)
    assert desk.ticket().status is Status.IN_REVIEW
    assert "Not carried out, since only the text is kept: #priority high" in omar.letter(Notice.RECEIPT).text


@pytest.mark.parametrize("who", ["ines@desk.example", "omar@desk.example"])
def test_an_undo_address_let_go_as_a_note_takes_nothing_back(desk: StoryDesk, anna: Person, omar: Person, who: str) -> None:
    """Somebody else wrote there, or nothing proves that it was Omar himself."""
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "#priority high")
    undo = next(one for one in ADDRESS.findall(omar.letter(Notice.RECEIPT).text) if one.partition("+")[2].startswith("u"))
    writer = desk.person(who)
    writer.writes("Undo", "Why high?", to=undo, peer=STRANGE)
    assert "your last change on" in writer.letter(Notice.HELD).text
    writer.replies(Notice.HELD, "#note")
    assert desk.ticket().priority == "high"
    assert [note.text for note in desk.history().notes] == ["Why high?"]


def test_what_names_a_colleague_beside_others_is_not_theirs(desk: StoryDesk, anna: Person, omar: Person) -> None:
    to = addresses(desk, anna, omar)["reply"]
    for head in (
        "From: Omar <omar@desk.example>, Eve <eve@evil.example>",
        "From: no-reply@shop.example\r\nReply-To: omar@desk.example",
    ):
        omar.mail(
            f"{head}\r\nTo: {to}\r\nSubject: Re: Quota\r\n\r\nPay to IBAN DE00.\r\n".encode(), [to], reverse_path="e@evil.example"
        )
        omar.replies(Notice.HELD, "#send")
        assert "cannot be sent as yours" in omar.letter(Notice.RECEIPT).text
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_words_of_others_at_the_address_of_a_list(desk: StoryDesk, anna: Person, omar: Person, eve: Person) -> None:
    anna.writes("Quota", "It is exceeded.")
    omar.writes("", "#status")
    to, reference = bare(omar.letter(Notice.DIGEST).header("Reply-To")), desk.ticket().reference
    eve.writes("Hello", "1 resolve Paid.", to=to)
    assert "#send" not in omar.letter(Notice.HELD).text
    anna.writes(f"{reference} again", "1 resolve\nMy quota is 5 GB.", to=to)
    assert desk.history().messages[-1].author == anna.address
    assert desk.ticket().status is Status.IN_REVIEW
    omar.replies(Notice.HELD, "#note")
    assert "names no request" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, f"#on {reference}\n#note")
    assert "> 1 resolve Paid." in desk.history().notes[-1].text


def test_an_own_answer_to_a_list_is_sent_or_dropped(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Quota", "It is exceeded.")
    omar.writes("", "#status")
    omar.replies(Notice.DIGEST, "1 resolve Raised.", peer=STRANGE)
    assert "#note:" not in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#note")
    assert desk.ticket().status is Status.IN_REVIEW
    omar.replies(Notice.HELD, "#send")
    assert desk.ticket().status is Status.RESOLVED


def test_words_that_were_answered_for_too_late_are_kept_and_asked_about_once_more(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Quota", "It is exceeded.")
    message_id = omar.replies(Notice.NEW_TICKET, "Raised.", peer=STRANGE)
    first = bare(omar.letter(Notice.HELD).header("Reply-To"))
    desk.passes(minutes=31)
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert "a new letter about it comes now" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(omar).count(Notice.HELD) == 2
    assert "Raised." in omar.letter(Notice.HELD).text
    omar.writes("Re: Held", "#send", to=first, peer=STRANGE)
    assert desk.why(message_id).state is Disposition.HELD
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert "Raised." in anna.letter(Notice.ANSWER).text


def test_a_proved_answer_needs_no_haste(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Quota", "It is exceeded.")
    omar.replies(Notice.NEW_TICKET, "Raised.", peer=STRANGE)
    desk.passes(days=2)
    omar.replies(Notice.HELD, "#send")
    assert "Raised." in anna.letter(Notice.ANSWER).text


def test_proved_words_are_never_too_old(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """However late the word: nothing happens by itself, and nothing is lost."""
    anna.writes("Quota", "It is exceeded.")
    anna.replies(Notice.CONFIRMATION, "And it burns.")
    message_id = omar.replies(Notice.NEW_TICKET, "Raised.")
    desk.passes(days=8)
    omar.replies(Notice.HELD, "#discard")
    assert desk.why(message_id).state is Disposition.HELD
    omar.replies(Notice.HELD, "#send")
    assert "Raised." in anna.letter(Notice.ANSWER).text


def test_a_forgery_makes_no_late_letter_last(desk: StoryDesk, anna: Person, omar: Person, eve: Person) -> None:
    """Who only has an old letter about a held mail lets nothing go by it, however often they write in Omar's name."""
    anna.writes("Quota", "It is exceeded.")
    message_id = omar.replies(Notice.NEW_TICKET, "Raised.", peer=STRANGE)
    leaked = bare(omar.letter(Notice.HELD).header("Reply-To"))
    desk.passes(hours=5)
    for _ in range(4):
        omar.writes("Re: Held", "#send", to=leaked, peer=STRANGE)
    assert desk.why(message_id).state is Disposition.HELD
    assert desk.notices_to(omar).count(Notice.HELD) == 2


def test_a_token_of_another_request_proves_nothing_at_a_staff_address(
    desk: StoryDesk, anna: Person, omar: Person, eve: Person
) -> None:
    """Everybody has a letter of ours: it says nothing about whose name is in From, and her own letter does."""
    anna.writes("Quota", "It is exceeded.")
    to = bare(omar.letter(Notice.NEW_TICKET).header("Reply-To"))
    omar.replies(Notice.NEW_TICKET, "#resolve\nRaised.")
    eve.writes("Hello", "A request of my own.")
    for letter, status in ((eve.letter(Notice.CONFIRMATION), Status.RESOLVED), (anna.letter(Notice.RESOLUTION), Status.CLOSED)):
        anna.writes("Re: Quota", "Thank you!", to=to, peer=STRANGE, headers={"In-Reply-To": letter.header("Message-ID")})
        assert desk.ticket().status is status


def test_nothing_of_the_address_is_the_writers() -> None:
    """Neither the purpose of the token nor the place of whoever it was given to."""
    customer = Participant(1, Role.CUSTOMER, "anna@acme.example", "")
    ticket = cast(Any, SimpleNamespace(id=7, participant_at=lambda address, role: customer))
    match = Match(ticket, Token(Purpose.UNDO, 7, 2, 3), Participant(2, Role.STAFF, "omar@desk.example", ""), (), proved=True)
    identity = Identity("anna@acme.example", Assurance.UNVERIFIED, False, "nothing proves it")
    incoming = cast(Any, SimpleNamespace(identity=identity, author=identity.address, tokens=(), threading_tokens=()))
    assert as_participant(Arrival(incoming, match, cast(Any, None), speaks=False)) == Match(ticket, None, None, (), proved=False)
