"""A new request is sorted at once: the team reads why, gets the missing question ready to send, and has the last word."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

ELSEWHERE = "192.0.2.7"
AUTOMATIC = {"Auto-Submitted": "auto-replied"}
POLICY = """
[triage]
ask = true
[[route]]
queue = "billing"
language = "de"
category = ["technical issue"]
[[route]]
queue = "general"
"""


@pytest.fixture
def asking(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "asking", more=POLICY), reader) as made:
        yield made


def assignee(desk: StoryDesk, place: int) -> str:
    return str(desk.ticket(place).assignee).partition("@")[0]


def test_the_team_reads_why_and_sends_the_ready_question_in_the_customers_language(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Fehler beim Export", "Guten Tag,\n\nder Export funktioniert bei uns nicht, und es ist dringend.\n\nDanke, Anna")
    ticket, letter = desk.ticket(), omar.letter(Notice.NEW_TICKET)
    assert (ticket.status, ticket.category, ticket.severity, ticket.priority) == (
        Status.IN_REVIEW, "technical issue", "high", "critical",
    )  # fmt: skip
    assert "Category: technical issue · Severity: high · Priority: critical" in letter.text
    assert "Sorted: Category technical issue" in letter.text
    assert "Not said yet: what was done, error text, version" in letter.text
    [link] = [word for word in letter.text.split() if word.startswith("mailto:") and "body=" in word]
    parts = urlsplit(link)
    assert Notice.INFORMATION_REQUEST not in desk.notices_to(anna)
    omar.writes("Re: Export", parse_qs(parts.query)["body"][0].replace("\r\n", "\n"), to=parts.path)
    assert "den genauen Wortlaut der Fehlermeldung" in anna.letter(Notice.INFORMATION_REQUEST).text
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER


def test_what_staff_correct_stays_whatever_the_customer_writes_later(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Invoice 4711", "Please refund it.")
    assert desk.ticket().category == "billing and plans"
    omar.replies(Notice.NEW_TICKET, "#category feature\n#severity low\n#priority critical\n#queue billing\n#assign Ines")
    anna.replies(Notice.CONFIRMATION, "Urgent: data loss! My password is wrong, all users are locked out, the server is down.")
    ticket = desk.ticket()
    assert (ticket.category, ticket.severity, ticket.priority) == ("feature guidance", "low", "critical")
    assert (ticket.queue, ticket.assignee) == ("billing", "ines@desk.example")


def test_another_severity_says_which_priority_is_usual_with_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#severity critical")
    said = omar.letter(Notice.RECEIPT).text
    assert 'has the severity critical. Its priority stays high; "#priority critical" would change it.' in " ".join(said.split())
    assert (desk.ticket().severity, desk.ticket().priority) == ("critical", "high")
    omar.replies(Notice.NEW_TICKET, "#priority critical\n#severity critical")
    assert "Its priority stays" not in omar.letter(Notice.RECEIPT).text


def test_who_is_out_of_office_gets_nothing_new_until_the_day_of_return(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    text = "I am out of the office and will be back on 25 November 2026."
    mail = omar.replies(Notice.NEW_TICKET, text, quote=False, headers=AUTOMATIC)
    assert desk.why(mail).state is Disposition.NOTED and "is away until 2026-11-25 09:00" in desk.why(mail).decision["reason"]
    anna.writes("Scanner", "It blinks.")
    assert [assignee(desk, place) for place in (1, 2)] == ["omar", "ines"]
    desk.passes(days=2)
    anna.writes("Copier", "It smells.")
    assert assignee(desk, 3) == "omar"


def test_an_absence_that_nothing_proves_sends_nobody_away(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    text = "I am out of the office and will be back on 25 November 2026."
    omar.replies(Notice.NEW_TICKET, text, quote=False, headers=AUTOMATIC, peer=ELSEWHERE)
    anna.writes("Scanner", "It blinks.")
    assert assignee(desk, 2) == "omar"


def test_the_absence_of_a_customer_is_no_member_s(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "I am out of the office until Friday.", quote=False, headers=AUTOMATIC)
    anna.writes("Scanner", "It blinks.")
    assert assignee(desk, 2) == "omar"


def test_an_absence_without_a_day_is_a_short_one_and_a_long_one_is_cut(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    mail = omar.replies(Notice.NEW_TICKET, "I am out of the office.", quote=False, headers=AUTOMATIC)
    assert "is away until 2026-11-24 09:00" in desk.why(mail).decision["reason"]
    mail = omar.replies(Notice.NEW_TICKET, "I am out of the office, back on 1 September 2027.", quote=False, headers=AUTOMATIC)
    assert "is away until 2027-01-22" in desk.why(mail).decision["reason"]


def test_away_and_back_by_command(desk: StoryDesk, anna: Person, omar: Person) -> None:
    omar.writes("off", "#away 2026-11-26", to=SUPPORT)
    assert "You are away until Thu 26 Nov, 09:00 UTC" in omar.letter(Notice.RECEIPT).text
    anna.writes("Printer", "It jams.")
    omar.writes("here", "#back", to=SUPPORT)
    assert "You are here again" in omar.letter(Notice.RECEIPT).text
    anna.writes("Scanner", "It blinks.")
    assert [assignee(desk, place) for place in (1, 2)] == ["ines", "omar"]


@pytest.mark.parametrize("line", ["#away 2020-01-01", "#away never", "#away 2028-01-01"])
def test_an_impossible_absence_is_refused_with_what_would_work(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    omar.writes("off", line, to=SUPPORT)
    assert f'"{line}"' in omar.letter(Notice.RECEIPT).text
    anna.writes("Printer", "It jams.")
    assert assignee(desk, 1) == "omar"


def test_an_unproved_away_is_held(desk: StoryDesk, anna: Person, omar: Person) -> None:
    omar.writes("off", "#away", to=SUPPORT, peer=ELSEWHERE)
    assert desk.notices_to(omar) == [Notice.HELD]
    anna.writes("Printer", "It jams.")
    assert assignee(desk, 1) == "omar"


def test_where_everybody_is_away_the_whole_queue_is_told(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    for member in (omar, ines):
        member.writes("off", "#away", to=SUPPORT)
    anna.writes("Printer", "It jams.")
    assert desk.ticket().assignee is None
    assert Notice.NEW_TICKET in desk.notices_to(omar) and Notice.NEW_TICKET in desk.notices_to(ines)


def test_the_next_request_goes_to_whom_fewest_wait_on(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """What waits on the customer is no load; of equal ones whoever has waited longest is next."""
    for subject in ("Printer", "Scanner"):
        anna.writes(subject, "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    assert {ticket.waiting_on for ticket in desk.tickets()} == {WaitingOn.SUPPORT, WaitingOn.CUSTOMER}
    anna.writes("Copier", "It smells.")
    why = [event.detail for event in desk.history(len(desk.tickets())).events if event.kind == "triaged"]
    assert "Assignee Omar Haddad: fewest open requests (1)" in why[0]


def test_a_desk_that_asks_by_itself_and_routes_by_language(asking: StoryDesk) -> None:
    anna, carla = asking.person("anna@acme.example"), asking.person("carla@globex.example")
    anna.writes("Export", "Guten Tag,\n\nder Export funktioniert bei uns nicht, bitte helfen Sie uns.\n\nDanke")
    ticket = asking.ticket()
    assert (ticket.queue, ticket.assignee, ticket.waiting_on) == ("billing", "bela@desk.example", WaitingOn.CUSTOMER)
    assert "den genauen Wortlaut der Fehlermeldung" in anna.letter(Notice.INFORMATION_REQUEST).text
    assert Notice.NEW_TICKET in asking.notices_to(asking.person("bela@desk.example"))
    carla.writes("Export", "The export does not work.", peer=ELSEWHERE)
    assert Notice.INFORMATION_REQUEST not in asking.notices_to(carla)
    assert (asking.ticket(2).queue, asking.ticket(2).waiting_on) == ("general", WaitingOn.SUPPORT)


def test_words_that_need_a_person_now_stand_at_the_top_and_reach_a_senior(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export", "How do I export a list?")
    omar.replies(Notice.NEW_TICKET, "#resolve\nMenu, Export.")
    anna.replies(Notice.RESOLUTION, "Please delete all my data, and my lawyer will write to you.")
    assert "It needs a person now: it is about a step by law" in omar.letter(Notice.REOPENED).text
    anna.writes("Again", "I want to die.")
    assert desk.ticket(2).severity == "high"
    assert "It needs a person now: it is about somebody's life" in omar.letter(Notice.NEW_TICKET).text
    assert "somebody's life" in desk.person("ines@desk.example").letter(Notice.NEW_TICKET).text


SOON = {
    "I want to die, and nobody at your company answers me.": "a person on our team reads it soon",
    "Ich will nicht mehr leben, und niemand von Ihnen antwortet mir.": "damit jemand aus unserem Team sie bald liest",
    "Je veux mourir, et personne chez vous ne me répond depuis hier.": "une personne de notre équipe le lise rapidement",
    "Quiero morir, y nadie de su empresa me responde desde ayer.": "una persona de nuestro equipo lo lea pronto",
    "Voglio morire, e nessuno della vostra azienda mi risponde da ieri.": "una persona del nostro team lo legga presto",
    "Quero morrer, e ninguém da vossa empresa me responde desde ontem.": "uma pessoa da nossa equipa a leia em breve",
    "Ik wil dood, en niemand van jullie bedrijf geeft mij sinds gisteren antwoord.": "iemand van ons team het snel leest",
}


def test_a_confirmation_says_that_a_person_reads_it_soon_and_not_why(desk: StoryDesk) -> None:
    for number, (text, sentence) in enumerate(SOON.items()):
        person = desk.person(f"c{number}@globex.example")
        person.writes("Hello", text)
        letter = " ".join(person.letter(Notice.CONFIRMATION).text.split())
        assert sentence in letter
        assert sentence in " ".join(person.letter(Notice.CONFIRMATION).html.split())
        assert "life" not in letter
    stranger = desk.person("eve@elsewhere.example")
    stranger.writes("Hello", "I want to die.", peer=ELSEWHERE)
    assert "reads it soon" not in stranger.letter(Notice.CONFIRMATION).text


def test_a_desk_has_words_of_its_own_that_need_a_person_now(tmp_path: Path, reader: MailReader) -> None:
    more = '[alarms]\nlaw = ["ombudsman*"]\nlife = { en = ["crisis line"] }\n'
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        anna.writes("Invoice", "The ombudsmann will hear of it. I have called the crisis line.")
        assert "It needs a person now: it is about somebody's life (“crisis line”)" in omar.letter(Notice.NEW_TICKET).text
        assert Notice.NEW_TICKET in desk.notices_to(desk.person("ines@desk.example"))
        assert "reads it soon" in anna.letter(Notice.CONFIRMATION).text
        anna.writes("Export", "I want to die.")
        assert "“want to die”" in omar.letter(Notice.NEW_TICKET).text
