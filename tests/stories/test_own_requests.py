"""A staff member asks for something themselves: they are the customer of that request, and every word of theirs reaches their colleagues."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.notice import Notice

QUOTES = {
    "Thunderbird": "On 11/23/26 10:00, Lena Holm wrote:\n> The lamp of the projector is worn out.\n> It is number 4711.",
    "Gmail in German": "Am Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Lena Holm <lena@elsewhere.example>:\n\n> The lamp of the projector is worn out.\n> It is number 4711.",
    "Outlook": "-----Original Message-----\nFrom: Lena Holm <lena@elsewhere.example>\nSent: Monday, 23 November 2026 10:00\nTo: Omar\nSubject: Projector\n\nThe lamp of the projector is worn out.\nIt is number 4711.",
    "Outlook in French": "De : Lena Holm <lena@elsewhere.example>\nEnvoyé : lundi 23 novembre 2026 10:00\nÀ : Omar\nObjet : Projector\n\nThe lamp of the projector is worn out.\nIt is number 4711.",
}


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


@pytest.fixture
def ines(desk: StoryDesk) -> Person:
    return desk.person("ines@desk.example", "Ines Ray")


@pytest.mark.parametrize("client", QUOTES)
@pytest.mark.parametrize("subject", ["Projector", "Re: Projector"])
def test_a_staff_member_s_own_request_has_what_it_quotes(
    desk: StoryDesk, omar: Person, ines: Person, subject: str, client: str
) -> None:
    omar.writes(subject, f"Our projector hums, please replace its lamp.\n\n{QUOTES[client]}\n")
    omar.replies(Notice.HELD, "#send", quote=False)
    letter = ines.letter(Notice.NEW_TICKET).text
    assert "please replace its lamp" in letter
    assert "It is number 4711." in letter
    assert "It is number 4711." in desk.history().messages[0].text


def test_a_staff_member_as_customer_answers_wherever_they_like(desk: StoryDesk, omar: Person, ines: Person) -> None:
    omar.writes("Projector", "Our projector hums, please replace its lamp.")
    ines.replies(Notice.NEW_TICKET, "Which lamp is it?\n\nWhen may I come?")
    letter = omar.letter(Notice.ANSWER)
    quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
    answered = quoted.replace("> Which lamp is it?\n", "> Which lamp is it?\nNumber 4711.\n")
    other = "On 11/23/26 10:00, Lena Holm wrote:\n> It is worn out since May.\n"
    omar.replies(Notice.ANSWER, f"On Mon, 23 Nov 2026, Ines wrote:\n{answered}Tomorrow.\n\n{other}", quote=False)
    text = desk.history().messages[-1].text
    assert all(words in text for words in ("Number 4711.", "Tomorrow.", "It is worn out since May."))
    assert "When may I come" not in text.replace("> When may I come?", "")
