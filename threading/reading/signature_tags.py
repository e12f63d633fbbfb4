"""The value of a signature field: a list of tags (RFC 6376 §3.2)."""

import re

LONGEST_SIGNATURE = 4096  # octets of one field, folds included
BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")


def tag_list(value: str) -> dict[str, str]:
    """The tags of a tag list (RFC 6376 §3.2); {} if a tag stands twice. White space inside values is removed, except in h=."""
    tags: dict[str, str] = {}
    for part in value[: LONGEST_SIGNATURE + 1].split(";"):
        name, _, said = part.partition("=")
        if name.strip() in tags:
            return {}
        tags[name.strip()] = "".join(said.split()) if name.strip() != "h" else said.strip()
    return tags
