"""Names of domains in the one form by which they are compared and sent."""

import idna


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
    try:
        return idna.decode(name)
    except UnicodeError:
        return name
