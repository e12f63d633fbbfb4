"""Staff ask the desk with #find, #status and #why, and letters tell them what a customer has asked before."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def answer(person: Person) -> str:
    return person.letter(Notice.SEARCH_RESULT).text


def receipt(person: Person) -> str:
    return person.letter(Notice.RECEIPT).text


def test_find_brings_the_requests_with_the_words_closed_ones_included(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Rechnung für März", "Die Rechnungen fehlen seit Montag.")
    omar.replies(Notice.NEW_TICKET, "#close\nDie Rechnung liegt bei.")
    anna.writes("Printer", "It does not start. The invoice is there.")
    before = [ticket.version for ticket in desk.tickets()]
    omar.writes("search", "#find rechnung marz")
    letter = answer(omar)
    first = desk.ticket(1)
    assert first.reference in letter and "Rechnung für März" in letter and "closed" in letter and "anna@acme.example" in letter
    assert desk.ticket(2).reference not in letter
    assert "Die Rechnung" in letter, "a line with the words"
    assert [ticket.version for ticket in desk.tickets()] == before
    assert Disposition.NOTED in [mail.state for mail in desk.mails()]


def test_find_shows_ten_at_most_those_with_the_words_in_the_subject_first(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "The scanner blinks red.")
    wanted = desk.ticket(1).reference
    for number in range(11):
        anna.writes(f"Question {number}", "Where is the scanner?")
    omar.writes("search", "#find scanner")
    letter = answer(omar)
    shown = [ticket.reference for ticket in desk.tickets() if ticket.reference in letter.partition("Reply with lines")[0]]
    assert len(shown) == 10
    assert letter.index(wanted) == min(letter.index(reference) for reference in shown)
    assert "Add a word" in letter


def test_the_rows_of_a_search_are_answered_as_those_of_a_digest(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Scanner", "The scanner blinks red.")
    anna.writes("Printer", "It does not start.")
    ines.writes("search", "#find scanner")
    ines.replies(Notice.SEARCH_RESULT, "1 take")
    assert (desk.ticket(1).assignee, desk.ticket(2).assignee) == (ines.address, omar.address)
    ines.writes("status", "#status anna@acme.example")
    ines.replies(Notice.SEARCH_RESULT, "1 note\nAsk Lena.\n2 note\nDone.")
    assert [len(desk.history(place).notes) for place in (1, 2)] == [1, 1]


def test_a_quoted_letter_links_none_of_the_requests_that_it_names(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "The scanner blinks red.")
    anna.writes("Printer", "It does not start.")
    first = desk.ticket(1).reference
    assert first in omar.letter(Notice.NEW_TICKET).text
    omar.replies(Notice.NEW_TICKET, "We look into it.")
    assert desk.history(2).related == ()
    omar.replies(Notice.NEW_TICKET, f"#note\nSee {first}.")
    assert desk.history(2).related == (first,)


def test_a_search_in_an_answer_stands_in_the_receipt_and_changes_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "The scanner blinks red.")
    anna.writes("Printer", "It does not start.")
    omar.replies(Notice.NEW_TICKET, "#find scanner red")
    assert f"{desk.ticket(1).reference}, in review" in receipt(omar)
    assert "The scanner blinks red." in receipt(omar)
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_notes_are_found_and_the_words_of_an_undone_mail_are_not(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "It blinks red.")
    omar.replies(Notice.NEW_TICKET, "#note\nThe spare drum is in cellar nine.")
    omar.writes("search", "#find drum cellar")
    assert desk.ticket(1).reference in answer(omar)
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert "Taken back" in receipt(omar)
    omar.writes("search", "#find drum cellar")
    assert "Nothing found" in answer(omar) and desk.ticket(1).reference not in answer(omar)


def test_nobody_finds_what_they_may_not_read(desk: StoryDesk, anna: Person, omar: Person, bela: Person, ines: Person) -> None:
    anna.writes("Invoice 4711", "Our invoice 4711 is wrong.", to="billing@support.example.com")
    reference = desk.ticket(1).reference
    for person, finds in ((bela, True), (omar, False), (ines, True)):
        person.writes("search", "#find invoice 4711")
        assert (reference in answer(person)) is finds
    omar.writes("status", f"#status {reference}")
    assert "neither in your queues" in receipt(omar)
    omar.writes("status", "#status anna@acme.example")
    assert reference not in answer(omar)
    omar.writes("status", "#status Bela")
    assert reference not in answer(omar)


def test_requests_that_somebody_may_not_read_hide_none_that_they_may(
    desk: StoryDesk, anna: Person, omar: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.store.search.MOST_FOUND", 1)
    anna.writes("Delivery", "Our invoice 4711 has not come.")
    anna.writes("Invoice 4711", "Our invoice 4711 is wrong.", to="billing@support.example.com")
    omar.writes("search", "#find invoice 4711")
    assert [ticket.reference in answer(omar) for ticket in desk.tickets()] == [True, False]


def test_a_search_without_words_is_refused_in_one_line(desk: StoryDesk, omar: Person) -> None:
    omar.writes("search", '#find "!?"')
    assert "add words to look for" in receipt(omar)
    omar.writes("search", "#find")
    assert '"#find": add words to look for. Try: #find invoice 2026' in receipt(omar)
    assert desk.tickets() == []


def test_only_proved_mail_of_staff_is_answered(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "It blinks red.")
    omar.writes("search", "#find scanner", peer="203.0.113.7")
    assert Notice.SEARCH_RESULT not in desk.notices_to(omar)
    anna.writes("search", "#find scanner")
    assert Notice.SEARCH_RESULT not in desk.notices_to(anna)


@pytest.mark.parametrize("word", ["suchen", "chercher", "buscar", "cerca", "procurar", "zoeken"])
def test_find_has_its_word_in_each_language_of_the_letters(desk: StoryDesk, anna: Person, omar: Person, word: str) -> None:
    anna.writes("Scanner", "It blinks red.")
    omar.writes("search", f"#{word} scanner")
    assert desk.ticket(1).reference in answer(omar)


def test_status_of_a_customer_lists_their_requests_and_those_of_their_account(
    desk: StoryDesk, anna: Person, paul: Person, omar: Person
) -> None:
    anna.writes("Scanner", "It blinks red.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nIt is mended.")
    anna.replies(Notice.RESOLUTION, "Thanks a lot!")
    paul.writes("Printer", "It does not start.")
    omar.writes("status", "#status anna@acme.example")
    letter = answer(omar)
    assert "#status anna@acme.example: 1 / 2" in letter
    assert letter.index("Printer") < letter.index("Scanner"), "open ones first"
    assert "closed 2026-11-23, the customer confirmed it" in letter and "paul@acme.example" in letter


def test_status_of_a_colleague_lists_what_they_have_and_says_whether_they_are_away(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Scanner", "It blinks red.")
    omar.replies(Notice.NEW_TICKET, "#take")
    omar.writes("away", "#away 2026-12-23")
    ines.writes("status", "#status Omar")
    letter = answer(ines)
    assert "#status Omar Haddad (#away 2026-12-23): 1" in letter and "Scanner" in letter


def test_status_of_a_reference_works_alone_and_in_an_answer_about_another(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "It blinks red.")
    anna.writes("Printer", "It does not start.")
    first, second = desk.ticket(1).reference, desk.ticket(2).reference
    omar.writes("status", f"#status {first.lower()}")
    assert f"{first} is in review" in receipt(omar)
    omar.replies(Notice.NEW_TICKET, f"#take\n#status {first}")
    assert f"{first} is in review" in receipt(omar)
    assert desk.ticket(2).assignee == omar.address
    omar.writes("status", "#status nobody I know")
    assert "not a request, a customer's address or a colleague. Choose: " in receipt(omar)
    assert second not in receipt(omar)


def test_file_and_show_work_in_a_new_mail_for_a_request_of_that_reference(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Scanner", "It blinks red.", files={"log.pdf": b"%PDF"})
    reference = desk.ticket(1).reference
    omar.writes("file", f"#on {reference}\n#file 1")
    assert {"log.pdf": b"%PDF"} in [letter.files for letter in omar.letters() if letter.notice is Notice.RECEIPT]
    omar.writes("show", f"#show {reference}")
    assert "Nothing was left out" in receipt(omar)


def test_why_tells_how_a_request_was_sorted_and_who_has_changed_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Cannot log in", "My password is rejected.")
    omar.replies(Notice.NEW_TICKET, "#take\n#priority critical")
    omar.replies(Notice.NEW_TICKET, "#why")
    letter = receipt(omar)
    assert "Category" in letter and "Queue" in letter and "Assignee" in letter
    assert "Priority changed from high to critical by Omar Haddad" in letter
    assert "Assigned to Omar Haddad by Omar Haddad" in letter
    omar.writes("why", f"#why {desk.ticket(1).reference}")
    assert f"How {desk.ticket(1).reference} was sorted:" in receipt(omar)
    assert desk.ticket(1).status is Status.IN_REVIEW


def history(person: Person, notice: Notice) -> list[str]:
    """The lines about other requests in the newest letter."""
    text = person.letter(notice).text.partition("Other requests of this customer and the account")[2]
    lines = text.strip().splitlines()
    return [line.removeprefix("- ") for line in lines[: next((i for i, line in enumerate(lines) if not line), None)]]


def test_a_new_request_brings_what_the_customer_and_the_account_asked_before(
    desk: StoryDesk, anna: Person, paul: Person, omar: Person
) -> None:
    anna.writes("Scanner", "The scanner blinks red and eats the paper.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nIt is mended.")
    anna.replies(Notice.RESOLUTION, "Thanks a lot!")
    paul.writes("Printer", "It does not start.")
    anna.writes("Scanner again", "The scanner blinks red and eats the paper.")
    first, second = desk.ticket(1), desk.ticket(2)
    assert first.status is Status.CLOSED
    assert history(omar, Notice.NEW_TICKET) == [
        f"{second.reference}, in review, of Paul: Printer",
        f"{first.reference}, closed 2026-11-23, the customer confirmed it, like this one: Scanner",
    ]
    anna.replies(Notice.CONFIRMATION, "One more thing: it smells.")
    assert [line.partition(",")[0] for line in history(omar, Notice.CUSTOMER_REPLY)] == [second.reference, first.reference]


def test_history_names_nothing_that_its_reader_may_not_read_and_nothing_of_strangers(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Invoice 4711", "Our invoice is wrong.", to="billing@support.example.com")
    desk.person("carla@globex.example").writes("Scanner", "It blinks red.")
    anna.writes("Printer", "It does not start.")
    assert history(omar, Notice.NEW_TICKET) == []


def test_history_is_short(desk: StoryDesk, anna: Person, omar: Person) -> None:
    for number in range(8):
        anna.writes(f"Scanner {number}", f"It blinks {number} times.")
    assert len(history(omar, Notice.NEW_TICKET)) == 5
