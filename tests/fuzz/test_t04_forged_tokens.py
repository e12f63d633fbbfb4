"""Nobody can make a token, however many true ones they have seen: a slice of the campaign `forged_tokens`."""

import pytest
from support.campaigns import forged_tokens
from support.campaigns.forged_tokens import FORGERIES, RING, SUBJECTS, loot

from helpdesk.threading.trust.tokens import Purpose, verify


def test_the_forger_has_true_tokens() -> None:
    have = loot()
    assert len(have.tokens) == 2 * len(Purpose) * len(SUBJECTS) * 3
    assert all(verify(text, RING) == token for text, token in have.tokens.items())


@pytest.mark.parametrize("seed", [1, 2])
def test_no_forgery_is_taken_for_a_token(seed: int) -> None:
    summary = forged_tokens.run(seed, 25_000)
    assert all(forge.__name__ in summary for forge in FORGERIES)
