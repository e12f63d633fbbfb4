"""The routes of version 1. Each asks one view of the store; none decides anything about a request."""

import asyncio
import hashlib
import re
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from helpdesk.gateway.http.forms import (
    MESSAGE,
    REPLY,
    EventsForm,
    MessageForm,
    MessagesForm,
    NewReplyForm,
    ReadMarkForm,
    ReplyForm,
    ThreadForm,
    ThreadsForm,
    UploadForm,
    event_form,
    message_form,
    number_of,
    reply_form,
    thread_form,
    thread_key,
    upload_form,
)
from helpdesk.gateway.http.problems import AWAY, INVALID, KEY_MISSING, KEY_USED, MEDIA_TYPE, NOT_FOUND, SCHEMA, ApiRefusal
from helpdesk.gateway.http.service import Service, accounts_of
from helpdesk.store.api_keys import ApiKey, Scope
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.platform_views import (
    Accounts,
    MessageView,
    NewReply,
    OtherRequest,
    ReplyView,
    UnknownFiles,
    UploadView,
    add_upload,
    client_key_of,
    find_file,
    find_message,
    find_reply,
    find_thread,
    list_messages,
    list_threads,
    mark_read,
    submit_reply,
    upload_id,
)

MOST = 100  # entries of a page
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
OCTETS: dict[int | str, dict[str, Any]] = {200: {"content": BINARY}, 206: {"description": "The range", "content": BINARY}}
LARGEST_IN_TABLE = 256 * 1024  # octets; larger files stand in the blob store
LONGEST_WAIT = 10.0  # seconds that a request with `Prefer: wait` may last
LOOK_AGAIN = 0.1
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,4})\b", re.IGNORECASE)
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF87a": "image/gif", b"GIF89a": "image/gif"}

