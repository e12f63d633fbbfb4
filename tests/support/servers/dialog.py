"""Plays SMTP dialogues that a postmaster can read.

    # a comment
    C: MAIL FROM:<anna@acme.test>      sent with CRLF
    C~ DATA\\n                           sent as it is, with Python's escapes
    S: 250 2.1.0                        a reply that begins so; of several lines, the first
    S+ SIZE 26214400                    one of the lines of the last reply has this
    S- CHUNKING                         none of them has
    S= closed                           the server has ended the session
    C= closed                           the client closes its half of the connection

Replies are complete: what the server says unasked fails at the next `S:` or at the end.
"""

import socket
from pathlib import Path
from typing import Self


class Client:
    """A raw SMTP client on a socket."""

    def __init__(self, port: int, greet: bool = True, timeout: float = 20) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._input = b""
        if greet:
            assert self.reply().startswith("220 ")
            assert self.says("EHLO client.test").startswith("250")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def says(self, line: str) -> str:
        self.send(line + "\r\n")
        return self.reply()

    def reply(self) -> str:
        """The next reply with all its lines, without the last CRLF; "" when the server has closed."""
        lines: list[bytes] = []
        while not lines or lines[-1][3:4] == b"-":
            while b"\r\n" not in self._input:
                try:
                    chunk = self.socket.recv(65536)
                except ConnectionError:
                    chunk = b""
                if not chunk:
                    assert not self._input, f"cut off in the middle of a reply: {self._input!r}"
                    return ""
                self._input += chunk
            line, _, self._input = self._input.partition(b"\r\n")
            lines.append(line)
        return b"\r\n".join(lines).decode()

    def replies(self, count: int) -> list[str]:
        return [self.reply() for _ in range(count)]

    def is_closed(self) -> bool:
        return self.reply() == ""

    def envelope(self, sender: str = "anna@acme.test", recipient: str = "help@desk.test") -> None:
        assert self.says(f"MAIL FROM:<{sender}>").startswith("250 2.1.0")
        assert self.says(f"RCPT TO:<{recipient}>").startswith("250 2.1.5")

    def data(self, content: bytes) -> str:
        """Send `content` as it is, after 354, and its end; the reply."""
        assert self.says("DATA").startswith("354")
        self.send(content + b".\r\n")
        return self.reply()

    def mail(self, content: bytes = b"Subject: hello\r\n\r\nhello\r\n") -> str:
        self.envelope()
        return self.data(content)


def play(script: Path, port: int) -> None:
    with Client(port, greet=False) as client:
        last = ""
        for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), 1):
            kind, text = line[:2], line[2:].removeprefix(" ")
            where = f"{script.name}:{number}: {line!r} but {last!r}"
            match kind:
                case "C:":
                    client.send(text + "\r\n")
                case "C~":
                    client.send(text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1"))
                case "S:":
                    last = client.reply()
                    assert last.startswith(text) and last, f"{script.name}:{number}: {line!r} but {last!r}"
                case "S+":
                    assert any(text in line for line in last.split("\r\n")), where
                case "S-":
                    assert not any(text in line for line in last.split("\r\n")), where
                case "S=":
                    assert client.is_closed(), where
                case "C=":
                    client.socket.shutdown(socket.SHUT_WR)
                case _:
                    assert not line or line.startswith("#"), where
        assert not client._input, f"{script.name}: said unasked: {client._input!r}"
