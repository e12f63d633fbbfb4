"""Two hundred mails of twenty-five clients in twenty languages, as `helpdesk parse` reads them: it knows no tickets.

Rules are tuned to one half alone. The other half says how the reader does with mail that nobody looked at.
"""

import pytest
from support.clients.phrases import LANGUAGES
from support.clients.samples import FORMATS, Sample, Score, count, samples

from helpdesk.threading.parsing.read import read

# What has been reached, as shares: nothing may fall below.
REACHED = {
    "tuned": {"replies": 0.95, "answers": 0.75, "signatures": 0.9, "forwards": 0.9},
    "aside": {"replies": 0.94, "answers": 0.6, "signatures": 0.9, "forwards": 0.85},
}


def half(name: str) -> list[Sample]:
    return [sample for sample in samples() if sample.is_aside is (name == "aside")]


@pytest.mark.parametrize("name", REACHED)
def test_own_words_signatures_and_forwards_are_found_in_both_halves(name: str) -> None:
    score = Score()
    for sample in half(name):
        wrong = count(score, sample, read(sample.content).message)
        if wrong and not sample.is_aside:  # those aside are counted and not looked at
            print(sample.name, *wrong)
    print(f"{name}: {score}")
    for what, share in REACHED[name].items():
        assert getattr(score, f"{what}_right") >= share * getattr(score, what), f"{name}: {score}"


def test_the_samples_are_two_hundred_of_many_clients_and_languages_and_half_of_them_are_aside() -> None:
    made = samples()
    assert len(made) == len({sample.name for sample in made}) == 200
    assert len(FORMATS) == 25
    assert len({sample.name.rpartition("-")[2] for sample in made}) == len(LANGUAGES) == 20
    assert 80 < len([sample for sample in made if sample.is_aside]) < 120
