"""Incidents: one answer for a fault that many report, to each in his own conversation; and out of it again."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

ADDRESSES = ("anna@acme.example", "eva@globex.example", "paul@initech.example")
TEXTS = {
    "en": ("Login page is down", "Since this morning the login page says error 503.", "It still fails here, error 503 again."),
    "de": ("Anmeldung geht nicht", "Seit heute früh zeigt die Anmeldeseite den Fehler 503.", "Bei uns geht es immer noch nicht."),
}
COMMANDS = {"en": ("#incident", "#broadcast", "#resolve"), "de": ("#Störung", "#Rundschreiben", "#gelöst")}


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def people(desk: StoryDesk) -> list[Person]:
    return [desk.person(address) for address in ADDRESSES]


def reported(people: list[Person], desk: StoryDesk, language: str) -> list[Ticket]:
    for person in people:
        person.writes(*TEXTS[language][:2])
    return desk.tickets()


def command(person: Person, text: str) -> str:
    """A new mail to the desk that names its ticket by #on."""
    return person.writes("About requests", text)


def an_incident(people: list[Person], desk: StoryDesk, ines: Person, language: str) -> list[Ticket]:
    first, second, third = reported(people, desk, language)
    word = COMMANDS[language][0]
    command(ines, f"#on {first.reference}\n{word}")
    command(ines, f"#on {second.reference}\n{word} {first.reference}\n#on {third.reference}\n{word} {first.reference}")
    assert [ticket.lineage.incident for ticket in desk.tickets()] == [first.id] * 3
    return desk.tickets()


def test_a_broadcast_answers_each_in_his_own_conversation(
    desk: StoryDesk, people: list[Person], ines: Person, language: str
) -> None:
    tickets = an_incident(people, desk, ines, language)
    command(ines, f"#on {tickets[1].reference}\n#note\nInternal secret: the northern cluster ran out of disk space today.")
    command(
        ines, f"#on {tickets[0].reference}\n{COMMANDS[language][1]}\nWe have found the cause, error 503 will end within an hour."
    )
    for number, person in enumerate(people):
        letter = person.letter(Notice.ANSWER)
        content = letter.message.as_string()
        assert "We have found the cause" in letter.text
        assert tickets[number].reference in letter.text or tickets[number].subject in letter.header("Subject")
        for other, ticket in enumerate(tickets):
            if other != number:
                assert people[other].address not in content
                assert ticket.reference not in content
                assert ticket.thread_key not in content
        assert "northern cluster" not in content
        assert [row.notice for row in desk.inbox(thread_key=tickets[number].thread_key)][-1] == Notice.ANSWER
        person.replies(Notice.ANSWER, "Thank you, we wait.")
    assert len(desk.tickets()) == 3


def test_words_of_a_note_of_any_attached_request_hold_the_whole_broadcast(
    desk: StoryDesk, people: list[Person], ines: Person
) -> None:
    tickets = an_incident(people, desk, ines, "en")
    secret = "the northern cluster ran out of disk space today"
    command(ines, f"#on {tickets[1].reference}\n#note\nInternal: {secret}.")
    message_id = command(ines, f"#on {tickets[0].reference}\n#broadcast\nHello, {secret}.")
    assert desk.why(message_id).state is Disposition.HELD
    assert all(Notice.ANSWER not in desk.notices_to(person) for person in people)


def test_a_resolution_of_the_incident_resolves_each_and_still_broken_leaves_it(
    desk: StoryDesk, people: list[Person], ines: Person, language: str
) -> None:
    tickets = an_incident(people, desk, ines, language)
    command(ines, f"#on {tickets[0].reference}\n{COMMANDS[language][2]}\nThe login page works again.")
    assert [ticket.status for ticket in desk.tickets()] == [Status.RESOLVED] * 3
    for person in people:
        assert "The login page works again." in person.letter(Notice.RESOLUTION).text
    people[1].replies(Notice.RESOLUTION, TEXTS[language][2])
    first, second, third = desk.tickets()
    assert (second.status, second.lineage.incident) == (Status.IN_PROGRESS, None)
    assert [(one.status, one.lineage.incident) for one in (first, third)] == [(Status.RESOLVED, first.id)] * 2
    assert "taken out of its incident" in desk.person(second.assignee or "").letter(Notice.REOPENED).text


def test_the_incident_itself_stays_one_when_its_customer_writes_again(
    desk: StoryDesk, people: list[Person], ines: Person
) -> None:
    tickets = an_incident(people, desk, ines, "en")
    command(ines, f"#on {tickets[0].reference}\n#resolve\nThe login page works again.")
    people[0].replies(Notice.RESOLUTION, TEXTS["en"][2])
    assert [ticket.lineage.incident for ticket in desk.tickets()] == [tickets[0].id] * 3


