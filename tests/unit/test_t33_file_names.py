"""What a file is called decides nothing: it lies under its hash, and the name that is shown has passed its last check at the end."""

import unicodedata
from pathlib import Path

import pytest
from support.mails.mails import multipart

from helpdesk.store.blob_folder import BlobFolder
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.filenames import safe_filename

HIDING = ["", "\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\x00", "\x7f", "\ud800", "\ue000", "\u00ad", " ", "\t", "\r\n"]
NAMES = [
    ".htaccess",
    "..",
    "../x",
    "..\\x",
    "/etc/passwd",
    "C:\\x",
    "．．／x",
    "con",
    "NUL.txt",
    "a/../b",
    "%2e%2e%2fx",
    "x" * 400,
]
CASES = [f"{one}{name[:1]}{two}{name[1:]}" for name in NAMES for one in HIDING for two in HIDING]


def test_no_hidden_letter_brings_back_what_was_taken_off() -> None:
    for name in CASES:
        safe = safe_filename(name)
        assert safe_filename(safe) == safe, name
        assert safe and safe[0] != "." and not set(safe) & set("/\\\r\n"), name
        assert not [one for one in safe if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn")], name
        assert len(safe.encode()) <= 255


@pytest.mark.parametrize("name", NAMES)
def test_the_file_lies_under_its_hash(tmp_path: Path, name: str) -> None:
    part = f'Content-Type: application/pdf\nContent-Disposition: attachment; filename="{name}"\n\n%PDF {len(name)}\n'
    reading = read(multipart("mixed", "Content-Type: text/plain\n\nHello", part))
    [attachment] = reading.message.attachments
    store = BlobFolder(tmp_path / "blobs")
    assert store.put(reading.contents[attachment.sha256]) == attachment.sha256
    [file] = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert attachment.sha256 == "".join(file.relative_to(tmp_path / "blobs").parts)[-64:]
