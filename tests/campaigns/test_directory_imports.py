"""Imports while mail comes in: the few accounts that the suite has time for."""

from pathlib import Path

from support.campaigns.directory_imports import measured_imports


def test_what_does_not_change_is_not_written_while_mail_comes_in(tmp_path: Path) -> None:
    """`make campaign` does it with 100,000 accounts on both databases: directory_imports."""
    assert "300 accounts" in measured_imports(f"sqlite:///{tmp_path}/directory.db", tmp_path, 7, 300)
