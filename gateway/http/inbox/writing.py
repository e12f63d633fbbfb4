"""A form becomes a row of `platform_reply`: the same row, decisions and refusals as those of a platform that writes by SQL or the API."""

import hashlib
from collections.abc import Sequence

from helpdesk.gateway.http.files import keep_upload
from helpdesk.gateway.http.inbox.forms import SentForm
from helpdesk.gateway.http.inbox.visits import UNKNOWN, PageRefusal, Visit
from helpdesk.store.platform_views import (
    NewReply,
    OtherRequest,
    ReplyView,
    UnknownFiles,
    client_key_of,
    find_message,
    find_thread,
    mark_read,
    submit_reply,
    upload_id,
)

SENT_BEFORE = ("sent_before", 409)


def submit_form(visit: Visit, form: SentForm, *, thread: str | None, text: str, subject: str = "", rating: str = "") -> ReplyView:
    """Write the reply with its files, and what has been read. Raises PageRefusal; a form that is sent twice is one reply."""
    if thread is not None:
        mark_conversation(visit, thread, form.up_to)
    name = f"page {hashlib.sha256(visit.secret.encode()).hexdigest()} {form.key}"
    files = _keep_files(visit, form, name)
    request = NewReply(
        account=visit.visitor.account,
        contact=visit.contact,
        thread=thread,
        subject=subject,
        text=text,
        html="",
        client_key=client_key_of(name),
        request_sha256=hashlib.sha256(f"{form.digest} {thread} {text}".encode("utf-8", "replace")).hexdigest(),
        files=tuple(files),
        category=form.topic.name if thread is None else "",
        rating=rating,
    )
    try:
        with visit.desk.database.writing() as connection:
            if thread is not None and find_thread(connection, visit.accounts, thread, contact=visit.contact) is None:
                raise PageRefusal(*UNKNOWN)
            found = submit_reply(connection, request, visit.desk.clock())
    except UnknownFiles:
        raise PageRefusal(*SENT_BEFORE) from None
    if isinstance(found, OtherRequest):
        raise PageRefusal(*SENT_BEFORE)
    visit.desk.wake()
    return found


def mark_conversation(visit: Visit, thread: str, up_to: str) -> None:
    """Note that this customer has read a conversation up to a message that was on their page. Raises PageRefusal."""
    number = int(up_to) if up_to.isdecimal() and up_to.isascii() and len(up_to) < 19 else 0
    with visit.desk.database.writing() as connection:
        last = find_message(connection, visit.accounts, number)
        if last is None or last.thread != thread or last.contact != visit.contact:
            raise PageRefusal(*UNKNOWN)
        mark_read(connection, visit.accounts, thread, last.position, visit.desk.clock(), contact=visit.contact)


def _keep_files(visit: Visit, form: SentForm, name: str) -> Sequence[str]:
    kept = []
    for place, file in enumerate(form.files):
        key = upload_id(visit.visitor.account, f"{name} {place} {hashlib.sha256(file.content).hexdigest()} {file.name}")
        keep_upload(visit.desk, key, visit.visitor.account, file.name, file.content_type, file.content)
        kept.append(key)
    return kept
