"""A file that unpacks to more than there is room for is kept as it came, and read a little way: one module unpacks, in the reading child,
by `zlib` alone, into memory, and never more than its budget.
"""

import ast
import base64
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from support.mails.mails import multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.file_words import CHARACTERS

ROOT = Path(__file__).resolve().parents[2]
OWN_WORDS = "threading/matching/sent_words.py"  # packs and unpacks the words of our own letters, and nothing that came in
READS_FILES = "threading/reading/file_words.py"  # what is packed in files must not leave either: it is looked at, and never kept
UNPACKING = {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib", "shutil.unpack_archive", "rarfile", "py7zr"}


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 50_000_000)
    return packed.getvalue()


def test_it_is_an_attachment_like_any_other() -> None:
    content = bomb()
    part = (
        f"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(content).decode()}"
    )
    reading = read(multipart("mixed", "Content-Type: text/plain\n\nHello", part))
    [attachment] = reading.message.attachments
    assert (attachment.size, attachment.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert reading.contents == {attachment.sha256: content}
    assert len(attachment.words) <= CHARACTERS


@pytest.mark.parametrize("room", ["threading", "gateway", "store", "templates"])
def test_no_room_knows_how_to_unpack(room: str) -> None:
    texts = {path: path.read_text() for path in (ROOT / room).rglob("*.py")}
    for path in (path for path, text in texts.items() if any(name in text for name in UNPACKING)):
        for node in ast.walk(ast.parse(texts[path])):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            allowed = {"zlib"} if path in (ROOT / READS_FILES, ROOT / OWN_WORDS) else set()
            assert not (UNPACKING - allowed) & set(names), path
