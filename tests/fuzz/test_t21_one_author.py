"""Where we see one plain author, every other reader sees the same one; where any of them differs, we see nobody."""

from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import identity_of

PIECES = (
    "omar@desk.example", "x@evil.example", "<", ">", "<omar@desk.example>", "<x@evil.example>", ",", ";", ":", "(", ")", '"', "\\", "@", ".",
    " ", "\t", "\r\n ", "Omar", "staff:", "=?utf-8?q?omar=40desk.example?=", "[", "]", "\0", "\x7f", "'", "mailto:", "omar", "desk.example",
)  # fmt: skip
VALUES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


def seen_by_the_standard_library(value: str) -> tuple[set[str], set[str]]:
    """What its old parser and its new one take for addresses."""
    unfolded = value.replace("\r\n", "")
    old = {address.lower() for _, address in getaddresses([unfolded]) if address}
    try:
        header = BytesHeaderParser(policy=policy.default).parsebytes(f"From: {value}\r\n\r\n".encode("utf-8", "surrogateescape"))
        new = {mailbox.addr_spec.lower() for mailbox in header["From"].addresses} if header["From"] is not None else set()
    except Exception:  # it has faults of its own; then only the old one is asked
        new = old
    return old, new


@settings(max_examples=160, deadline=None)
@given(VALUES)
@example("Omar <omar@desk.example>")
@example("omar@desk.example(x@evil.example)")
@example('"omar@desk.example" <x@evil.example>')
@example("<omar@desk.example>\\,<x@evil.example>")
def test_one_author_is_the_same_to_everybody(value: str) -> None:
    content = f"From: {value}\r\nSubject: x\r\n\r\nhello\r\n".encode("utf-8", "surrogateescape")
    identity = identity_of(read(content).message)
    if identity:
        old, new = seen_by_the_standard_library(value)
        assert old == {identity}, value
        assert new == {identity}, value


def test_a_plain_author_is_somebody() -> None:
    """Else the property would hold for a reader that sees nobody at all."""
    assert identity_of(read(b"From: Omar Haddad <omar@desk.example>\r\n\r\nx").message) == "omar@desk.example"
