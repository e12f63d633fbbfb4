"""Files of messages: their octets, and uploads for a reply."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response

from helpdesk.gateway.http.callers import Desk, Reader, RequestName, Writer, answers, name_of_request
from helpdesk.gateway.http.forms import UploadForm, upload_form
from helpdesk.gateway.http.problems import AWAY, INVALID, KEY_USED, NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.service import Service, accounts_of
from helpdesk.store.blobs import IncomingBlob
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.platform_views import FileView, OtherRequest, UploadView, add_upload, find_file, upload_id

BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
OCTETS: dict[int | str, dict[str, Any]] = {200: {"content": BINARY}, 206: {"description": "The range", "content": BINARY}}
LARGEST_IN_TABLE = 256 * 1024  # octets; larger files stand in the blob store
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
PICTURES = {
    re.compile(rb"\x89PNG\r\n\x1a\n"): "image/png",
    re.compile(rb"\xff\xd8\xff"): "image/jpeg",
    re.compile(rb"GIF8[79]a"): "image/gif",
    re.compile(rb"RIFF.{4}WEBPVP8", re.DOTALL): "image/webp",
}
files = APIRouter()


@files.get(
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
    return file_answer(file, requested)


def file_answer(file: FileView, requested: str | None) -> Response:
    """A file as a download in a sandbox, or the one range of it that was asked for. Only pictures have a type of their own, by their content."""
    kind = next((kind for mark, kind in PICTURES.items() if mark.match(file.content)), "application/octet-stream")
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


@files.post(
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
    idempotency_key: RequestName = None,
) -> UploadForm:
    """Bring a file for a reply, as the body of the request. It waits for a day for the reply that names it."""
    accounts_of(key, account)
    if "\0" in name + account:
        raise ApiRefusal(INVALID, "NUL is not text")
    once = upload_id(account, name_of_request(idempotency_key))
    kind = request.headers.get("content-type", "application/octet-stream")[:200]
    async with desk.streams:
        file = await _receive(desk, request)
    view = UploadView(once, account, name, kind, file.size, file.sha256, file.content)
    return upload_form(await asyncio.to_thread(_keep, desk, view))


@dataclass(frozen=True, slots=True)
class _ReceivedFile:
    """A file that has come. `content` is None for one that is in the blob store."""

    size: int
    sha256: str
    content: bytes | None


async def _receive(desk: Service, request: Request) -> _ReceivedFile:
    """Read the octets of a request, a large file piece by piece into the blob store. Raises ApiRefusal."""
    size, waiting = 0, bytearray()
    blob: IncomingBlob | None = None
    try:
        async for piece in request.stream():
            size += len(piece)
            waiting += piece
            if len(waiting) > LARGEST_IN_TABLE:
                if blob is None:
                    blob = await asyncio.to_thread(desk.blobs.incoming)
                await asyncio.to_thread(blob.write, bytes(waiting))
                waiting.clear()
        if blob is None:
            return _ReceivedFile(size, hashlib.sha256(waiting).hexdigest(), bytes(waiting))
        await asyncio.to_thread(blob.write, bytes(waiting))
        return _ReceivedFile(size, await asyncio.to_thread(blob.keep), None)
    except OSError as fault:
        raise ApiRefusal(AWAY) from fault
    finally:
        if blob is not None:
            await asyncio.to_thread(blob.drop)


def keep_upload(desk: Service, key: str, account: str, name: str, kind: str, content: bytes) -> UploadView:
    """Store a file that is in memory, a large one in the blob store. Raises ApiRefusal."""
    is_large = len(content) > LARGEST_IN_TABLE
    try:
        digest = desk.blobs.put(content) if is_large else hashlib.sha256(content).hexdigest()
    except OSError as fault:
        raise ApiRefusal(AWAY) from fault
    return _keep(desk, UploadView(key, account, name, kind, len(content), digest, None if is_large else content))


def _keep(desk: Service, view: UploadView) -> UploadView:
    """Write the row of a file. Raises ApiRefusal."""
    with desk.database.writing() as connection:
        found = add_upload(connection, view, desk.clock())
    if isinstance(found, OtherRequest):
        raise ApiRefusal(KEY_USED)
    return found


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
