"""A request without a subject has none: its letters say whose request it is, in the customer's language."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def test_letters_about_a_request_without_a_subject(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("", "Guten Tag, der Drucker hat heute wieder einen Papierstau. Können Sie mir bitte helfen? Vielen Dank!")
    reference = desk.ticket().reference
    assert desk.ticket().subject == ""
    assert anna.letter(Notice.CONFIRMATION).header("Subject") == f"Ihre Anfrage {reference}"
    assert "Betreff" not in anna.letter(Notice.CONFIRMATION).text
    assert omar.letter(Notice.NEW_TICKET).header("Subject") == f"[{reference}] no subject"
    omar.replies(Notice.NEW_TICKET, "#resolve\nBitte Klappe B öffnen.")
    anna.replies(Notice.RESOLUTION, "Vielen Dank!")
    assert desk.ticket().status is Status.CLOSED
