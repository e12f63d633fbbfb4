"""Pages for a browser without a framework: a request and an answer as values."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from helpdesk.gateway.observe import Log
from helpdesk.gateway.private_pages import is_own_form, private_headers
from helpdesk.gateway.web_server import Message, Receive, Send

LARGEST_FORM = 1024 * 1024  # octets
MOST_FIELDS = 100
HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"

log = Log("helpdesk.pages")


class RequestTooLarge(Exception):
    """A form has more octets or fields than a page takes."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a browser asks. Names of `headers` are in small letters; of several fields with one name the last one counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_own_form(self) -> bool:
        """Whether the browser says that a page of this origin has sent it."""
        host = self.headers.get("host", "")
        return is_own_form(self.headers, (f"http://{host}", f"https://{host}") if host else ())

    @property
    def is_by_tls(self) -> bool:
        """Whether the browser's page came by TLS, which a proxy before this server speaks."""
        return self.headers.get("origin", "").startswith("https://")


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What a browser gets. `headers` come beside those of every page, or in their place."""

    status: int
    content: bytes = b""
    media_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


def page_of(html: str, status: int = 200, **headers: str) -> PageAnswer:
    return PageAnswer(
        status, html.encode("utf-8", "replace"), headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def see_other(place: str, **headers: str) -> PageAnswer:
    """Lead the browser on with a GET, so that going back or loading again repeats nothing (RFC 9110 §15.4.4)."""
    return page_of("", 303, Location=place, **headers)


class PageApplication:
    """Leads requests to a function that answers in a thread, and gives every answer the headers of a private page.

    `failed` makes the page for a fault that the function did not expect; such a fault is logged with its trace.
    """

    def __init__(self, answer: Callable[[PageRequest], PageAnswer], failed: Callable[[int], PageAnswer]) -> None:
        self._answer, self._failed = answer, failed

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = await self._try_answering(scope, receive)
        except RequestTooLarge:
            answer = self._failed(413)
        except Exception:
            log.exception("page.failed")
            answer = self._failed(500)
        names = {name.lower() for name in answer.headers}
        headers = {name: value for name, value in private_headers(has_frames=True).items() if name.lower() not in names} | dict(
            answer.headers
        )
        headers |= {"Content-Type": answer.media_type, "Content-Length": str(len(answer.content))}
        lines = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.content})

    async def _try_answering(self, scope: Message, receive: Receive) -> PageAnswer:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return self._failed(405)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        content = await _content(receive) if scope["method"] == "POST" else b""
        is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
        request = PageRequest(
            method="GET" if scope["method"] == "HEAD" else scope["method"],
            path=scope["path"],
            query=_fields(scope["query_string"]),
            form=_fields(content) if is_form else {},
            headers=headers,
            cookies=_cookies(headers.get("cookie", "")),
        )
        return await asyncio.to_thread(self._answer, request)


async def _content(receive: Receive) -> bytes:
    """Read the octets of a form, counted before anything looks at them. Raises RequestTooLarge."""
    content, more = b"", True
    while more:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
        if len(content) > LARGEST_FORM:
            raise RequestTooLarge
    return content


def _fields(content: bytes) -> dict[str, str]:
    """The fields of a query or a form, without characters that neither a database nor a page can hold. Raises RequestTooLarge."""
    try:
        pairs = parse_qsl(content.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise RequestTooLarge from None
    return {name: value.replace("\0", "") for name, value in pairs}


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
