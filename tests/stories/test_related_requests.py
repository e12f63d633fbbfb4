"""Requests that are linked are named in the letters about each of them, and stay in the same hands."""

from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def related_line(person: Person, notice: Notice) -> str:
    return next((line for line in person.letter(notice).text.splitlines() if line.startswith("Related")), "")


def closed_long_ago(desk: StoryDesk) -> tuple[Person, Person]:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export", "It fails in row 17.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nRow 17 had a wrong date.")
    desk.passes(days=60)
    assert desk.ticket().status is Status.CLOSED
    desk.passes(days=90)
    return anna, omar


def test_a_follow_up_names_its_predecessor_and_the_other_way_round(desk: StoryDesk) -> None:
    anna, omar = closed_long_ago(desk)
    anna.replies(Notice.RESOLUTION, "It is the same again.", quote=False)
    old, new = desk.tickets()
    assert related_line(omar, Notice.NEW_TICKET) == f"Related: {old.reference}, closed: Export"
    assert new.assignee == old.assignee == omar.address
    omar.writes("", f"#on {old.reference}\n#reopen")
    anna.replies(Notice.RESOLUTION, "It blinks as well.", quote=False)
    assert new.reference in desk.history(1).related and old.reference in desk.history(2).related


def test_a_further_reply_to_the_old_letter_goes_on_in_the_open_follow_up(desk: StoryDesk) -> None:
    anna, omar = closed_long_ago(desk)
    anna.replies(Notice.RESOLUTION, "It is the same again.", quote=False)
    message_id = anna.replies(Notice.RESOLUTION, "I forgot: in row 18.", quote=False)
    assert len(desk.tickets()) == 2
    assert desk.why(message_id).state is Disposition.THREADED
    assert desk.history(2).messages[-1].text == "I forgot: in row 18."
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve\nCorrected.")
    desk.passes(days=60)
    desk.passes(days=90)
    anna.replies(Notice.CONFIRMATION, "And again.", quote=False)
    assert len(desk.tickets()) == 3


def test_a_follow_up_of_somebody_else_is_not_joined(desk: StoryDesk) -> None:
    anna, _ = closed_long_ago(desk)
    anna.replies(Notice.RESOLUTION, "It is the same again.", quote=False)
    to = anna.letter(Notice.RESOLUTION).header("Reply-To").rpartition("<")[2].rstrip(">")
    desk.person("eve@evil.example").writes("Re: Export", "And for me.", to=to)
    assert len(desk.tickets()) == 3


def test_who_may_not_read_a_request_reads_its_reference_alone(desk: StoryDesk) -> None:
    anna, bela = desk.person("anna@acme.example"), desk.person("bela@desk.example")
    anna.writes("Door codes", "They are wrong.")
    reference = desk.ticket().reference
    desk.person("carl@other.example").writes(f"Invoice, see {reference}", "It is wrong.", to="billing@support.example.com")
    assert related_line(bela, Notice.NEW_TICKET) == f"Related: {reference}, of another queue"


def saved_address(person: Person) -> str:
    return person.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")


def test_a_new_matter_at_a_saved_address_of_a_closed_request_is_a_request_of_its_own(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export", "It fails in row 17.")
    anna.writes("Invoice 2207", "The amount is wrong.", to=saved_address(anna))
    assert len(desk.tickets()) == 1
    assert "New subject: Invoice 2207" in omar.letter(Notice.CUSTOMER_REPLY).text
    omar.replies(Notice.CUSTOMER_REPLY, "#close")
    anna.writes("Seats", "We need twelve more.", to=saved_address(anna))
    assert [(ticket.subject, ticket.status) for ticket in desk.tickets()] == [
        ("Export", Status.CLOSED),
        ("Seats", Status.IN_REVIEW),
    ]
    assert related_line(omar, Notice.NEW_TICKET) == f"Related: {desk.ticket().reference}, closed: Export"


def test_outlooks_conversation_leads_its_people_to_the_request_and_nobody_else(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Export", "It fails in row 17.")
    index = anna.letter(Notice.CONFIRMATION).header("Thread-Index")
    anna.writes("Export", "And in row 18.", headers={"Thread-Index": index})
    assert [message.text for message in desk.history(1).messages] == ["It fails in row 17.", "And in row 18."]
    desk.person("eve@evil.example").writes("Export", "And mine.", headers={"Thread-Index": index})
    assert len(desk.tickets()) == 2


def test_an_open_request_of_the_same_person_with_much_the_same_words_is_named(desk: StoryDesk) -> None:
    anna, paul, omar = desk.person("anna@acme.example"), desk.person("paul@acme.example"), desk.person("omar@desk.example")
    said = "The export of invoices stops with error 4711 after two minutes."
    anna.writes("Export of invoices", said)
    first = desk.ticket().reference
    anna.writes("Export of invoices again", f"Hello, I wrote yesterday. {said}")
    remark = f"Possible duplicate of {first} (“Export of invoices”)"
    assert remark in omar.letter(Notice.NEW_TICKET).text
    anna.writes("Scanner", "The scanner in the cellar blinks red since this morning.")
    assert "Possible duplicate" not in omar.letter(Notice.NEW_TICKET).text
    paul.writes("Export of invoices", said)
    assert "Possible duplicate" not in omar.letter(Notice.NEW_TICKET).text


def test_a_request_that_is_over_has_no_duplicate(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export of invoices", "The export of invoices stops with error 4711.")
    omar.replies(Notice.NEW_TICKET, "#close\nDone.")
    anna.writes("Export of invoices", "The export of invoices stops with error 4711 once more.")
    assert "Possible duplicate" not in omar.letter(Notice.NEW_TICKET).text