Account = Annotated[str | None, Query(max_length=200, description="Only this account.")]
Contact = Annotated[str | None, Query(max_length=320, description="Only the inbox of this contact.")]
After = Annotated[str | None, Query(max_length=200, description="Cursor: `next` of an earlier page.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most entries of the page.")]


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for the document."""
    content = {MEDIA_TYPE: {"schema": SCHEMA}}
    return {status: {"description": "A problem (RFC 9457)", "content": content} for status in (*statuses, 401, 403, 429, 503)}


def needs(scope: Scope) -> Any:
    """The dependency that gives a route the key of its caller."""

    def caller(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> ApiKey:
        service: Service = request.app.state.service
        return service.caller(authorization, scope)

    return Depends(caller)


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Desk = Annotated[Service, Depends(service_of)]
Reader = Annotated[ApiKey, needs(Scope.INBOX_READ)]
Writer = Annotated[ApiKey, needs(Scope.INBOX_WRITE)]
Follower = Annotated[ApiKey, needs(Scope.EVENTS_READ)]
v1 = APIRouter(prefix="/api/v1")


@v1.get("/events", responses=answers(400, 404, 422))
def list_events(desk: Desk, key: Follower, account: Account = None, after: After = None, limit: Limit = MOST) -> EventsForm:
    """The feed: everything that is new, in order, once. Keep `next` and ask again."""
    about = ("events", account)
    views, cursor = _page(desk, key, account, after, limit, about)
    return EventsForm(data=[event_form(view) for view in views], next=cursor)


@v1.get("/inbox", responses=answers(400, 404, 422))
def list_inbox(
    desk: Desk, key: Reader, account: Account = None, contact: Contact = None, after: After = None, limit: Limit = MOST
) -> MessagesForm:
    """Messages in the order in which they became visible. Keep `next` and ask again."""
    about = ("inbox", account, contact)
    views, cursor = _page(desk, key, account, after, limit, about, contact=contact)
    return MessagesForm(data=[message_form(view) for view in views], next=cursor)


@v1.get("/inbox/{message}", responses=answers(404, 422))
def get_message(desk: Desk, key: Reader, message: str) -> MessageForm:
    """One message."""
    number = number_of(message, MESSAGE)
    with desk.database.reading() as connection:
        view = find_message(connection, key.only, number)
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return message_form(view)


@v1.get("/threads", responses=answers(400, 404, 422))
def list_conversations(
    desk: Desk, key: Reader, account: Account = None, contact: Contact = None, after: After = None, limit: Limit = 50
) -> ThreadsForm:
    """Conversations, those with the newest messages first."""
    about, accounts = ("threads", account, contact), accounts_of(key, account)
    before = desk.cursors().read(after, *about, key.id)
    with desk.database.reading() as connection:
        views = list_threads(connection, accounts, contact=contact, before=before, limit=limit)
    cursor = desk.cursors().write(views[-1].last_position, *about, key.id) if len(views) == limit else None
    return ThreadsForm(data=[thread_form(view) for view in views], next=cursor)


@v1.get("/threads/{thread}", responses=answers(404, 422))
def get_conversation(desk: Desk, key: Reader, thread: str) -> ThreadForm:
    """One conversation."""
    with desk.database.reading() as connection:
        view = find_thread(connection, key.only, thread_key(thread))
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return thread_form(view)


@v1.get("/threads/{thread}/messages", responses=answers(400, 404, 422))
def list_messages_of(desk: Desk, key: Reader, thread: str, after: After = None, limit: Limit = MOST) -> MessagesForm:
    """The messages of a conversation, oldest first."""
    get_conversation(desk, key, thread)
    views, cursor = _page(desk, key, None, after, limit, ("messages", thread), thread=thread_key(thread))
    return MessagesForm(data=[message_form(view) for view in views], next=cursor)


@v1.post("/threads/{thread}/read", responses=answers(400, 404, 413, 422))
def mark_conversation_read(desk: Desk, key: Writer, thread: str, mark: ReadMarkForm) -> ThreadForm:
    """Say that a customer has read a conversation up to a message. Saying it again changes nothing."""
    number, wanted = number_of(mark.up_to, MESSAGE), thread_key(thread)
    with desk.database.writing() as connection:
        view, last = find_thread(connection, key.only, wanted), find_message(connection, key.only, number)
        if view is None or last is None or last.thread != wanted:
            raise ApiRefusal(NOT_FOUND)
        mark_read(connection, key.only, wanted, last.position, desk.clock())
        after = find_thread(connection, key.only, wanted)
    return thread_form(after or view)


@v1.get(
    "/attachments/{attachment:path}",
    response_class=Response,
    responses=answers(404, 422) | OCTETS,
)
def get_attachment(
    desk: Desk,
    key: Reader,
    attachment: str,
    requested: Annotated[str | None, Header(alias="Range", include_in_schema=False)] = None,
) -> Response:
    """The octets of a file that a message shows. One range of them may be asked for."""
    try:
        with desk.database.reading() as connection:
            file = find_file(connection, key.only, desk.blobs, attachment) if "\0" not in attachment else None
    except FilesAway as fault:
        raise ApiRefusal(AWAY, "the file cannot be read now") from fault
    if file is None:
        raise ApiRefusal(NOT_FOUND)
    kind = next((kind for mark, kind in PICTURES.items() if file.content.startswith(mark)), "application/octet-stream")
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._- ") else "_" for letter in file.filename)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.filename, safe='', errors='replace')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
    }
    part = _range_of(requested, len(file.content))
    if part is None:
        return Response(file.content, 200, headers, kind)
    start, end = part
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(file.content)}"
    return Response(file.content[start:end], 206, headers, kind)


@v1.post(
    "/attachments",
    status_code=201,
    responses=answers(400, 404, 413, 422),
    openapi_extra={"requestBody": {"required": True, "content": BINARY}},
)
async def upload(
    request: Request,
    desk: Desk,
    key: Writer,
    account: Annotated[str, Query(min_length=1, max_length=200, description="Whose file it is.")],
    name: Annotated[str, Query(min_length=1, max_length=255, description="The name of the file.")],
    idempotency_key: Annotated[str | None, Header(max_length=300)] = None,
) -> UploadForm:
    """Bring a file for a reply, as the body of the request. It waits for a day for the reply that names it."""
    accounts_of(key, account)
    if "\0" in name + account:
        raise ApiRefusal(INVALID, "NUL is not text")
    once = upload_id(account, _name_of(idempotency_key))
    kind = request.headers.get("content-type", "application/octet-stream")[:200]
    async with desk.uploads:
        view = await asyncio.to_thread(_keep, desk, once, account, name, kind, await request.body())
    return upload_form(view)


@v1.post("/replies", status_code=202, responses=answers(400, 404, 413, 422))
async def hand_in_reply(
    desk: Desk,
    key: Writer,
    reply: NewReplyForm,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=300)] = None,
    prefer: Annotated[str | None, Header(max_length=300)] = None,
) -> ReplyForm:
    """Hand in a reply, or a new request. The desk takes or refuses it within seconds: ask for its state, or say `Prefer: wait=5`."""
    view = await asyncio.to_thread(_submit, desk, key, reply, idempotency_key)
    desk.wake()
    wanted = WAIT.search(prefer or "")
    if wanted is not None:
        view = await _settled(desk, view, min(float(wanted[1]), LONGEST_WAIT))
    response.headers["Location"] = f"/api/v1/replies/rep_{view.id}"
    return reply_form(view)


@v1.get("/replies/{reply}", responses=answers(404, 422))
def get_reply(desk: Desk, key: Writer, reply: str) -> ReplyForm:
    """What became of a reply."""
    number = number_of(reply, REPLY)
    with desk.database.reading() as connection:
        view = find_reply(connection, key.only, number)
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return reply_form(view)


def _page(
    desk: Service,
    key: ApiKey,
    account: str | None,
    after: str | None,
    limit: int,
    about: tuple[Any, ...],
    *,
    contact: str | None = None,
    thread: str | None = None,
) -> tuple[list[MessageView], str | None]:
    """Messages beyond a cursor, and the cursor for what comes after them: the old one where nothing is new."""
    accounts = accounts_of(key, account)
    position = desk.cursors().read(after, *about)
    with desk.database.reading() as connection:
        views = list_messages(connection, accounts, thread=thread, contact=contact, after=position or 0, limit=limit)
    return views, desk.cursors().write(views[-1].position, *about) if views else after


def _submit(desk: Service, key: ApiKey, reply: NewReplyForm, given: str | None) -> ReplyView:
    """Write the reply's row. Raises ApiRefusal for what can be seen without a decision."""
    name = _name_of(given)
    accounts = accounts_of(key, reply.account)
    if not reply.text.strip() and not reply.html.strip():
        raise ApiRefusal(INVALID, "text and html are empty")
    request = NewReply(
        account=reply.account,
        contact=reply.contact,
        thread=thread_key(reply.thread) if reply.thread is not None else None,
        subject=reply.subject,
        text=reply.text,
        html=reply.html,
        client_key=client_key_of(name),
        request_sha256=hashlib.sha256(reply.model_dump_json().encode()).hexdigest(),
        files=tuple(dict.fromkeys(reply.attachments)),
    )
    try:
        found = _write(desk, accounts, request)
    except UnknownFiles:
        raise ApiRefusal(NOT_FOUND) from None
    if isinstance(found, OtherRequest):
        raise ApiRefusal(KEY_USED)
    return found


