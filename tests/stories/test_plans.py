"""What each plan promises beside its times: pages, no answer by a person, an address of its own; and letters that look like their address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice as N
from helpdesk.threading.model.status import Status, WaitingOn

HELP, COMMUNITY, REQUESTS = "https://www.example.com/help", "https://community.example.com", "https://app.example.com/support/new"
VIP = "vip@support.example.com"
STRANGE = "203.0.113.9"  # a host from which nothing proves an author
PLANS = f'''
[[address]]
address = "{VIP}"
account = "acme"
plan = "custom"
name = "Acme Care"
signature = """
Acme Care Team
+49 30 123456"""
footer = """
Example GmbH · Berlin
HRB 12345"""
accent = "#8a1538"

[plans.free]
{{free}}
self_service = "{HELP}"
community = "{COMMUNITY}"
[plans.starter]
first_response = "8h"
[plans.business]
first_response = "4h"
[plans.custom]
first_response = "2h"
'''


def desk_of(folder: Path, reader: MailReader, free: str = "") -> Iterator[StoryDesk]:
    config = configured(folder, more=PLANS.format(free=free))
    text = config.read_text().replace("[desk]\n", f'[desk]\nrequest_page = "{REQUESTS}"\n')
    config.write_text(text.replace('name = "Omar Haddad"\n', 'name = "Omar Haddad"\nsignature = "Support Engineer"\n'))
    with direct_desk(config, reader) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    yield from desk_of(tmp_path, reader)


@pytest.fixture
def alone(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    """A desk on which nobody answers customers of the free plan."""
    yield from desk_of(tmp_path, reader, 'answers = "self_service"')


@pytest.fixture
def lea(alone: StoryDesk) -> Person:
    return alone.person("lea@nowhere.example", "Lea Horn")


def test_letters_name_the_pages_of_the_plan_and_of_the_desk(desk: StoryDesk) -> None:
    eve, anna, omar = (desk.person(address) for address in ("eve@nowhere.example", "anna@acme.example", "omar@desk.example"))
    eve.writes("Printer", "It jams.")
    confirmation = eve.letter(N.CONFIRMATION)
    assert (
        f"help pages may already have the answer: {HELP}" in confirmation.text and f"community: {COMMUNITY}" in confirmation.text
    )
    assert f'href="{HELP}"' in confirmation.html and f'href="{COMMUNITY}"' in confirmation.html
    omar.replies(N.NEW_TICKET, "#close")
    closing = eve.letter(N.CLOSING).text
    assert f"Help pages: {HELP}\nCommunity: {COMMUNITY}" in closing.replace("\r", "")
    assert f"For anything new, create a support request: {REQUESTS}" in closing
    eve.writes("Printer", "I will sue you if it is not repaired by Friday.")
    assert HELP not in eve.letter(N.CONFIRMATION).text  # a person reads it: nobody is sent to pages
    anna.writes("Printer", "It jams.")
    assert HELP not in anna.letter(N.CONFIRMATION).text


def test_nobody_waits_for_an_answer_that_never_comes(alone: StoryDesk, lea: Person) -> None:
    omar = alone.person("omar@desk.example")
    lea.writes("Printer", "It jams.")
    letter, ticket = lea.letter(N.SELF_SERVICE), alone.ticket()
    assert "no person answers requests" in letter.text and HELP in letter.text and ticket.reference in letter.text
    assert letter.header("Auto-Submitted") == "auto-replied"
    assert (ticket.status, ticket.waiting_on, ticket.assignee) == (Status.SUBMITTED, WaitingOn.NOBODY, None)
    omar.writes("", "#status")
    assert alone.notices_to(omar) == [N.DIGEST]
    assert ticket.reference not in omar.letter(N.DIGEST).text
    lea.replies(N.SELF_SERVICE, "Thank you!")
    assert alone.notices_to(lea) == [N.SELF_SERVICE]
    lea.replies(N.SELF_SERVICE, "It still jams, and now it smells too.")
    assert alone.notices_to(lea) == [N.SELF_SERVICE, N.SELF_SERVICE] and len(alone.history().messages) == 3
    assert alone.notices_to(omar) == [N.DIGEST]
    alone.passes(days=3)
    lea.replies(N.SELF_SERVICE, "The smell is gone, the noise is not.")
    alone.passes(days=4)
    assert alone.ticket().status is Status.SUBMITTED  # the silence counts from the last word
    alone.passes(days=30)
    assert alone.ticket().status is Status.CLOSED and alone.ticket().escalation_level == 0
    assert alone.notices_to(lea) == [N.SELF_SERVICE] * 3 and alone.notices_to(omar) == [N.DIGEST]
    lea.replies(N.SELF_SERVICE, "And now it burns.")
    assert alone.ticket().status is Status.CLOSED and alone.notices_to(lea) == [N.SELF_SERVICE] * 4


def test_staff_may_answer_all_the_same_and_then_it_is_a_request_as_any_other(alone: StoryDesk, lea: Person) -> None:
    omar = alone.person("omar@desk.example")
    lea.writes("Printer", "It jams.")
    reference = alone.ticket().reference
    omar.writes("", f"#on {reference}\nOpen flap B.")
    assert "Open flap B." in lea.letter(N.ANSWER).text and alone.ticket().status is Status.IN_PROGRESS
    lea.replies(N.ANSWER, "Which one is flap B?")
    assert alone.ticket().waiting_on is WaitingOn.SUPPORT and N.CUSTOMER_REPLY in alone.notices_to(omar)
    omar.replies(N.CUSTOMER_REPLY, "#resolve\nThe grey one.")
    alone.passes(days=4)
    assert alone.ticket().status is Status.RESOLVED  # the silence of the beginning has ended
    omar.writes("", f"#on {reference}\n#why")
    assert "plan free has no answers by a person" in omar.letter(N.RECEIPT).text


@pytest.mark.parametrize(
    ("subject", "text", "headers"),
    [
        ("Data", "Please delete all my data.", {}),
        ("Disk full", "Disk /var is 98 % full.", {"Auto-Submitted": "auto-generated"}),
    ],
)
def test_who_needs_a_person_or_cannot_be_told_waits_for_a_person(
    alone: StoryDesk, lea: Person, subject: str, text: str, headers: dict[str, str]
) -> None:
    omar = alone.person("omar@desk.example")
    lea.writes(subject, text, headers=headers)
    assert N.SELF_SERVICE not in alone.notices_to(lea) and N.NEW_TICKET in alone.notices_to(omar)
    assert alone.ticket().waiting_on is WaitingOn.SUPPORT


def test_words_that_need_a_person_reach_one_in_a_reply_too(alone: StoryDesk, lea: Person) -> None:
    lea.writes("Printer", "It jams.")
    lea.replies(N.SELF_SERVICE, "Then delete all my data, please.")
    assert alone.ticket().waiting_on is WaitingOn.SUPPORT
    ines = alone.person("ines@desk.example")
    assert "needs a person now" in ines.letter(N.CUSTOMER_REPLY).text


def test_a_forger_s_victim_is_told_once_an_hour_and_the_rest_waits_for_a_person(alone: StoryDesk, lea: Person) -> None:
    omar = alone.person("omar@desk.example")
    for number in range(3):
        lea.writes(f"Printer {number}", "It jams.", peer=STRANGE)
    told = [letter for letter in lea.letters() if letter.notice is N.SELF_SERVICE]
    assert len(told) == 1 and "Printer" not in told[0].text and HELP in told[0].text  # a fixed text
    states = [alone.ticket(place).waiting_on for place in (1, 2, 3)]
    assert states == [WaitingOn.NOBODY, WaitingOn.SUPPORT, WaitingOn.SUPPORT]
    assert alone.notices_to(omar).count(N.NEW_TICKET) == 2


def test_a_dedicated_address_is_told_and_has_its_own_name_and_look(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example", '"PETROVA, ANNA"'), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    letter = anna.letter(N.CONFIRMATION)
    assert f"You have a dedicated support address: {VIP}" in letter.text and 'class="h-bar"' not in letter.html
    assert "Accoraze Support" in letter.header("From")
    desk.person("carla@globex.example").writes("Printer", "It jams.", to=VIP)
    assert "dedicated" not in desk.person("carla@globex.example").letter(N.CONFIRMATION).text

    anna.writes("Scanner", "It blinks.", to=VIP)
    letter = anna.letter(N.CONFIRMATION)
    assert letter.header("From") == f"Acme Care <{VIP}>" and "Hello Anna Petrova," in letter.text
    assert f"You have a dedicated support address: {VIP}" in letter.text
    assert "Example GmbH · Berlin\nHRB 12345" in letter.text.replace("\r", "")
    assert "background-color:#8a1538" in letter.html and "Example GmbH · Berlin<br>" in letter.html

    omar.writes("", f"#on {desk.ticket(3).reference}\nOpen flap B.")
    answer = anna.letter(N.ANSWER)
    assert answer.header("From") == f'"Omar Haddad (Acme Care)" <{VIP}>'
    block = "Kind regards,\nOmar Haddad\nSupport Engineer\nAcme Care Team\n+49 30 123456"
    assert block in answer.text.replace("\r", "")
    omar.writes("", f"#on {desk.ticket(3).reference}\nOpen flap C.\n\nKind regards\nOmar\nSupport Engineer")
    assert answer.text != anna.letter(N.ANSWER).text
    again = anna.letter(N.ANSWER).text.replace("\r", "")
    assert again.count("Support Engineer") == again.count("Omar") == 1 and "Acme Care Team\n+49 30 123456" in again


def test_where_the_own_signature_was_cut_the_letter_has_the_desk_s(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(N.NEW_TICKET, "Open flap B.\n\n-- \nOmar Haddad\nPrivate Person\n+1 555 0100", quote=False)
    text = anna.letter(N.ANSWER).text.replace("\r", "")
    assert "Kind regards,\nOmar Haddad\nSupport Engineer\nAccoraze Support" in text and "+1 555 0100" not in text


@pytest.mark.parametrize(("hours", "said"), [(0, ""), (8, "open again on Tuesday, 24 November 2026 at 09:00 (UTC)")])
def test_the_confirmation_says_when_the_desk_opens_again(desk: StoryDesk, hours: int, said: str) -> None:
    carla = desk.person("carla@globex.example")
    desk.passes(hours=hours)
    carla.writes("Printer", "It jams.")
    letter = carla.letter(N.CONFIRMATION).text
    assert said in letter if said else "open again" not in letter


def test_it_says_so_in_the_reader_s_zone_and_language_and_to_the_unproved(tmp_path: Path, reader: MailReader) -> None:
    more = '[[account]]\nid = "umbra"\ndomains = ["umbra.example"]\nzone = "Europe/Berlin"\nlanguage = "de"\n'
    with direct_desk(configured(tmp_path, more=more), reader) as night:
        paul = night.person("paul@umbra.example")
        night.passes(days=4, hours=12)
        paul.writes("?", "?")
        words = "öffnet wieder am Montag, 30. November 2026 um 10:00 Uhr (MEZ)"
        assert words in paul.letter(N.CONFIRMATION).text
        paul.writes("?", "?", peer=STRANGE)
        assert words in paul.letter(N.CONFIRMATION).text
        assert night.ticket().support_address == SUPPORT
