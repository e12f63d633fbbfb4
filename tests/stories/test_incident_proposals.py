"""Many customers report one fault: a senior is asked once, and his one answer makes them an incident."""

from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

REPORTS = (
    (
        "tina@north.example",
        "Login page is down",
        "Hello,\n\nsince this morning the login page only says error 503.\n\nThanks, Tina",
    ),
    ("raj@south.example", "Cannot log in", "Nobody in our office can log in, we see an error 503 after a while."),
    ("mona@east.example", "503", "Hi team, your sign-in page answers with 503 service unavailable. We cannot work at all!"),
    (
        "karl@west.example",
        "Anmeldung geht nicht",
        "Guten Tag, bei der Anmeldung kommt seit heute früh der Fehler 503. Bitte helfen!",
    ),
    ("lucie@centre.example", "Connexion impossible", "Bonjour, la page de login affiche une erreur 503 depuis ce matin. Merci"),
)
SIXTH = ("ole@island.example", "Login broken", "The login gives us error 503 as well.")
OTHERS = (
    ("uma@lake.example", "Invoice for October", "Could you send me the invoice for October once more?"),
    ("ivo@hill.example", "Change of address", "We have moved, our new street is Long Lane 5. Please note it."),
    ("zoe@river.example", "Question about plans", "What does the business plan cost for twelve people a year?"),
    ("ben@wood.example", "Printer", "My printer blinks red since I put in the new toner, what can I do?"),
    ("amy@bay.example", "Holiday calendar", "How do I import the holidays of our country into the calendar?"),
    ("sam@cape.example", "Vielen Dank", "Die neue Suche gefällt uns sehr, danke an alle!"),
)


def write(desk: StoryDesk, reports: tuple[tuple[str, str, str], ...]) -> None:
    for address, subject, text in reports:
        desk.person(address).writes(subject, text)


def proposals(desk: StoryDesk) -> list[str]:
    """To whom the desk has written about requests that are alike."""
    staff = ("omar@desk.example", "bela@desk.example", "ines@desk.example")
    return [member for member in staff for notice in desk.notices_to(desk.person(member)) if notice is Notice.INCIDENT_PROPOSAL]


def test_five_customers_report_it_in_their_own_words_and_one_answer_makes_them_an_incident(desk: StoryDesk, ines: Person) -> None:
    write(desk, (*OTHERS[:3], *REPORTS[:4]))
    assert proposals(desk) == []
    write(desk, REPORTS[4:])
    assert proposals(desk) == [ines.address]
    letter, tickets = ines.letter(Notice.INCIDENT_PROPOSAL), desk.tickets()
    alike, others = tickets[3:], tickets[:3]
    assert all(one.reference in letter.text for one in alike)
    assert not any(other.reference in letter.text for other in others)
    assert all(address in letter.text for address, _, _ in REPORTS)
    common = " ".join(letter.text.split()).partition("have in common: ")[2].partition(" About")[0]
    assert "503" in common and "mailto:" in letter.text
    ines.replies(Notice.INCIDENT_PROPOSAL, "#incident")
    assert [ticket.lineage.incident for ticket in desk.tickets()] == [None] * 3 + [alike[0].id] * 5
    receipt = " ".join(ines.letter(Notice.RECEIPT).text.split())
    assert all(one.reference in receipt for one in alike)
    ines.writes("About the incident", f"#on {alike[0].reference}\n#broadcast\nWe have found the cause.")
    assert all("We have found the cause." in desk.person(one).letter(Notice.ANSWER).text for one, _, _ in REPORTS)
    assert not any(Notice.ANSWER in desk.notices_to(desk.person(one)) for one, _, _ in OTHERS)


def test_it_can_be_taken_back_as_a_whole(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS)
    ines.replies(Notice.INCIDENT_PROPOSAL, "#incident")
    ines.replies(Notice.RECEIPT, "#undo")
    assert [ticket.lineage.incident for ticket in desk.tickets()] == [None] * 5


def test_who_reports_it_later_is_pointed_to_the_incident_and_his_letter_says_nothing_of_it(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS)
    ines.replies(Notice.INCIDENT_PROPOSAL, "#incident")
    first = desk.ticket()
    write(desk, (SIXTH, OTHERS[0]))
    sixth, other = desk.tickets()[5:]
    said = [_told_of(desk, one) for one in (sixth, other)]
    assert f"#incident {first.reference}" in said[0] and "looks like the incident" in said[0]
    assert "#incident" not in said[1]
    customer = desk.person(SIXTH[0]).letter(Notice.CONFIRMATION).message.as_string()
    assert first.reference not in customer and "incident" not in customer
    assert proposals(desk) == [ines.address]
    ines.writes("About requests", f"#on {sixth.reference}\n#incident {first.reference}")
    assert desk.ticket(6).lineage.incident == first.id


