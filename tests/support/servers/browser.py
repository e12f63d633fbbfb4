"""A browser without script: it keeps cookies, follows redirects, and sends the forms of a page as they stand there."""

import http.client
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from support.servers.api import Api, ApiAnswer

OWN: Mapping[str, str] = {"Sec-Fetch-Site": "same-origin"}
BOUNDARY = "----a-boundary"
COOKIE = re.compile(r"(__Host-\w+)=([^;]*); Path=/; Max-Age=(\d+); Secure; HttpOnly; SameSite=")
Files = Sequence[tuple[str, bytes]]


@dataclass
class Page:
    """A page that the browser shows."""

    path: str
    answer: ApiAnswer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def text(self) -> str:
        """The words of its main part."""
        main = self.tree.css_first("main")
        return " ".join(main.text(separator=" ").split()) if main else ""

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.answer.body.decode())

    def form(self, action: str, holding: str = "form") -> dict[str, str]:
        """The fields of the form that goes to an address, as they stand; `holding` picks one of several."""
        found = [node for node in self.tree.css("form") if node.attributes.get("action") == action and node.css_first(holding)]
        assert found, (action, holding, self.text)
        entries = [entry for entry in found[0].css("input[name], textarea[name], select[name]") if _is_sent(entry)]
        return {str(entry.attributes["name"]): _value_of(entry) for entry in entries}

    def links(self) -> dict[str, str]:
        return {" ".join(node.text().split()): str(node.attributes.get("href")) for node in self.tree.css("a[href]")}


@dataclass
class Browser:
    """A customer's browser."""

    api: Api
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)
    answers: list[ApiAnswer] = field(default_factory=list)

    def asks(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> ApiAnswer:
        """One request, with the cookies; what it is answered is not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=60)
        given = {"Accept-Language": self.language, **(headers or {})}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            found = ApiAnswer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()
        kept = COOKIE.match(found.headers.get("set-cookie", ""))
        if kept and kept[3] == "0":
            self.cookies.pop(kept[1], None)
        elif kept:
            self.cookies[kept[1]] = kept[2]
        self.answers.append(found)
        return found

    def opens(self, path: str) -> Page:
        """A page, after all redirects."""
        answer = self.asks("GET", path)
        return self._follow(path, answer)

    def sends(self, path: str, fields: Mapping[str, str], files: Files = (), headers: Mapping[str, str] = OWN) -> Page:
        """Send a form with files, as a page of ours has it."""
        kind, body = _multipart(fields, files)
        return self._follow(path, self.asks("POST", path, body, {"Content-Type": kind, **headers}))

    def presses(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = OWN) -> Page:
        """Send a form without files."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._follow(path, self.asks("POST", path, urlencode(fields).encode(), {**kind, **headers}))

    def signs_in(self, account: str, contact: str, **session: str) -> Page:
        answer = self.api.asks("POST", "/api/v1/sessions", self.api.key(), {"account": account, "contact": contact, **session})
        assert answer.status == 201, answer.body
        address = urlsplit(answer.json["address"])
        return self.opens(f"{address.path}?{address.query}" if address.query else address.path)

    def _follow(self, path: str, answer: ApiAnswer) -> Page:
        for _ in range(3):
            if answer.status != 303:
                return Page(path, answer)
            path = answer.headers["location"]
            assert path.startswith(("/inbox", "/request")), path
            answer = self.asks("GET", path)
        raise AssertionError("too many redirects")


def _is_sent(entry: LexborNode) -> bool:
    """Of several buttons of one name, a browser sends the one that is chosen."""
    return entry.attributes.get("type") != "radio" or "checked" in entry.attributes


def _value_of(entry: LexborNode) -> str:
    if entry.tag == "select":
        chosen = entry.css_first("option[selected]")
        return str(chosen.attributes.get("value") or "") if chosen else ""
    return entry.text() if entry.tag == "textarea" else str(entry.attributes.get("value") or "")


def _multipart(fields: Mapping[str, str], files: Files) -> tuple[str, bytes]:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for name, content in files:
        head = (
            f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        parts.append(head.encode() + content)
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={BOUNDARY}", body + b"--" + BOUNDARY.encode() + b"--\r\n"
