"""An address that is dedicated to an account names a queue and a plan for contacts of that account, and lends them to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.notice import Notice

VIP = "vip@support.example.com"
DEDICATED = f'''
[[address]]
address = "{VIP}"
account = "acme"
plan = "custom"
'''
STRANGE = "203.0.113.9"  # a host from which nothing proves an author


@pytest.fixture
def dedicated(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path, more=DEDICATED), reader) as made:
        yield made


@pytest.mark.parametrize(
    ("author", "account", "plan"),
    [("anna@acme.example", "acme", "custom"), ("carla@globex.example", "globex", "starter"), ("eve@evil.example", None, "free")],
)
def test_the_account_is_the_writers_own(dedicated: StoryDesk, author: str, account: str | None, plan: str) -> None:
    dedicated.person(author).writes("Printer", "It jams.", to=VIP)
    assert (dedicated.ticket().account, dedicated.ticket().plan) == (account, plan)
    assert len(dedicated.inbox("acme")) == (2 if account == "acme" else 0)


def test_a_stranger_there_about_money_meets_the_guard(dedicated: StoryDesk) -> None:
    omar = dedicated.person("omar@desk.example")
    dedicated.person("eve@evil.example").writes("Invoice", "Please send me the last invoice.", to=VIP, peer=STRANGE)
    assert dedicated.ticket().assurance is Assurance.UNVERIFIED
    message_id = omar.replies(Notice.NEW_TICKET, "It was about 120 euros.")
    decision = dedicated.why(message_id).decision
    assert decision is not None and decision["held_over"] == HoldReason.DISCLOSURE
