"""Sixty mails over all doors at once, each of them one to five times: sixty effects, and each letter lies once in its mailbox."""

from pathlib import Path

from support.campaigns.conversation_rig import DOORS, converse

COUNT = 36


def test_as_many_effects_as_mails_however_often_they_come(tmp_path: Path) -> None:
    done = converse(tmp_path / "desk", 7, COUNT)
    assert not done.faults, done
    assert set(done.copies) == {*DOORS, "platform"}
    assert done.figures["transmissions"] > 2 * done.figures["mails"]
    assert done.figures["inbound discarded"] >= COUNT
    assert done.figures["letters"] > COUNT
