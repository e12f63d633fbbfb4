"""The relay for trying out: each letter is one file."""

import asyncio
import os
from pathlib import Path

import pytest

from helpdesk.gateway.delivery import maildir
from helpdesk.gateway.delivery.maildir import MaildirRelay
from helpdesk.gateway.delivery.reply import RelayReply

LETTER = b"Message-ID: <1@desk.test>\nSubject: \xff\r\n\r\n.\r\nbare\nlines\r"
ANNA = "anna@acme.test"


def sent(folder: Path, content: bytes = LETTER, recipient: str = ANNA) -> RelayReply:
    return asyncio.run(MaildirRelay(folder).send("bounce@desk.test", recipient, content))


def test_a_letter_is_kept_byte_for_byte(tmp_path: Path) -> None:
    assert sent(tmp_path / "deep" / "out").code == 250
    (file,) = (tmp_path / "deep" / "out" / "new").iterdir()
    assert file.read_bytes() == LETTER
    assert list((tmp_path / "deep" / "out" / "tmp").iterdir()) == []


def test_a_letter_that_is_sent_again_is_there_once(tmp_path: Path) -> None:
    assert sent(tmp_path) == sent(tmp_path)
    (file,) = (tmp_path / "new").iterdir()
    file.rename(tmp_path / "cur" / f"{file.name}:2,S")
    assert sent(tmp_path).code == 250
    assert list((tmp_path / "new").iterdir()) == []


def test_a_crash_before_the_rename_leaves_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_fails(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    sent(tmp_path, recipient="omar@acme.test")  # makes the folders
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", power_fails)
        reply = sent(tmp_path)
    assert reply.code is None and reply.permanent is False and "Input/output error" in reply.text
    assert len(list((tmp_path / "new").iterdir())) == 1
    assert sent(tmp_path).code == 250
    assert len(list((tmp_path / "new").iterdir())) == 2 and list((tmp_path / "tmp").iterdir()) == []


def test_file_and_folder_are_synced_before_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(tmp_path, recipient="omar@acme.test")  # makes the folders
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}")))
    sent(tmp_path)
    assert [Path(path).parent.name for path in synced[:1]] == ["tmp"]
    assert synced[1:] == [os.path.realpath(tmp_path / "new")]


def test_different_letters_and_recipients_have_files_of_their_own(tmp_path: Path) -> None:
    sent(tmp_path), sent(tmp_path, LETTER + b"\n"), sent(tmp_path, recipient="omar@acme.test")
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_a_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reply = sent(tmp_path / "file")
    assert reply.code is None and reply.permanent is False and str(tmp_path / "file") in reply.text


def test_a_letter_whose_claim_ran_out_is_not_kept(tmp_path: Path) -> None:
    reply = asyncio.run(MaildirRelay(tmp_path).send("", ANNA, LETTER, claim_lasts=lambda _: False))
    assert reply.code is None and list(tmp_path.iterdir()) == []


def test_the_name_is_one_that_a_maildir_allows() -> None:
    name = maildir.file_name("a/b:c@x.test", b"")
    assert not set(name) & set("/:") and not name.startswith(".")
