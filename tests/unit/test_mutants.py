"""The table of mutants fits the program: `make mutants` runs them, which takes minutes."""

import ast

import pytest
from support.mutants.guards import MUTANTS
from support.mutants.mutant import Mutant, Outdated


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.removed)
def test_a_mutant_has_its_text_and_its_tests(mutant: Mutant) -> None:
    assert mutant.text != mutant.instead
    ast.parse(mutant.source())
    assert mutant.tests
    assert mutant.missing_tests() == []


def test_a_mutant_whose_text_is_gone_is_named() -> None:
    [first, *_] = MUTANTS
    gone = Mutant(first.guard, "nothing", first.file, "no such text", "", first.tests)
    with pytest.raises(Outdated, match="commit before 250: nothing .* 0 times"):
        gone.source()
    assert Mutant("", "", "", "", "", ("tests/unit/test_mutants.py::test_of_nothing", "tests/none.py")).missing_tests() == [
        "tests/unit/test_mutants.py::test_of_nothing",
        "tests/none.py",
    ]
