"""The Postfix settings that the documentation shows are the files which the tests run."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRAGMENTS = ROOT / "config" / "postfix"
PAGE = (ROOT / "docs" / "doors.md").read_text("utf-8")


@pytest.mark.parametrize("fragment", sorted(FRAGMENTS.iterdir()), ids=lambda fragment: fragment.name)
def test_the_page_about_doors_shows_the_file_as_it_is(fragment: Path) -> None:
    assert f"```\n{fragment.read_text()}```\n" in PAGE


def test_the_fragments_name_only_tables_that_are_there() -> None:
    tables = {path.name for path in FRAGMENTS.iterdir()} | {"transport"}
    for name in ("main.cf", "master.cf"):
        words = (FRAGMENTS / name).read_text().split()
        named = {word.rpartition("/etc/postfix/helpdesk_")[2] for word in words if "/etc/postfix/helpdesk_" in word}
        assert named
        assert named <= tables
