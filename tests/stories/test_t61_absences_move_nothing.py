"""A note of absence, marked or not, in many languages, moves nothing; a person's answer does. What silence ends waits until its author is back."""

import pytest
from support.desk.story import StoryDesk
from support.mails.reports import letters_to

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

ABSENCES = [
    ("Automatic reply: Printer", "I am out of the office until 12 June. For urgent matters contact bob@example.org.", {}),
    ("Abwesenheitsnotiz: Drucker", "Ich bin bis 12. Juni nicht im Büro.", {}),
    ("Réponse automatique : Imprimante", "Je suis absent du bureau.", {}),
    ("Respuesta automática: Impresora", "Estoy fuera de la oficina.", {}),
    ("Automatisch antwoord: Printer", "Ik ben afwezig.", {}),
    ("Autosvar: Skrivare", "Jag är på semester.", {}),
    ("Автоматический ответ: Принтер", "Я в отпуске.", {}),
    ("自動応答: プリンター", "休暇をいただいております。", {}),
    ("Re: Printer", "Back on Monday.", {"Auto-Submitted": "auto-replied"}),
    ("Re: Printer", "Back on Monday.", {"X-Autoreply": "yes"}),
    ("Re: Printer", "Back on Monday.", {"X-Auto-Response-Suppress": "All", "Precedence": "auto_reply"}),
]  # fmt: skip
PEOPLE = [
    "I was on vacation, and it still jams.",
    "Bob is out of the office; please call me instead.",
    "Thanks, but no: automatic feed does not work.",
]


def test_no_note_of_absence_moves_a_resolved_ticket(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    before, letters = desk.ticket(), (desk.notices_to(anna), desk.notices_to(omar))
    token = anna.letter(Notice.RESOLUTION).header("Reply-To").rpartition("<")[2].rstrip(">")
    for subject, text, headers in ABSENCES:
        anna.writes(subject, text, to=token, headers=headers)
    after = desk.ticket()
    assert {mail.state for mail in desk.mails()[2:]} == {Disposition.NOTED}
    assert (after.status, after.waiting_on, after.resolutions) == (before.status, before.waiting_on, before.resolutions)
    assert (desk.notices_to(anna), desk.notices_to(omar)) == letters
    desk.passes(days=70)
    assert desk.ticket().status is Status.CLOSED


@pytest.mark.parametrize("text", PEOPLE)
def test_a_person_who_speaks_of_absence_is_heard(desk: StoryDesk, text: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, text)
    assert desk.ticket().status is Status.IN_PROGRESS


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
def test_what_a_machine_says_of_itself_counts_only_with_proof(desk: StoryDesk, peer: str) -> None:
    """Anybody can name a request in somebody's name: until when they are away, or what their own system calls it."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    absence, automatic = {"Auto-Submitted": "auto-replied"}, {"Auto-Submitted": "auto-generated"}
    named = desk.ticket().reference
    anna.writes(f"Automatic reply: {named}", "I am out of the office until 12 December 2026.", peer=peer, headers=absence)
    anna.writes(f"{named} [CASE-666]", "Your case is noted.", peer=peer, headers=automatic)
    proved = peer == "127.0.0.1"
    assert [mail.state for mail in desk.mails()[-2:]] == [Disposition.NOTED] * 2
    assert (desk.ticket().waiting.away_until is not None, desk.ticket().their_reference) == (
        proved,
        "[CASE-666]" if proved else "",
    )


def test_the_return_address_of_another_letter_proves_nothing(desk: StoryDesk) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    eve.writes("Printer", "Mine too.")
    absence = {"Auto-Submitted": "auto-replied"}
    for person, proves in ((eve, False), (anna, True)):
        to = letters_to(desk, person)[0].reverse_path
        subject = f"Automatic reply: {desk.ticket().reference}"
        anna.writes(subject, "I am out of the office until 12 December 2026.", to=to, peer="203.0.113.9", headers=absence)
        assert (desk.ticket().waiting.away_until is not None) == proves
