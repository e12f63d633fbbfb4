"""A mail server on 127.0.0.1 that answers as its script says, and remembers every byte that it was told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HANG = "hang"  # never answer
CLOSE = "close"  # cut the connection instead of an answer
CUT_READING = "cut-reading"  # 354, then cut after the first block of content
STOP_READING = "stop-reading"  # 354, then neither read nor answer
CUT_SILENTLY = "cut-silently"  # take the letter, then cut instead of the 250

USUAL = {
    "BANNER": "220 relay.test ESMTP",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 welcome",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go ahead",
    "DOT": "250 2.0.0 queued",
    "RSET": "250 reset",
    "QUIT": "221 bye",
}


@dataclass
class TakenLetter:
    mail: str
    rcpt: str
    content: bytes  # dots removed, with the CRLF before the final dot


@dataclass
class ScriptedRelay:
    """`script`: for a verb (BANNER, EHLO, …, DATA, DOT) the answers in turn; the last one stays. What is not scripted succeeds.

    `wire` holds all that came in clear, `commands` the verbs of all sessions in order.
    """

    script: dict[str, list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 50000000", "SMTPUTF8")
    tls: ssl.SSLContext | None = None  # for STARTTLS, or from the first byte
    tls_at_once: bool = False
    port: int = 0
    connections: int = 0
    open_at_once: int = 0
    most_at_once: int = 0
    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    letters: list[TakenLetter] = field(default_factory=list)
    wire: bytearray = field(default_factory=bytearray)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    transports: set[asyncio.BaseTransport] = field(default_factory=set)

    def answer(self, verb: str) -> str:
        answers = self.script.get(verb, [])
        if len(answers) > 1:
            return answers.pop(0)
        return answers[0] if answers else USUAL.get(verb, "502 what?")

    def count(self, verb: str) -> int:
        return self.commands.count(verb)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.transports.add(writer.transport)
        self.open_at_once += 1
        self.most_at_once = max(self.most_at_once, self.open_at_once)
        session = Session(self, reader, writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await session.run()
        finally:
            self.open_at_once -= 1
            session.writer.transport.abort()
            writer.transport.abort()


@dataclass
class Session:
    relay: ScriptedRelay
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    protected: bool = False
    mail: str = ""
    rcpt: str = ""

    async def run(self) -> None:
        if self.relay.tls_at_once:
            await self.protect()
        going = await self.say(self.relay.answer("BANNER"))
        while going:
            line = await self.line()
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = text.partition(" ")[0].upper()
            self.relay.commands.append(verb)
            self.relay.lines.append(text)
            going = await self.obey(verb, text)

    async def obey(self, verb: str, text: str) -> bool:
        if verb == "EHLO" and "EHLO" not in self.relay.script:
            return await self.say(self.greeting())
        answer = self.relay.answer(verb)
        if verb == "DATA":
            return await self.data(answer)
        going = await self.say(answer)
        if verb == "MAIL":
            self.mail = text
        if verb == "RCPT":
            self.rcpt = text
        if verb == "STARTTLS" and answer.startswith("220") and self.relay.tls:
            await self.protect()
        return going and verb != "QUIT"

    async def protect(self) -> None:
        """What StreamWriter.start_tls does, which leaves a broken writer behind when the peer hangs up in the handshake."""
        assert self.relay.tls is not None
        loop, raw = asyncio.get_running_loop(), self.writer.transport
        protocol = raw.get_protocol()
        transport = await loop.start_tls(raw, protocol, self.relay.tls, server_side=True)
        if transport is None:
            raise ConnectionError("the peer did not like our certificate")
        self.writer = asyncio.StreamWriter(transport, protocol, self.reader, loop)
        self.relay.transports.add(transport)
        self.protected = True

    def greeting(self) -> str:
        offered = [extension for extension in self.relay.extensions if not (extension == "STARTTLS" and self.protected)]
        return "\r\n".join(f"250-{line}" for line in ("relay.test", *offered)) + "\r\n250 HELP"

    async def data(self, answer: str) -> bool:
        if answer == CUT_READING:
            await self.say("354 go ahead")
            await self.reader.read(1000)
            return False
        if answer == STOP_READING:
            await self.say("354 go ahead")
            assert isinstance(self.writer.transport, asyncio.Transport)
            self.writer.transport.pause_reading()
            return await self.say(HANG)
        if not await self.say(answer) or not answer.startswith("354"):
            return answer not in (CLOSE, HANG)
        content = await self.content()
        self.relay.commands.append("DOT")
        ending = self.relay.answer("DOT")
        if ending.startswith("2") or ending == CUT_SILENTLY:
            self.relay.letters.append(TakenLetter(self.mail, self.rcpt, content))
        return await self.say(ending)

    async def content(self) -> bytes:
        lines = []
        while (line := await self.line()) != b".\r\n":
            if not line:
                raise ConnectionError("cut in the middle of content")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    async def line(self) -> bytes:
        """Up to CRLF: a bare LF or CR ends no line here, as in a strict server."""
        with suppress(asyncio.IncompleteReadError):
            line = await self.reader.readuntil(b"\r\n")
            if not self.protected:
                self.relay.wire += line
            return line
        return b""

    async def say(self, answer: str) -> bool:
        if answer == HANG:
            await self.relay.released.wait()
            return False
        if answer in (CLOSE, CUT_SILENTLY):
            return False
        self.writer.write(answer.encode() + b"\r\n")
        await self.writer.drain()
        return not answer.startswith("421")


@asynccontextmanager
async def scripted_relay(relay: ScriptedRelay) -> AsyncIterator[ScriptedRelay]:
    """Serve on a free port until the block ends; sessions that hang are let go then."""
    server = await asyncio.start_server(relay.serve, "127.0.0.1", relay.port, limit=64 * 1024 * 1024)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        relay.released.set()
        for transport in relay.transports:
            transport.close()
        while relay.open_at_once:
            await asyncio.sleep(0)
