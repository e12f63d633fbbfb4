"""The application: routes, problems, and what holds for every answer."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as AnyHttpException
from starlette.routing import Match

from helpdesk.config.request_form import PATH as FORM
from helpdesk.gateway.counts import counts
from helpdesk.gateway.http.file_pages import file_pages
from helpdesk.gateway.http.inbox.routes import pages
from helpdesk.gateway.http.inbox.visits import ROOT, PageRefusal, refuse_visit
from helpdesk.gateway.http.pages import page_assets
from helpdesk.gateway.http.problems import (
    AWAY,
    BY_STATUS,
    FAULT,
    INVALID,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    SCHEMA,
    ApiRefusal,
    problem,
)
from helpdesk.gateway.http.request_form.routes import refuse_request, request_pages
from helpdesk.gateway.http.routes import v1
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.observe import Log
from helpdesk.gateway.web_server import Message, Receive, Send
from helpdesk.store.database import DatabaseAway, StaleTicket, Unstorable

UPLOADS = "/api/v1/attachments"
PAGES = f"{ROOT}/"
LARGEST_FILE = 25 * 1024 * 1024  # octets: the files of one reply may have as many together
LARGEST_FORM = LARGEST_FILE + 1024 * 1024  # octets of a form with files
LARGEST_BODY = 3 * 1024 * 1024  # octets of a request
METHODS = ("GET", "PATCH", "POST", "PUT", "DELETE")
PAGE_WORDS = {
    404: "unknown",
    405: "unknown",
    413: "large",
    429: "often",
    503: "away",
}  # which page says what is wrong, by the status
MOST_ERRORS = 20  # places of a request that are named
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Refusing = Callable[[Request, str, int, Mapping[str, str] | None], Response]
log = Log("helpdesk.http")


def app_of(service: Service) -> "GuardedApp":
    """The application for a desk."""
    return GuardedApp(_routes(service))


def _routes(service: Service) -> FastAPI:
    app = FastAPI(title="Helpdesk gateway", version="1", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.service = service
    app.include_router(v1)
    app.include_router(page_assets)
    if service.page_desk is not None:
        app.include_router(pages)
        app.include_router(file_pages)
        if service.request_form is not None:
            app.include_router(request_pages)
        app.add_exception_handler(PageRefusal, _refuse_page)
    app.add_exception_handler(ApiRefusal, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_form)
    app.add_exception_handler(AnyHttpException, _refuse_http)
    for fault in (DatabaseAway, StaleTicket):
        app.add_exception_handler(fault, _say_away)
    app.add_exception_handler(Unstorable, _refuse_unstorable)
    return app


def document() -> dict[str, Any]:
    """The OpenAPI document of version 1, as `docs/reference/openapi.json` has it."""
    app = FastAPI(title="Helpdesk gateway", version="1", docs_url=None, redoc_url=None)
    app.include_router(v1)
    made = app.openapi()
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):  # of the framework; our answers have another form
        schemas.pop(name, None)
    schemas["Problem"] = SCHEMA
    made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"key": []}]
    return made


class GuardedApp:
    """What holds for every request, before and after the routes: its size, an ETag, and headers against caches and guessing."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = _Answer(scope, send)
        try:
            await self.app(scope, _count_octets(receive, _most_octets(scope["path"])), answer.send)
        except Exception:
            # The framework has answered 500 already where it could, and raises again for the server's log.
            log.exception("http.failed")
            if not answer.is_begun:
                await problem(FAULT)(scope, receive, answer.send)


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Message, send: Send) -> None:
        self._scope, self._out = scope, send
        self._start: Message | None = None
        self._body = b""
        self.is_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            named = {name for name, _ in message["headers"]}  # pages have headers of their own
            message["headers"] = [*message["headers"], *(header for header in HEADERS if header[0] not in named)]
            counts.add("http_requests_total", f"{message['status'] // 100}xx")
            if message["status"] == 200 and self._scope["method"] in ("GET", "HEAD"):
                self._start = message
                return
            await self._out(message)
        elif self._start is None:
            await self._out(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        """Send what was held back: nothing but its ETag where the asker has it already."""
        names = dict(start["headers"])
        tag = names.get(b"etag") or f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'.encode()
        if b"etag" not in names:
            start["headers"].append((b"etag", tag))
        known = b",".join(value for name, value in self._scope["headers"] if name == b"if-none-match")
        if tag in [entry.strip().removeprefix(b"W/") for entry in known.split(b",")] or known.strip() == b"*":
            start["status"] = 304
            start["headers"] = [
                (name, value) for name, value in start["headers"] if name not in (b"content-length", b"content-type")
            ]
            self._body = b""
        await self._out(start)
        await self._out({"type": "http.response.body", "body": self._body})


def _most_octets(path: str) -> int:
    if path == UPLOADS:
        return LARGEST_FILE
    return LARGEST_FORM if path.startswith(PAGES) or path == FORM else LARGEST_BODY


def _count_octets(receive: Receive, most: int) -> Receive:
    """Count the octets of a request before any parser has them."""
    read = 0

    async def receive_more() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413)
        return message

    return receive_more


