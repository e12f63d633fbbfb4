"""People with many mail clients talk by mail: a slice of the campaign `every_word`."""

import pytest
from support.campaigns.every_word_rig import converse, described

from helpdesk.gateway.reader import Reader

SLICE = 300


@pytest.mark.timeout(300)
def test_every_word_reaches_whom_it_was_meant_for_and_nobody_else(reader: Reader) -> None:
    """`make campaign COUNT=10000` does it with thousands."""
    done = converse(1, SLICE, reader)
    assert not done.broken, described(done, reader)
    print(done)
