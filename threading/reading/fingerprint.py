"""The fingerprint of a mail: equal for all copies of it, whatever fields the relays on their routes added."""

import hashlib

from helpdesk.threading.reading.fields import Header

IDENTIFYING = ("message-id", "from", "subject", "to")
LISTED_OCTETS = 1024 * 1024  # of a body that is taken apart into lines


def fingerprint(header: Header, content: bytes) -> str:
    """SHA-256 of the identifying fields (unfolded, white space normalised) and the body with normal line ends.

    Date is included only if there is no Message-ID, because a relay may have added a date to one of two copies.
    """
    digest = hashlib.sha256()
    for name in IDENTIFYING if header.all("message-id") else (*IDENTIFYING, "date"):
        for value in header.all(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n" + _with_normal_ends(content[header.body_at :]).rstrip(b"\n"))
    return digest.hexdigest()


def _with_normal_ends(body: bytes) -> bytes:
    """The body with LF line ends. A list of lines is the fast way, and takes many times the size of a body of short lines."""
    if len(body) <= LISTED_OCTETS:
        return b"\n".join(body.splitlines())
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
