"""What a page shows of a view: complete values for the templates, with addresses of this server."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from helpdesk.gateway.http.inbox.visits import ROOT
from helpdesk.store.pending_replies import PendingReply
from helpdesk.store.platform_views import MessageView, ThreadView

PICTURE = re.compile(r'src="cid:([0-9a-f]{64})@picture"')
STYLE = re.compile(
    r'(<[a-z][a-z0-9]{0,20}(?: [a-z-]{1,20}="[^"<>]{0,2000}"){0,12}?) style="[^"<>]{0,2000}"'
)  # letters have it for mail programs
DONE = frozenset({"resolved", "closed"})


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message; `address` is "" where there is no content to offer."""

    name: str
    size: str
    address: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message on the page. `html` is markup of the gateway's own; where it is "", `text` is what there is."""

    key: str
    is_mine: bool
    is_new: bool
    is_proved: bool
    notice: str
    at: datetime
    text: str
    html: str
    files: tuple[ShownFile, ...]


@dataclass(frozen=True, slots=True)
class ShownThread:
    """A conversation in the list."""

    address: str
    subject: str
    reference: str
    status: str
    unread: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the newest letter of a conversation asks for, beside words."""

    solves: bool = False
    permits: bool = False
    waits_for_us: bool = False
    rates: bool = False


def shown_thread(view: ThreadView) -> ShownThread:
    return ShownThread(address_of(view.key), view.subject, view.ticket, view.status, view.unread, view.last_at)


def shown_message(view: MessageView) -> ShownMessage:
    addresses = {str(entry.get("sha256")): file_address(entry) for entry in view.files}
    html = PICTURE.sub(lambda found: f'src="{addresses.get(found[1], "")}"', STYLE.sub(r"\1", view.html))
    files = tuple(
        ShownFile(str(entry.get("filename") or "attachment"), size_words(int(entry.get("size") or 0)), file_address(entry))
        for entry in view.files
        if f"cid:{entry.get('sha256')}@picture" not in view.html
    )
    is_mine = view.direction == "customer"
    return ShownMessage(
        f"m{view.id}",
        is_mine,
        not is_mine and view.read_at is None,
        view.proved,
        view.notice or "",
        view.created_at,
        view.text,
        html,
        files,
    )


def deeds_of(thread: ThreadView, newest: MessageView | None, pending: Iterable[PendingReply]) -> Deeds:
    """What may be answered by a button: nothing while an answer of the customer waits."""
    if newest is None or newest.direction != "support" or any(not reply.is_refused for reply in pending):
        return Deeds()
    return Deeds(
        solves=thread.status == "resolved",
        permits=newest.notice == "permission_request" and thread.status not in DONE,
        rates=thread.status == "closed" and newest.notice == "closing",
        waits_for_us=newest.notice in ("information_request", "reminder") and thread.status not in DONE,
    )


def size_words(octets: int) -> str:
    """A size as people read it: whole kilobytes, or megabytes."""
    return f"{max(1, round(octets / 1000))} kB" if octets < 1_000_000 else f"{round(octets / 1_000_000)} MB"


def address_of(thread: str) -> str:
    return f"{ROOT}/conversations/{thread}"


def file_address(entry: dict[str, Any]) -> str:
    key = entry.get("id")
    return f"{ROOT}/files/{quote(str(key), safe='')}" if key else ""
