"""A week at a desk of seven: a slice of the campaign `week`, and defects that its ledger notices."""

import pytest
from support.campaigns.week_faults import FAULTS
from support.campaigns.week_rig import check_week, play_week
from support.week.ledger import Broken
from support.week.play import Act, Week

from helpdesk.gateway.reader import Reader

SLICE = 10
# What the ledger says of each defect, and what staff do in a week that shows it soon.
MISSED: dict[str, tuple[Broken, dict[Act, int]]] = {
    "words beside a hand over are public": (Broken.LEAKED, {Week.hands_over: 1}),
    "an answer leaves twice": (Broken.DOUBLED, {Week.answers: 1}),
    "an answer is dropped": (Broken.LOST, {Week.answers: 1}),
    "a digest omits its first request": (Broken.UNHELD, {Week.forgets: 1}),
    "a letter names a time an hour late": (Broken.UNTRUE, {Week.answers: 1}),
    "nobody stands in for who is away": (Broken.UNHELD, {Week.answers: 1, Week.forgets: 2}),
}


@pytest.mark.timeout(300)
def test_everybody_is_told_what_they_must_be_told_and_nobody_else(reader: Reader) -> None:
    """`tests/campaign.py --only week --count 400` does it with a full week."""
    measured, breaches = play_week(1, SLICE, reader)
    check_week(measured, breaches)
    print(measured)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", MISSED)
def test_a_defect_is_noticed(reader: Reader, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, deeds = MISSED[fault]
    FAULTS[fault](monkeypatch)
    _, breaches = play_week(1, 12, reader, deeds=deeds, ends_at_fault=True)
    assert broken in {breach.broken for breach in breaches}, list(map(str, breaches))


def test_every_defect_that_can_be_built_in_is_tried() -> None:
    assert set(MISSED) == set(FAULTS)
