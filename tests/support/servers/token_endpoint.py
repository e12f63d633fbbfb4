"""A token endpoint on 127.0.0.1 that answers as its script says, and remembers every form that it was sent."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs

HANG = "hang"  # never answer
DRIP = "drip"  # an answer that never ends, one octet at a time
CLOSE = "close"  # cut the connection instead of an answer
Answer = tuple[int, object] | str


def token(text: str, expires_in: object = 3600, **more: object) -> Answer:
    return 200, {"access_token": text, "token_type": "Bearer", "expires_in": expires_in, **more}


def refusal(error: str, status: int = 400, **more: object) -> Answer:
    return status, {"error": error, **more}


@dataclass
class TokenEndpoint:
    """`script`: the answers in turn, the last one stays. An object is answered as JSON, bytes as they are."""

    script: list[Answer]
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    released: Event = field(default_factory=Event)
    before_answer: Callable[[], None] = lambda: None

    def answer(self) -> Answer:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def token_endpoint(*script: Answer) -> Iterator[TokenEndpoint]:
    """Serve until the block ends; answers that hang are let go then."""
    endpoint = TokenEndpoint(list(script))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.forms.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
            endpoint.before_answer()
            answer = endpoint.answer()
            if isinstance(answer, str):
                self.misbehave(answer)
                return
            status, content = answer
            octets = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if status in (302, 307):
                self.send_header("Location", endpoint.url)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def misbehave(self, how: str) -> None:
            self.close_connection = True
            if how == HANG:
                endpoint.released.wait()
            if how == DRIP:
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while not endpoint.released.wait(0.01):
                        self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/token"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.released.set()
            server.shutdown()
            thread.join()
