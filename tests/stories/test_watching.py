"""`#watch`: a colleague reads along without owning the request, and customers learn nothing of it."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice


def test_a_watcher_gets_messages_answers_and_notes_and_the_owner_stays(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take\n#watch Ines Duarte\nPlease look at the third message.")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert "third message" in ines.letter(Notice.INTERNAL_NOTE).text
    before = len(ines.letters())
    anna.replies(Notice.CONFIRMATION, "It jams again, on every page.")
    omar.replies(Notice.CUSTOMER_REPLY, "Please open flap B.")
    omar.replies(Notice.NEW_TICKET, "#note\nShe has the old model.")
    texts = [letter.text for letter in ines.letters()[before:]]
    assert ["on every page" in texts[0], "flap B" in texts[1], "old model" in texts[2]] == [True] * 3 and len(texts) == 3
    assert "Omar Haddad replied" in texts[1]
    assert desk.ticket().assignee == omar.address
    assert all("Ines" not in letter.text and "watch" not in letter.text for letter in anna.letters())
    ines.replies(Notice.CUSTOMER_REPLY, "#unwatch")
    anna.replies(Notice.CONFIRMATION, "And once more, sadly: it jams.")
    assert "once more" not in "".join(letter.text for letter in ines.letters())
    assert desk.ticket().watchers == ()


def test_a_watcher_s_answer_with_words_of_a_note_is_held(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#watch Ines Duarte\nThe customer is known to break printers on purpose, be careful.")
    anna.replies(Notice.CONFIRMATION, "Any news about my printer?")
    ines.replies(Notice.CUSTOMER_REPLY, "The customer is known to break printers on purpose, be careful. So what now?")
    assert ines.letters()[-1].notice is Notice.HELD
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize("line", ["#watch Bob", "#watch anna@acme.example", "#unwatch", "#watch Bela"])
def test_who_cannot_watch_is_refused_with_the_reason(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, line)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert desk.ticket().watchers == ()


def test_an_undo_ends_it(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#watch ines@desk.example")
    assert desk.ticket().watchers == (ines.address,)
    omar.replies(Notice.RECEIPT, "#undo")
    assert desk.ticket().watchers == ()
