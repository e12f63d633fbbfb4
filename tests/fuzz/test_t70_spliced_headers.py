"""Nobody is believed with words that were not signed: a slice of the campaign `spliced_headers`."""

import pytest
from support.campaigns import spliced_headers


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_believed_with_other_words(seed: int) -> None:
    summary = spliced_headers.run(seed, 2500)
    assert " 0 with a header" not in summary
    assert " 0 whose signature" not in summary
    assert " 0 believed" not in summary
