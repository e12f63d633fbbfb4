"""A letter without its files, and whole again."""

import base64
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.templates.enclosures import Enclosure
from helpdesk.templates.mime import letter_bytes
from helpdesk.threading.letters.files import LetterFile, base64_lines, leave_out, put_together

CONTENTS = st.lists(st.binary(max_size=200), max_size=4)


def enclosure(content: bytes, name: str = "plan für Zoë.pdf") -> Enclosure:
    return Enclosure(name, "application/pdf", content, sha256(content).hexdigest())


@given(st.binary(max_size=2000))
def test_base64_is_what_the_standard_library_writes(content: bytes) -> None:
    part = EmailMessage(policy=SMTP)
    part.set_content(content, "application", "pdf")
    assert part.as_bytes().partition(b"\r\n\r\n")[2] == base64_lines(content)


@given(CONTENTS)
def test_every_file_comes_out_of_a_whole_letter_as_it_was(contents: list[bytes]) -> None:
    written = letter_bytes({"Subject": "Files"}, "Words", "<p>Words</p>", tuple(map(enclosure, contents)), "=_b")
    letter = BytesParser(EmailMessage, policy=default).parsebytes(put_together(written.skeleton, written.files))
    assert [part.get_content() for part in letter.iter_attachments()] == contents
    assert not letter.defects and [part.get_filename() for part in letter.iter_attachments()] == ["plan für Zoë.pdf"] * len(
        contents
    )
    assert all(base64.b64encode(file.content)[:76] not in written.skeleton for file in written.files if len(file.content) > 20)


@given(st.binary(max_size=50), st.lists(st.tuples(st.integers(0, 50), st.binary(min_size=1, max_size=100))), st.data())
def test_whichever_files_are_left_out_the_letter_is_the_same(
    skeleton: bytes, given_files: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    places = sorted((min(at, len(skeleton)), content) for at, content in given_files)
    files = [LetterFile(at, sha256(content).hexdigest(), content) for at, content in places]
    left_out = data.draw(st.frozensets(st.sampled_from([file.sha256 for file in files]))) if files else frozenset()
    reduced, kept = leave_out(skeleton, files, left_out)
    assert put_together(reduced, kept) == put_together(skeleton, files)
    assert [kept_file.sha256 for kept_file in kept] == [file.sha256 for file in files if file.sha256 in left_out]


@pytest.mark.parametrize("fields", [b"", b"DKIM-Signature: v=1\r\n"])
def test_fields_above_a_letter_move_its_files(fields: bytes) -> None:
    skeleton, files = b"head\r\n\r\n", (LetterFile(6, "a", b"one"), LetterFile(8, "b", b"two"))
    moved = tuple(file.moved(len(fields)) for file in files)
    assert put_together(fields + skeleton, moved) == fields + put_together(skeleton, files)
