"""Pages on a real socket, and a plain browser for them: it keeps cookies, says from which page a form comes, and has no script."""

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from helpdesk.gateway.web_server import Application, WebServer

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class PageSeen:
    """What a browser got."""

    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def words(self) -> str:
        """The words that somebody reads."""
        return " ".join(unescape(TAGS.sub(" ", self.html)).split())

    @property
    def token(self) -> str:
        found = TOKEN.search(self.html)
        return found[1] if found else ""


@dataclass
class PlainBrowser:
    """One browser with its cookies. `as_old` leaves out Fetch Metadata, as browsers before 2023 do."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    as_old: bool = False

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> PageSeen:
        return self._ask("GET", path, None, headers)

    def submit(self, path: str, fields: Mapping[str, str], **headers: str) -> PageSeen:
        """Send a form from a page of this origin, and go where the answer leads."""
        answer = self.post(path, fields, **headers)
        return self.get(answer.headers["location"]) if answer.status == 303 else answer

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> PageSeen:
        own = {"Origin": self.origin} if self.as_old else {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self._ask(
            "POST",
            path,
            urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded", **own, **_by_small_names(headers)},
        )

    def _ask(self, method: str, path: str, content: str | None, headers: Mapping[str, str]) -> PageSeen:
        given = dict(headers)
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, content, given)
            answer = connection.getresponse()
            seen = PageSeen(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read().decode("utf-8", "replace"),
            )
        finally:
            connection.close()
        if "set-cookie" in seen.headers:
            name, _, value = seen.headers["set-cookie"].partition(";")[0].partition("=")
            self.cookies[name] = value
        return seen


def _by_small_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def pages_served(application: Application) -> Iterator[int]:
    """Serve an application in a thread with an event loop of its own, and give its port."""
    began, stop = threading.Event(), threading.Event()
    port = 0

    async def serve() -> None:
        nonlocal port
        server = WebServer("127.0.0.1:0", application)
        try:
            port = int((await server.start()).rpartition(":")[2])
            began.set()
            await asyncio.to_thread(stop.wait)
        finally:
            began.set()
            await server.stop(10)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="pages")
    thread.start()
    try:
        assert began.wait(60)
        assert port
        yield port
    finally:
        stop.set()
        thread.join(30)
