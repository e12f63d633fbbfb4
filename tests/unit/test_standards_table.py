"""The table of standards names files and tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| [0-9][^|]* \| [^|]+ \| `([^`]+)` \| `([^`:]+)(?:::(\w+))?` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "threading" / "README.md").read_text())


def test_there_is_a_table() -> None:
    assert len(ROWS) > 100


@pytest.mark.parametrize(("file", "tests", "name"), ROWS)
def test_its_file_and_its_test_are_there(file: str, tests: str, name: str) -> None:
    assert (ROOT / file).is_file()
    text = (ROOT / "tests" / tests).read_text()
    assert not name or f"def {name}(" in text
