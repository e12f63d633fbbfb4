"""The pictures that the HTML of a mail shows, and where: among the author's words, in the signature, in what the mail quotes.

What a sender's program calls a part proves nothing: some call every picture and every PDF inline, others call the logo of a signature an
attachment. So only a reference from the HTML counts, by Content-ID (RFC 2392) or by Content-Location (RFC 2557 §4.2).
"""

import html
import re
from collections.abc import Mapping, Sequence

from helpdesk.threading.model.attachment import Use
from helpdesk.threading.reading.html import lines_with_pictures, picture_key
from helpdesk.threading.reading.labels import Label, LabelledLines
from helpdesk.threading.reading.limits import HTML_CHARACTERS
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.mime import Leaf
from helpdesk.threading.reading.page import ShownPicture
from helpdesk.threading.reading.reply_text import Forwarded, split_reply

SMALL = 64 * 1024  # octets: logos are smaller and most photographs larger
BEHIND = re.compile(r"""(?i)(?:\bbackground\s{0,9}=\s{0,9}["']?|\burl\(\s{0,9}["']?)\s{0,9}(cid:[^\s"'<>()]{1,998})""")
MOST_BEHIND = 200
USES = {Label.REPLY: Use.SENT, Label.SIGNATURE: Use.SIGNATURE}
PICTURE_BEGINNINGS = (b"\x89PNG\r\n", b"GIF8", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")


def is_picture(leaf: Leaf) -> bool:
    """Whether a part is a picture: by its type, or by its first octets where the type says nothing."""
    if leaf.content_type.startswith("image/"):
        return True
    return leaf.content_type == "application/octet-stream" and leaf.content.startswith(PICTURE_BEGINNINGS)


def pictures_shown(body: str, *, forwarded: Forwarded, answers: bool) -> dict[str, Use]:
    """The references of an HTML body to pictures, and the most telling place of each. Hidden pictures are not shown.

    `forwarded` and `answers` say what the mail is, as `split_reply` asks.
    """
    lines, pictures = lines_with_pictures(body)
    uses = {} if not pictures else _places(lines, pictures, forwarded=forwarded, answers=answers)
    for count, found in enumerate(BEHIND.finditer(body[:HTML_CHARACTERS])):
        if count >= MOST_BEHIND:
            break
        uses.setdefault(picture_key(html.unescape(found[1])), Use.QUOTED)
    return uses


def use_of(leaf: Leaf, shown: Mapping[str, Use]) -> Use | None:
    """The use of a picture that the HTML shows; None for any other part.

    What the sender called an attachment, and what is large, is no picture of a signature wherever it stands.
    """
    use = next((shown[key] for key in keys_of(leaf) if key in shown), None) if shown and is_picture(leaf) else None
    if use is Use.SIGNATURE and (leaf.disposition == "attachment" or len(leaf.content) > SMALL):
        return Use.SENT
    return use


def keys_of(leaf: Leaf) -> list[str]:
    """What the HTML may call a part. Some programs use the file's name as Content-ID and write none."""
    identity = leaf.content_id or leaf.filename
    return [f"cid:{identity.casefold()}", *([picture_key(leaf.location)] if leaf.location else [])]


def _places(lines: Sequence[Line], pictures: Sequence[ShownPicture], *, forwarded: Forwarded, answers: bool) -> dict[str, Use]:
    above = _uses_of_lines(split_reply(lines, forwarded=forwarded, answers=answers).labelled)
    uses: dict[str, Use] = {}
    for picture in pictures:
        written = above[picture.line] if picture.line >= 0 else Use.SENT
        use = Use.QUOTED if picture.quoted else Use.SIGNATURE if picture.signature else written
        key = picture_key(picture.source)
        uses[key] = Use.SENT if Use.SENT in (use, uses.get(key)) else use
    return uses


def _uses_of_lines(labelled: LabelledLines) -> list[Use]:
    """What a picture in or below each line is for. A blank line continues the line above it."""
    uses: list[Use] = []
    use = Use.SENT
    for line, label in labelled:
        use = USES.get(label, Use.QUOTED) if line.text.strip() else use
        uses.append(use)
    return uses
