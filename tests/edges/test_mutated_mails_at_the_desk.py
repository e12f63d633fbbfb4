"""Mutated mails through a whole desk: a slice of the campaign `mutated_mails_at_a_desk`."""

import pytest
from support.campaigns.mutated_mails_at_a_desk import take_through_desk
from support.desk.story import StoryDesk


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_mails_are_kept_and_decided(desk: StoryDesk, seed: int) -> None:
    take_through_desk(desk, seed, 100)