def _write(desk: Service, accounts: Accounts, request: NewReply) -> ReplyView | OtherRequest:
    with desk.database.writing() as connection:
        if request.thread is not None and find_thread(connection, accounts, request.thread) is None:
            raise ApiRefusal(NOT_FOUND)
        return submit_reply(connection, request, desk.clock())


def _keep(desk: Service, key: str, account: str, name: str, kind: str, content: bytes) -> UploadView:
    """Store a file, a large one in the blob store. Raises ApiRefusal."""
    is_large = len(content) > LARGEST_IN_TABLE
    try:
        digest = desk.blobs.put(content) if is_large else hashlib.sha256(content).hexdigest()
    except OSError as fault:
        raise ApiRefusal(AWAY) from fault
    view = UploadView(key, account, name, kind, len(content), digest, None if is_large else content)
    with desk.database.writing() as connection:
        found = add_upload(connection, view, desk.clock())
    if isinstance(found, OtherRequest):
        raise ApiRefusal(KEY_USED)
    return found


def _name_of(given: str | None) -> str:
    """The Idempotency-Key of a request. Raises ApiRefusal."""
    name = (given or "").strip().strip('"')  # the draft wants a quoted string, and everybody sends it bare
    if not name:
        raise ApiRefusal(KEY_MISSING, "send an Idempotency-Key: a new one for each request, the same one when you repeat it")
    return name


async def _settled(desk: Service, view: ReplyView, seconds: float) -> ReplyView:
    """The reply when it has been taken or refused, or as it is after so many seconds."""

    def look(before: ReplyView) -> ReplyView:
        with desk.database.reading() as connection:
            return find_reply(connection, (before.account,), before.id) or before

    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while view.taken_at is None and view.error is None and loop.time() < end:
        await asyncio.sleep(LOOK_AGAIN)
        view = await asyncio.to_thread(look, view)
    return view


def _range_of(requested: str | None, size: int) -> tuple[int, int] | None:
    """The one range that was asked for, as start and end; None for the whole, also where several or none that fits are asked for."""
    found = RANGE.fullmatch(requested or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(size - int(found[2]), 0), size
    else:
        start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    return (start, end) if start < end else None
