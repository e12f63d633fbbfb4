"""The tables of standards and of guards name files and tests that are there, and every test of one danger stands in its table."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STANDARD = re.compile(r"^\| [0-9][^|]* \| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
GUARD = re.compile(r"^\| [^|]+ \| [^|]+ \| [^|]+ \| `([^`]+)` \|$", re.MULTILINE)
IDS = re.compile(r"^\| ((?:[TF]\d{2,3})(?:, [TF]\d{2,3})*|–) \|", re.MULTILINE)
# Numbers that were never given are left out.
DANGERS = [f"T{number:02}" for number in (*range(1, 17), *range(20, 44), *range(50, 57), *range(60, 102))]
STANDARDS = (ROOT / "threading" / "README.md").read_text()
GUARDS = (ROOT / "tests" / "GUARDS.md").read_text()
OF_ONE_DANGER = re.compile(r"test_[tf]\d{2,3}_\w+\.py")


def rows_of(table: str) -> int:
    """Every line of a table but its two head lines."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return len(lines) - 2 * sum(line.startswith("| ---") for line in lines)


def assert_there(test: str) -> None:
    path, _, name = test.partition("::")
    text = (ROOT / "tests" / path).read_text()
    assert path.startswith("dialogs/") or re.search(rf"^ *def {name}\(", text, re.MULTILINE), test


def test_every_row_is_read() -> None:
    standards = STANDARDS.partition("## Standards")[2]
    assert len(STANDARD.findall(standards)) == rows_of(standards) > 100
    assert len(GUARD.findall(GUARDS)) == rows_of(GUARDS) > 100


@pytest.mark.parametrize(("file", "test"), STANDARD.findall(STANDARDS))
def test_a_standard_has_its_file_and_its_test(file: str, test: str) -> None:
    assert (ROOT / file).is_file()
    assert_there(test)


@pytest.mark.parametrize("test", GUARD.findall(GUARDS))
def test_a_guard_has_its_test(test: str) -> None:
    assert_there(test)


@pytest.mark.parametrize("danger", DANGERS)
def test_every_danger_has_a_row_that_explains_it(danger: str) -> None:
    named = [identifier for cell in IDS.findall(GUARDS) for identifier in cell.split(", ")]
    assert danger in named


def test_every_test_of_one_danger_is_in_the_table() -> None:
    named = {test.partition("::")[0] for test in GUARD.findall(GUARDS)}
    there = {
        str(path.relative_to(ROOT / "tests")) for path in (ROOT / "tests").rglob("*.py") if OF_ONE_DANGER.fullmatch(path.name)
    }
    assert there <= named
