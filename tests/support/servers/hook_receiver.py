"""A receiver of webhooks on 127.0.0.1 that answers as its script says, and checks every signature with a library that is not ours."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

HANG = "hang"  # never answer
DRIP = "drip"  # a header that never ends, one octet at a time
RESET = "reset"  # end the connection with RST
CLOSE = "close"  # end the connection without an answer
MUMBLE = "mumble"  # what is no HTTP
HookAnswer = int | tuple[int, str] | str  # a status, one with Retry-After, or a way to misbehave
SILENT = (HANG, DRIP, RESET, CLOSE, MUMBLE)


@dataclass(frozen=True)
class Received:
    """One request: its octets, its header fields, what was answered, and whether the signature holds at that moment."""

    body: dict[str, Any]
    headers: dict[str, str]
    answer: HookAnswer
    signed: bool

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def position(self) -> int:
        return int(self.body["data"]["position"])

    @property
    def is_taken(self) -> bool:
        return self.answer in (200, 204)


@dataclass
class HookReceiver:
    """`script`: answers in turn, the last one stays; or a function of what was posted. `secrets`: one of them must have signed."""

    secrets: list[str]
    clock: Callable[[], datetime]
    script: list[HookAnswer] | Callable[[dict[str, Any]], HookAnswer]
    url: str = ""
    received: list[Received] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    came: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def answer(self, body: dict[str, Any]) -> HookAnswer:
        if callable(self.script):
            return self.script(body)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def proves(self, octets: bytes, headers: dict[str, str]) -> bool:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # the library asks for the time itself
                return self.clock()

        with patch("standardwebhooks.webhooks.datetime", Clock):
            for secret in self.secrets:
                with suppress(WebhookVerificationError):
                    Webhook(secret).verify(octets, headers)
                    return True
        return False

    @property
    def taken(self) -> list[int]:
        """Positions of what was answered with success, in the order of the answers."""
        return [entry.position for entry in self.received if entry.is_taken]


@contextmanager
def hook_receiver(
    clock: Callable[[], datetime], script: list[HookAnswer] | Callable[[dict[str, Any]], HookAnswer], *secrets: str
) -> Iterator[HookReceiver]:
    """Serve until the block ends; requests that hang are let go then."""
    receiver = HookReceiver(list(secrets), clock, script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(octets)
            answer = receiver.answer(body)
            receiver.paths.append(self.path)
            receiver.received.append(Received(body, headers, answer, receiver.proves(octets, headers)))
            receiver.came.set()
            receiver.before_answer()
            if isinstance(answer, str):
                self.misbehave(answer)
                return
            status, retry_after = answer if isinstance(answer, tuple) else (answer, "")
            self.send_response(status)
            if retry_after:
                self.send_header("Retry-After", retry_after)
            if 300 <= status < 400:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def misbehave(self, how: str) -> None:
            self.close_connection = True
            with suppress(OSError):
                if how == HANG:
                    receiver.released.wait()
                if how == RESET:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                if how == MUMBLE:
                    self.wfile.write(b"220 mail.example.com ESMTP\r\n\r\n")
                if how == DRIP:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
                    while not receiver.released.wait(0.01):
                        self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()
