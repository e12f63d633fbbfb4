"""Turn a row of `platform_reply` into an `Incoming`: the same conversation by another channel."""

import hashlib
import re
from datetime import datetime

from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.permission import PermissionChoice
from helpdesk.threading.reading.filenames import DistinctNames, safe_filename
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.identity import identity_on_platform

LONGEST_SUBJECT = 80  # characters of a first line as a subject
LONGEST_OWN_SUBJECT = 250
TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")  # RFC 6838 §4.2


def incoming_reply(
    *,
    account: str,
    contact_address: str,
    thread_key: str | None,
    text: str,
    attachments: tuple[Attachment, ...],
    at: datetime,
    support_address: str,
    language: str,
    document: tuple[Line, ...] = (),
    subject: str = "",
    choice: PermissionChoice | None = None,
    category: str = "",
    rating: str = "",
) -> Incoming:
    """What somebody wrote in the platform, as sure as the platform's own sign-in. Without a `subject`, the first line is that of a new request.

    `language` is that of the text, "" where it says too little. `document` are the lines of the text with their shapes, where it has any.
    `choice` is the answer to a question for permission that the platform hands over as such.
    `category` is the one that the customer has chosen for a new request, "" for none.
    `rating` says how the request of the thread went, as one of the words of a closing letter.
    """
    author = canonical(contact_address)
    subject = " ".join(subject.split())
    first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")[:LONGEST_SUBJECT]
    return Incoming(
        channel=Channel.PLATFORM,
        kind=Kind.PERSON,
        identity=identity_on_platform(author),
        author_name="",
        correspondent=Correspondent(author, ""),
        received_at=at,
        subject=subject[:LONGEST_OWN_SUBJECT] or ("" if thread_key else first_line),
        text=text,
        document=document,
        elided_text="",
        command_text="",
        attachments=attachments,
        support_address=support_address,
        language=language,
        told_language=language,
        thread_key=thread_key,
        account=account,
        choice=choice,
        chosen_category=category.strip(),
        rating=rating.strip(),
        raw_sha256=hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest(),
    )


def attached_file(key: str, filename: str, content_type: str, content: bytes, names: DistinctNames) -> Attachment:
    """A file that the platform wrote into its table. `names` are those of the reply's files."""
    declared = content_type.strip().lower()
    return Attachment(
        filename=names.take(safe_filename(filename, declared)),
        content_type=declared if TYPE.fullmatch(declared) else "application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_id=None,
        inline=False,
        platform_id=key,
    )


def listed_attachment(entry: dict[str, object]) -> Attachment:
    """An attachment that the platform only lists. The platform keeps its content."""
    size = entry.get("size")
    return Attachment(
        filename=str(entry.get("filename") or "attachment"),
        content_type=str(entry.get("content_type") or "application/octet-stream"),
        size=size if isinstance(size, int) else 0,
        sha256=str(entry.get("sha256") or ""),
        content_id=None,
        inline=False,
    )
