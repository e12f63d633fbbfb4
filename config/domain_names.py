"""Names of domains in the one form by which they are compared and sent."""

import idna

ACE_PREFIX = "xn--"  # of A-labels (RFC 5890 §2.3.2.5)


def a_labels(name: str) -> str:
    """A domain in ASCII (RFC 5891): `bücher.example` is `xn--bcher-kva.example`. "" where a letter of it stands in no domain.

    Nothing is mapped but case: what IDNA 2008 does not allow, such as letters of full width, is no other spelling of a known name.
    """
    if name.isascii():
        return name
    try:
        return idna.encode(name.lower()).decode("ascii")
    except UnicodeError:
        return ""


def u_labels(name: str) -> str:
    """A domain as people read it, where it can be; else as it is."""
    # Decoding changes only upper case and A-labels of an ASCII name, and takes 30 times as long as seeing that there is nothing to decode.
    if name.isascii() and name.islower() and ACE_PREFIX not in name:
        return name
    try:
        return idna.decode(name)
    except UnicodeError:
        return name