def _told_of(desk: StoryDesk, ticket: Ticket) -> str:
    """The letter about a new request, in one line."""
    [letter] = [
        one
        for one in desk.person(ticket.assignee or "").letters()
        if one.notice is Notice.NEW_TICKET and ticket.reference in one.header("Subject")
    ]
    return " ".join(letter.text.split())


def test_what_came_between_the_proposal_and_the_answer_is_named_and_not_attached(desk: StoryDesk, ines: Person) -> None:
    write(desk, (*REPORTS, SIXTH))
    ines.replies(Notice.INCIDENT_PROPOSAL, "#incident")
    first, *_, sixth = desk.tickets()
    assert sixth.lineage.incident is None
    receipt = " ".join(ines.letter(Notice.RECEIPT).text.split())
    assert f'"#on {sixth.reference}" and below it "#incident {first.reference}"' in receipt
    assert proposals(desk) == [ines.address]


def test_one_customer_is_no_incident_however_often_he_writes(desk: StoryDesk) -> None:
    for address in ("anna@acme.example", "paul@acme.example"):
        for number in range(4):
            desk.person(address).writes(f"Login page is down, {number}", "The login page says error 503.")
    desk.person("tina@north.example").writes(*REPORTS[0][1:])
    desk.person("tina+more@north.example").writes(*REPORTS[1][1:])
    assert proposals(desk) == []


def test_requests_that_have_nothing_in_common_are_no_incident(desk: StoryDesk) -> None:
    write(desk, OTHERS)
    assert proposals(desk) == []


def test_what_is_over_or_too_old_or_of_machines_does_not_count(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS[:1])
    desk.passes(hours=5)
    write(desk, REPORTS[1:3])
    second, third = desk.tickets()[1:]
    ines.writes("Done", f"#on {second.reference}\n#spam\n#on {third.reference}\n#resolve\nIt works again.")
    assert [ticket.status for ticket in desk.tickets()[1:]] == [Status.CLOSED, Status.RESOLVED]
    write(desk, REPORTS[3:])
    for address in ("monitor@far.example", "noreply@near.example"):
        desk.person(address).writes("Login down", "The login page says error 503.", headers={"Auto-Submitted": "auto-generated"})
    assert proposals(desk) == []
    write(desk, (SIXTH,))
    assert proposals(desk) == []


def test_who_does_not_answer_is_not_asked_again(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS)
    for number in range(7):
        desk.person(f"more{number}@place{number}.example").writes("Login page down", "The login page shows the error 503.")
    assert proposals(desk) == [ines.address]
    assert all(ticket.lineage.incident is None for ticket in desk.tickets())


def test_other_words_than_a_command_are_kept_inside(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS)
    ines.replies(Notice.INCIDENT_PROPOSAL, "No, these are five different things.")
    assert all(ticket.lineage.incident is None for ticket in desk.tickets())
    assert Notice.ANSWER not in desk.notices_to(desk.person(REPORTS[0][0]))
    assert [note.text for note in desk.history().notes] == ["No, these are five different things."]


def test_two_faults_at_once_are_two_letters(desk: StoryDesk, ines: Person) -> None:
    for (address, subject, text), number in zip(REPORTS, range(5), strict=True):
        desk.person(address).writes(subject, text)
        desk.person(f"p{number}@shop{number}.example").writes(
            "Card payment refused", f"The checkout declines every card, code PX77 at order {number}."
        )
    assert proposals(desk) == [ines.address] * 2
    ines.replies(Notice.INCIDENT_PROPOSAL, "#incident")
    tickets = desk.tickets()
    assert [ticket.lineage.incident for ticket in tickets[1::2]] == [tickets[1].id] * 5
    assert [ticket.lineage.incident for ticket in tickets[::2]] == [None] * 5


def test_without_a_senior_the_team_is_told(tmp_path: Path, reader: Reader) -> None:
    config = configured(tmp_path)
    config.write_text(config.read_text().replace('role = "senior"', 'role = "agent"'))
    with direct_desk(config, reader) as desk:
        write(desk, REPORTS)
        assert proposals(desk) == [desk.ticket().assignee]


@pytest.mark.parametrize(
    ("section", "asked"), [("propose_from = 0", 0), ("propose_from = 6", 0), ('within = "2s"', 0), ("propose_from = 3", 1)]
)
def test_how_many_within_which_time_is_the_desk_s_choice(tmp_path: Path, reader: Reader, section: str, asked: int) -> None:
    with direct_desk(configured(tmp_path, more=f"[incidents]\n{section}"), reader) as desk:
        write(desk, REPORTS)
        assert len(proposals(desk)) == asked


def test_an_agent_who_answers_is_refused(desk: StoryDesk, ines: Person) -> None:
    write(desk, REPORTS)
    omar = desk.person("omar@desk.example")
    message_id = omar.writes("About requests", f"#on {desk.ticket().reference}\n#incident")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert all(ticket.lineage.incident is None for ticket in desk.tickets())
