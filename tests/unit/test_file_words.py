"""What a file says is found in whatever it is packed, in bounded work, and nothing that is broken raises."""

import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mails.packed_files import KINDS, mail, tarred, zipped

from helpdesk.threading.lifecycle.firewall import leak_in
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.file_words import CHARACTERS, MEMBERS, UNPACKED_OCTETS, Budget, words_of_file
from helpdesk.threading.reading.mime import Leaf

SECRET = "the bank has refused her card again zqn0000001q and nobody may know"


def leaf(name: str, content_type: str, content: bytes) -> Leaf:
    main, _, charset = content_type.partition("; charset=")
    return Leaf(main, {"charset": charset} if charset else {}, "attachment", name, None, content, 0, related=False)


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_are_found(kind: str) -> None:
    name, content_type, content = KINDS[kind](SECRET)
    said = f"{name}\n{words_of_file(leaf(name, content_type, content), Budget())}"
    assert leak_in(said, [SECRET], []) is not None, said


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(cut=st.floats(0, 1), flip=st.integers(0, 2**32))
def test_what_is_broken_raises_nothing(kind: str, cut: float, flip: int) -> None:
    name, content_type, content = KINDS[kind](SECRET)
    octets = bytearray(content[: int(len(content) * cut) or 1])
    octets[flip % len(octets)] ^= 1 + flip % 255
    words_of_file(leaf(name, content_type, bytes(octets)), Budget())


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zipped(*((f"{number}.txt", b"x" * 3_000_000) for number in range(20)))
    budget = Budget()
    said = words_of_file(leaf("a.zip", "application/zip", zipped(("b.zip", bomb))), budget)
    assert len(said) <= CHARACTERS + 2 * MEMBERS
    assert budget.octets >= 0
    assert UNPACKED_OCTETS < 20 * 3_000_000


def test_many_members_are_read_as_far_as_the_budget_goes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(MEMBERS * 3):
            archive.writestr(f"{number:06}", b"")
    assert words_of_file(leaf("a.zip", "application/zip", out.getvalue()), Budget()).count("\n") < MEMBERS * 3


def test_archives_in_archives_have_an_end() -> None:
    content = SECRET.encode()
    for _ in range(40):
        content = zipped(("a.zip", content))
    assert SECRET not in words_of_file(leaf("a.zip", "application/zip", content), Budget())


def test_one_budget_for_all_files_of_a_mail() -> None:
    text = "lorem ipsum " * 20_000
    content = mail("hello", files=tuple((f"{number}.txt", "text/plain", f"{number}{text}".encode()) for number in range(5)))
    message = read(content).message
    assert 0 < sum(len(attachment.words) for attachment in message.attachments) <= CHARACTERS


def test_a_picture_says_nothing_and_costs_nothing() -> None:
    budget = Budget()
    assert words_of_file(leaf("a.png", "image/png", SECRET.encode() * 1000), budget) == ""
    assert budget.characters == CHARACTERS


def test_a_directory_that_lies_about_sizes() -> None:
    content = bytearray(zipped(("a.txt", SECRET.encode())))
    at = content.rfind(b"PK\x01\x02")
    content[at + 20 : at + 24] = b"\xff\xff\xff\x7f"
    words_of_file(leaf("a.zip", "application/zip", bytes(content)), Budget())
    words_of_file(leaf("a.gz", "application/gzip", b"\x1f\x8b" + zlib.compress(b"x" * 100)), Budget())
    words_of_file(leaf("a.tar", "application/x-tar", tarred(("a", b"x"))[:600]), Budget())