async def _refuse_page(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, PageRefusal)
    return refuse_visit(request, fault.name, fault.status)


def _page_for(request: Request) -> Refusing | None:
    """The page that says why a request is refused, where a browser asks for a page; None for the API."""
    service: Service = request.app.state.service
    if service.page_desk is None:
        return None
    path = f"{request.scope['path']}/"
    if service.request_form is not None and path.startswith(f"{FORM}/"):
        return refuse_request
    return refuse_visit if path.startswith(PAGES) else None


async def _refuse(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, ApiRefusal)
    if (refuse := _page_for(request)) is not None:
        return refuse(request, PAGE_WORDS.get(fault.kind.status, "malformed"), fault.kind.status, fault.headers)
    return problem(fault.kind, fault.detail, headers=fault.headers)


async def _refuse_form(request: Request, fault: Exception) -> Response:
    """Name the places, and never repeat what stood there."""
    assert isinstance(fault, RequestValidationError)
    if (refuse := _page_for(request)) is not None:
        return refuse(request, "malformed", 400, None)
    errors = [
        {"pointer": "".join(f"/{part}" for part in error["loc"][1:])[:200], "message": str(error["msg"])[:200]}
        for error in fault.errors()[:MOST_ERRORS]
    ]
    is_json_bad = any(error["type"] == "json_invalid" for error in fault.errors())
    clean = [{name: value.encode("utf-8", "replace").decode() for name, value in error.items()} for error in errors]
    return problem(MALFORMED if is_json_bad else INVALID, errors=clean)


async def _refuse_http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, AnyHttpException)
    if (refuse := _page_for(request)) is not None:
        return refuse(request, PAGE_WORDS.get(fault.status_code, "malformed"), fault.status_code, fault.headers)
    headers = dict(fault.headers or {})
    if fault.status_code == METHOD_NOT_ALLOWED.status:
        headers["Allow"] = ", ".join(sorted(_methods_at(request)))  # the framework names those of one route alone
    return problem(BY_STATUS.get(fault.status_code, MALFORMED), headers=headers)


def _methods_at(request: Request) -> set[str]:
    """The methods of all routes of an address (RFC 9110 §15.5.6)."""
    return {
        method
        for method in METHODS
        for route in request.app.router.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }


async def _say_away(request: Request, fault: Exception) -> Response:
    log.warning("http.away", reason=str(fault))
    if (refuse := _page_for(request)) is not None:
        return refuse(request, "away", 503, {"Retry-After": "5"})
    return problem(AWAY, headers={"Retry-After": "5"})


async def _refuse_unstorable(request: Request, fault: Exception) -> Response:
    log.warning("http.unstorable", reason=str(fault))
    return problem(INVALID, "the database cannot store this")
