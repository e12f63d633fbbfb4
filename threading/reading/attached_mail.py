"""A mail that was forwarded as a file (message/rfc822): its author, date, subject and text, as of a mail that was forwarded in the text."""

from collections.abc import Sequence
from itertools import islice

from helpdesk.threading.reading.bodies import body_of
from helpdesk.threading.reading.fields import split_header, with_lines
from helpdesk.threading.reading.head import read_head
from helpdesk.threading.reading.mime import NESTED_MAIL, Leaf, structure
from helpdesk.threading.reading.outline import outline_of
from helpdesk.threading.reading.parsed import Forward
from helpdesk.threading.reading.words import readable

MOST_TRIED = 10  # attached mails of one mail that are looked at for one with an author


def attached_mail(leaves: Sequence[Leaf], comment: str) -> Forward | None:
    """The first attached mail that names its author, with the comment of the person who passes it on; None without one.

    A mail in an attached mail is a file of that one.
    """
    mails = (leaf for leaf in leaves if leaf.content_type in NESTED_MAIL)
    return next((found for leaf in islice(mails, MOST_TRIED) if (found := _read(leaf.content, comment)) is not None), None)


def _read(octets: bytes, comment: str) -> Forward | None:
    content = with_lines(octets)
    header = split_header(content)
    if header.first("from") is None:
        return None
    head = read_head(header)
    outline = outline_of(header, content)
    if not head.authors or head.breach or outline.breach:
        return None
    return Forward(
        author=head.authors[0],
        date=readable(header.first("date") or b""),
        subject=head.subject,
        to=head.to,
        cc=head.cc,
        comment=comment,
        text=body_of(structure(outline).leaves).text,
        attached=True,
        message_id=head.message_id or "",
    )
