"""Fields that push the MIME fields out of the header that is read: such a mail is read in part, and names nobody."""

import pytest

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.limits import HEADER_FIELDS, HEADER_OCTETS
from helpdesk.threading.trust.assurance import doubt_about_author, identity_of

BEFORE = b"From: omar@desk.example\r\nSubject: x\r\n"
BEHIND = b"Content-Type: text/plain\r\n\r\n#resolve\r\n"


@pytest.mark.parametrize(
    "padding",
    [
        b"X-Pad: " + b"a" * HEADER_OCTETS + b"\r\n",
        b"X-Pad: a\r\n" * HEADER_FIELDS,
        b"To: " + b",".join(b"a%d@b.example" % number for number in range(2000)) + b"\r\n",
    ],
    ids=["octets", "fields", "addresses"],
)
def test_what_breaks_a_limit_of_the_header_names_nobody(padding: bytes) -> None:
    assert identity_of(read(BEFORE + BEHIND).message) == "omar@desk.example"
    message = read(BEFORE + padding + BEHIND).message
    assert message.degraded
    assert identity_of(message) == ""
    assert doubt_about_author(message)
