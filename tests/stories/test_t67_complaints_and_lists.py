"""A complaint opens no ticket and is answered to nobody, and what comes over a list is not answered by itself."""

import pytest
from sqlalchemy import select
from support.desk.story import SUPPORT, StoryDesk
from support.mails.reports import complaint, letters_to

from helpdesk.store.schema import suppression
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice


def stopped(desk: StoryDesk) -> list[str]:
    with desk.database.reading() as connection:
        return list(connection.execute(select(suppression.c.address)).scalars())


@pytest.mark.parametrize("at", ["its return address", "the desk", "the desk, of no letter of ours"])
def test_a_complaint_is_a_report(desk: StoryDesk, at: str) -> None:
    anna, provider = desk.person("anna@acme.example"), desk.person("fbl@provider.example")
    anna.writes("Printer", "It jams.")
    letter = letters_to(desk, anna)[0]
    to = letter.reverse_path if at == "its return address" else SUPPORT
    known = letter.message_id if "no letter" not in at else "x@elsewhere.example"
    provider.mail(complaint(to, known), [to])
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert len(desk.tickets()) == 1
    assert desk.notices_to(provider) == []
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize(
    "fields",
    [{"List-Id": "<users.lists.example>"}, {"List-Post": "<mailto:users@lists.example>"}, {"Precedence": "list"}, {"List-Unsubscribe": "<mailto:x@l.example>", "Precedence": "bulk"}],
)  # fmt: skip
def test_mail_of_a_list_is_not_answered_by_itself(desk: StoryDesk, fields: dict[str, str]) -> None:
    carl = desk.person("carl@other.example")
    carl.writes("Question", "How do I export?", headers=fields)
    assert desk.notices_to(carl) == []


def test_a_token_of_another_letter_shuts_nobody_up(desk: StoryDesk) -> None:
    """The number of a letter is no secret, and whoever wrote to the desk has a token: only the whole Message-ID names a letter."""
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    eve.writes("Printer", "Mine too.")
    hers, own = letters_to(desk, anna)[0].message_id, letters_to(desk, eve)[0].message_id
    eve.mail(complaint(SUPPORT, f"{own.partition('.')[0]}.{hers.partition('.')[2]}"), [SUPPORT])
    assert stopped(desk) == []
    eve.mail(complaint(SUPPORT, hers.upper()), [SUPPORT])
    assert stopped(desk) == [anna.address]
