"""A mail bomb in other people's names leaves those people alone: a slice of the campaign `mail_bomb`."""

import random
from pathlib import Path

from support.campaigns.mail_bomb import ACCOUNT_OF_VICTIM, bomb_desk, spelling_of_victim
from support.desk.story import configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.trust.addresses import rate_key


def test_a_slice_of_the_bomb(tmp_path: Path, reader: Reader) -> None:
    with direct_desk(configured(tmp_path, more=ACCOUNT_OF_VICTIM), reader) as desk:
        bomb_desk(desk, 63, 300)


def test_every_spelling_of_the_victim_is_the_victim() -> None:
    chance = random.Random(1)
    assert {rate_key(spelling_of_victim(chance)) for _ in range(200)} == {"annaweber@acme.example"}
