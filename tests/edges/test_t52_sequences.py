"""Any sequence of commands gets the replies of a small model, and any bytes get well-formed replies: slices of the campaign `smtp_sequences`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.campaigns import smtp_sequences
from support.campaigns.smtp_sequences import COMMANDS, is_poison, ours, play
from support.servers.smtp_door import ListStore, running_door


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(COMMANDS), max_size=40))
def test_every_sequence_of_commands_is_answered_as_the_model_says(commands: list[str]) -> None:
    with running_door(ours=ours, store=ListStore(failure=is_poison), max_size=65536) as door:
        play(door, commands)


def test_random_sequences_in_a_useful_order() -> None:
    smtp_sequences.run_sockets(seed=1, count=200)


@pytest.mark.timeout(1200)
def test_short_sequences() -> None:
    smtp_sequences.run(seed=1, count=12_000)


def test_short_sequences_by_lmtp() -> None:
    smtp_sequences.run_lmtp(seed=1, count=3_000)


def test_any_bytes_get_wellformed_replies() -> None:
    smtp_sequences.run_bytes(seed=1, count=150)
