"""Checks that find fault with one mail, each in its own way: for tests of the campaign itself. Child processes import them by name."""

import os

from support.campaigns import fuzz_reading

from helpdesk.store.pause import pause

BAD = 7


def raises(seed: int, number: int) -> None:
    assert number != BAD, "said by the check"


def dies(seed: int, number: int) -> None:
    if number == BAD:
        os._exit(3)


def hangs(seed: int, number: int) -> None:
    fuzz_reading.SECONDS = 0.5  # of the child that runs this: the next mail has no more
    while number == BAD:
        pause(1)
