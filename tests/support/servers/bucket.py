"""A server of S3 on a port of 127.0.0.1: moto, from an environment of its own in build/peers, which `.ci/run` makes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

from support.servers.peers import answers, free_ports, missing, wait_for

PROGRAM = Path(__file__).parents[3] / "build" / "peers" / "moto" / "bin" / "moto_server"
XML = {"Content-Type": "application/xml"}
_numbers = count(1)


class BucketServer:
    """A running server. It knows any key."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_bucket(self, *, versions: bool = False) -> str:
        """Make a bucket and return its name."""
        name = f"bucket{next(_numbers)}"
        self._ask(f"/{name}", b"")
        if versions:
            self._ask(f"/{name}?versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        return name

    def start(self) -> None:
        """Start the server, or start it again without what it had."""
        self.process = subprocess.Popen(
            [PROGRAM, "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: answers(self.port), "moto answers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _ask(self, path: str, body: bytes) -> None:
        with urlopen(Request(f"{self.endpoint}{path}", data=body, method="PUT", headers=XML), timeout=10):
            pass


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """A running server; the test is skipped where there is none."""
    if not PROGRAM.exists():
        missing("moto")
    server = BucketServer(free_ports(1)[0])
    server.start()
    try:
        yield server
    finally:
        server.stop()
