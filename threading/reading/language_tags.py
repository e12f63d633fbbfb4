"""What a mail declares as its language."""

import re

DECLARED = re.compile(r"([a-z]{2,3})(?:-([a-z]{2}))?(?![a-z0-9])", re.IGNORECASE)


def language_tag(declared: str) -> str:
    """What a mail declares as its language (RFC 3282), as "de" or "de-AT"; "" where that is no tag."""
    tag = DECLARED.match(declared)
    if tag is None:
        return ""
    return f"{tag[1].lower()}-{tag[2].upper()}" if tag[2] else tag[1].lower()
