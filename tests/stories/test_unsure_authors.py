"""To an author whom nothing proves, automatic letters are fixed text: nobody can send his own words through the desk."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.notice import Notice

STRANGE = "Buy-cheap-pills-now"


@pytest.fixture
def victim(desk: StoryDesk) -> Person:
    """Somebody in whose name another writes."""
    one = desk.person("victim@other.example")
    one.writes(STRANGE, f"{STRANGE} http://evil.example/", peer="203.0.113.9", files={f"{STRANGE}.pdf": b"x"})
    return one


def whole(person: Person) -> str:
    return "".join(letter.message.as_string() + letter.text + letter.html for letter in person.letters())


def test_the_confirmation_says_nothing_of_the_mail(desk: StoryDesk, victim: Person) -> None:
    assert desk.notices_to(victim) == [Notice.CONFIRMATION]
    assert desk.ticket().assurance is Assurance.UNVERIFIED
    assert STRANGE not in whole(victim)
    assert "evil.example" not in whole(victim)


def test_no_later_automatic_letter_says_it_either(desk: StoryDesk, victim: Person) -> None:
    omar = desk.person("omar@desk.example")
    omar.replies(Notice.NEW_TICKET, "#escalate")
    desk.person("ines@desk.example").replies(Notice.ESCALATION, "#resolve")
    desk.passes(days=7)
    assert desk.notices_to(victim) == [Notice.CONFIRMATION, Notice.ESCALATION, Notice.RESOLUTION, Notice.CLOSING]
    assert STRANGE not in whole(victim)


def test_a_person_may_quote_the_subject(desk: StoryDesk, victim: Person) -> None:
    desk.person("omar@desk.example").replies(Notice.NEW_TICKET, "We do not buy these.")
    assert victim.letter(Notice.ANSWER).header("Subject") == f"Re: {STRANGE}"


def test_fixed_text_goes_out_with_the_null_path(desk: StoryDesk, victim: Person) -> None:
    from sqlalchemy import select

    from helpdesk.store.schema import outbox

    with desk.database.reading() as connection:
        paths = connection.execute(select(outbox.c.reverse_path).where(outbox.c.recipient == victim.address)).scalars().all()
    assert paths == [""]
