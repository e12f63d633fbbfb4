"""The lines of a text, as they are found in HTML and in plain text."""

from typing import NamedTuple


class Line(NamedTuple):
    """One readable line. `quoted`: inside a container of quoted text. `boundary`: one of our letters begins here."""

    text: str
    quoted: bool = False
    boundary: bool = False
    signature: bool = False
    indented: bool = False  # inside a blockquote, which may be a quote or the author's own formatting