def test_an_agent_makes_no_incident(desk: StoryDesk, people: list[Person]) -> None:
    first = reported(people, desk, "en")[0]
    omar = desk.person("omar@desk.example")
    message_id = command(omar, f"#on {first.reference}\n#incident")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert "a senior decides on incidents" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket().lineage.incident is None


@pytest.mark.parametrize("line", ["#broadcast\nWords.", "#incident ACZ-ZZZZZZ", "#incident {second}", "#incident\n#broadcast"])
def test_what_is_no_incident_is_refused(desk: StoryDesk, people: list[Person], ines: Person, line: str) -> None:
    first, second, _ = reported(people, desk, "en")
    message_id = command(ines, f"#on {first.reference}\n{line.format(second=second.reference)}")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert [ticket.lineage.incident for ticket in desk.tickets()] == [None] * 3


@pytest.mark.parametrize("line", ["#incident {first}", "#incident"])
def test_undo_takes_it_out_again(desk: StoryDesk, people: list[Person], ines: Person, line: str) -> None:
    first, second, _ = reported(people, desk, "en")
    command(ines, f"#on {first.reference}\n#incident")
    command(ines, f"#on {second.reference}\n{line.format(first=first.reference)}")
    assert desk.ticket(2).lineage.incident in (first.id, second.id)
    ines.replies(Notice.RECEIPT, "#undo")
    assert desk.ticket(2).lineage.incident is None
    assert desk.ticket().lineage.incident == first.id


def test_an_agent_resolves_no_incident_with_all_that_is_attached(desk: StoryDesk, people: list[Person], ines: Person) -> None:
    tickets = an_incident(people, desk, ines, "en")
    omar = desk.person("omar@desk.example")
    message_id = command(omar, f"#on {tickets[0].reference}\n#resolve\nIt works again.")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert "a senior writes to all its customers" in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert all(ticket.status is not Status.RESOLVED for ticket in desk.tickets())


@pytest.mark.parametrize("word", ["#broadcast", "#resolve"])
def test_of_too_many_nobody_is_left_out_in_silence(
    desk: StoryDesk, people: list[Person], ines: Person, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = an_incident(people, desk, ines, "en")
    monkeypatch.setattr("helpdesk.threading.decisions.customer.incident.MOST_ATTACHED", 1)
    message_id = command(ines, f"#on {tickets[0].reference}\n{word}\nIt works again.")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert all({Notice.ANSWER, Notice.RESOLUTION}.isdisjoint(desk.notices_to(person)) for person in people)


@pytest.mark.parametrize("line", ["{row} resolve It works again.", "{row} broadcast It works again."])
def test_a_row_of_a_digest_is_no_place_for_words_to_all(desk: StoryDesk, people: list[Person], ines: Person, line: str) -> None:
    tickets = an_incident(people, desk, ines, "en")
    command(ines, f"#on {tickets[0].reference}\n#take")
    ines.writes("Mine", "#status")
    message_id = ines.replies(Notice.DIGEST, line.format(row=1))
    assert desk.why(message_id).state is Disposition.REFUSED
    assert f"{tickets[0].reference} is an incident" in " ".join(ines.letter(Notice.RECEIPT).text.split())
    assert all(ticket.status is not Status.RESOLVED for ticket in desk.tickets())


def test_still_broken_on_an_open_request_of_an_incident_is_told_and_it_stays_attached(
    desk: StoryDesk, people: list[Person], ines: Person
) -> None:
    tickets = an_incident(people, desk, ines, "en")
    people[1].replies(Notice.CONFIRMATION, "It is still broken here.")
    assert desk.ticket(2).lineage.incident == tickets[0].id
    assert "It is still broken here." in desk.person(tickets[1].assignee or "").letter(Notice.CUSTOMER_REPLY).text


def test_the_receipt_of_an_incident_takes_the_broadcast_and_owners_hear_of_it_once(desk: StoryDesk, ines: Person) -> None:
    omar = desk.person("omar@desk.example")
    customers = [desk.person(f"carla{number}@globex.example") for number in range(3)]
    for customer in customers:
        customer.writes("Login", "The login page says 503.")
    first, *others = [ticket.reference for ticket in desk.tickets()]
    command(ines, f"#on {first}\n#incident")
    command(ines, "\n".join(f"#on {reference}\n#incident {first}" for reference in others))
    told = [letter.text for letter in omar.letters() if letter.notice is Notice.INTERNAL_NOTE]
    assert len(told) == 2, told
    assert [reference for reference in (first, *others) if reference not in told[1]] == [], told[1]
    command(ines, f"#on {first}\n#broadcast\nWe know of it.")
    ines.replies(Notice.RECEIPT, "#broadcast\nWe are looking into it together.")
    assert all("looking into it together" in customer.letter(Notice.ANSWER).text for customer in customers)
    ines.replies(Notice.RECEIPT, "#resolve\nThe page works again.")
    assert all("works again" in customer.letter(Notice.RESOLUTION).text for customer in customers)
