"""What makes a mail this mail, by every route: identifying fields and body, without what the way here added."""

import hashlib

from helpdesk.threading.reading.fields import Header

IDENTIFYING = ("message-id", "from", "subject", "to")


def fingerprint(header: Header, content: bytes) -> str:
    """SHA-256 over the identifying fields (unfolded, white space normalised) and the body with normal line ends.

    The date counts where there is no Message-ID: a relay that one of two copies passed may have added it.
    """
    digest = hashlib.sha256()
    for name in IDENTIFYING if header.all("message-id") else (*IDENTIFYING, "date"):
        for value in header.all(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    body = content[header.body_at :].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    digest.update(b"\n" + body.rstrip(b"\n"))
    return digest.hexdigest()
