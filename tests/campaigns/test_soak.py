"""A node that works for long under faults gains no memory, no descriptors and no delay. The tests run a slice of less than a minute."""

import os
from pathlib import Path

import pytest
from support.campaigns import soak_rig
from support.campaigns.soak_rig import FAULTS, Trend

SLICE = ("worker killed", "relay defers", "large mail")  # `make campaign` has the others, for five minutes and longer


if os.environ.get("HELPDESK_LONG_TESTS"):  # a minute; `make campaign` has it with any seed

    @pytest.mark.timeout(600)
    def test_a_slice_of_a_soak_is_flat_and_its_books_are_right(tmp_path: Path) -> None:
        report = soak_rig.campaign(tmp_path, seed=1, seconds=21, fault_every=7, faults=[FAULTS[name] for name in SLICE])
        assert not report.broken, report
        assert tuple(name for *_, name in report.figures.faults) == SLICE
        print(report)


STEADY = [(float(second), 100.0 + second % 7) for second in range(300)]
GROWING = [(second, value + second / 5) for second, value in STEADY]
JUMPY = [(second, value * (50 if second % 40 < 5 else 1)) for second, value in STEADY]


@pytest.mark.parametrize(
    ("points", "flat"),
    [(STEADY, True), (GROWING, False), (JUMPY, True), ([], True)],
    ids=["steady", "growing", "jumpy", "nothing"],
)
def test_growth_is_told_from_noise(points: list[tuple[float, float]], flat: bool) -> None:
    assert Trend("memory", points, 300, gained=0.1, noise=5).is_flat is flat
