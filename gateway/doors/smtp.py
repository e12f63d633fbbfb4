"""The SMTP door, and the only module that knows aiosmtpd (RFC 5321; 1870, 2034, 2920, 3207, 4954, 6152, 6531).

250 after the final dot means that the mail is durable. A fault on our side is answered with 451, so that the client keeps
the mail and tries again; a client's error is answered with 5yz. After every DATA the envelope is empty, whatever the reply
was.

aiosmtpd provides the protocol, its timers and the change to TLS. The command loop, the replies and the reading of mail data
are ours, because they decide whether mail can be lost, doubled or smuggled.

Limits: sessions in all and of one peer, recipients, octets of one mail and of all mails being received, time, pace, errors.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, AnyStr, ClassVar

from aiosmtpd.smtp import SMTP, TLSSetupException

from helpdesk.config.settings import ListeningDoor, Smtp
from helpdesk.gateway.counts import counts
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.arrivals import Passage
from helpdesk.gateway.doors.certificate import DoorCertificate, read_certificate, renewed_certificate
from helpdesk.gateway.doors.commands import LONGEST_LINE, CommandLines
from helpdesk.gateway.doors.data import DataCollector, Flaw
from helpdesk.gateway.doors.door import MOST_MEMORY, Door, Reception
from helpdesk.gateway.doors.logins import Logins
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.doors.sasl import MECHANISMS, decode_response, encode_challenge
from helpdesk.gateway.doors.trace import has_too_many_hops, transmission_type
from helpdesk.gateway.doors.watch import DataWatch
from helpdesk.gateway.intake import NoSpace, NotStored
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.trust.peers import plain_address

log = logging.getLogger(__name__)

LONGEST_COMMAND = 2048  # RFC 5321 §4.5.3.1.4 demands 512, extensions add to it
MOST_ERRORS = 20  # error replies to one client since its last stored mail
MOST_COMMANDS = 1000  # commands of one client since its last stored mail
MOST_FAILED_LOGINS = 3
MOST_UNREAD = 64 * 1024  # octets of commands that are not answered yet
COMMIT_PATIENCE = 60.0  # seconds; a client that waits much longer for its reply sends the mail again (RFC 1047)
LINGER = 10.0  # seconds in which a closing connection may still send its last reply

Command = tuple[Callable[[Any, bytes], Awaitable[Reply]], bytes]  # what answers a command, and its argument
Prove = Callable[[str, str, str], Awaitable[str | Reply]]  # from peer, user name and password: the proved address, or the refusal

REFUSALS = {
    Flaw.TOO_LARGE: replies.TOO_LARGE,
    Flaw.NO_ROOM: replies.NO_ROOM,
    Flaw.BAD_LINE_ENDS: replies.BAD_LINE_ENDS,
}


class _NoHandler:
    """What aiosmtpd gets as its handler: it looks through all attributes of one, in vain, for each new session."""

    def __dir__(self) -> list[str]:
        return []


NO_HANDLER = _NoHandler()


class SmtpSession(SMTP):
    """One SMTP client. A subclass may speak a dialect: it names `PROTOCOL` and has its own tables of commands.

    Commands in `AT_ONCE` are answered as soon as they arrive. Those in `VERBS` wait for something, in the session's task: mail
    data, a commit, a password, a handshake. The task is not woken for other commands, because that costs more than answering.
    """

    PROTOCOL: ClassVar[str] = "SMTP"
    AT_ONCE: ClassVar[Mapping[bytes, Callable[[Any, bytes], Reply]]]
    VERBS: ClassVar[Mapping[bytes, Callable[[Any, bytes], Awaitable[Reply]]]]

    def __init__(
        self,
        door: Door,
        loop: asyncio.AbstractEventLoop,
        tls: ssl.SSLContext | None = None,
        prove: Prove | None = None,
        *,
        peer: str = "",
        needs_login: bool = False,
    ) -> None:
        super().__init__(
            NO_HANDLER,
            hostname=door.hostname,
            data_size_limit=door.settings.max_size,
            enable_SMTPUTF8=True,
            tls_context=tls,
            timeout=door.settings.command_timeout.total_seconds(),
            loop=loop,
        )
        self.peer = peer
        self._needs_login = needs_login
        self._is_under_tls = False  # from the first octet on
        self.ended: asyncio.Future[None] = loop.create_future()
        self.last_progress = loop.time()
        self._door = door
        self._prove = prove
        self._extended = False
        self._refused = False
        self._transaction = door.transaction()
        self._authenticated_as: str | None = None
        self._lines = CommandLines()
        self._out = bytearray()
        self._waiter: asyncio.Future[None] | None = None  # of the task, while it waits for `wake`
        self._is_idle = False  # whether the task waits for a command
        self._is_clogged = False  # whether the client does not read its replies
        self._is_over = False  # whether a reply has ended the session
        self._command: Command | None = None  # the command that the task is woken for
        self._eof = False
        self._reading_is_paused = False
        self._collector: DataCollector | None = None
        self._in_data = self._in_login = False
        self._deadline = 0.0
        self._linger: asyncio.TimerHandle | None = None
        self._errors = self._commands = self._failed_logins = 0

    def __dir__(self) -> list[str]:
        """Nothing: aiosmtpd looks through all attributes of each new session for commands, which would cost more than the
        rest of a session.
        """
        return []

    # ---- the protocol: what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a session, or continue it over TLS after STARTTLS. A session for which there is no room gets its refusal and
        ends.
        """
        if self._original_transport is not None:
            self._start_anew(transport)
            return
        self.peer = self.peer or self._peer_of(transport)
        self._is_under_tls = transport.get_extra_info("ssl_object") is not None
        refusal = self._door.enter(self)
        if refusal is None:
            super().connection_made(transport)
            return
        self._refused = True
        self.transport = transport
        self._hang_up(refusal)

    def connection_lost(self, error: Exception | None) -> None:
        self._door.leave(self)
        if self._linger is not None:
            self._linger.cancel()
        if not self.ended.done():
            self.ended.set_result(None)
        if not self._refused and self.transport is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Take octets of commands or of mail data. A client that sends commands faster than they are answered is not read
        for a while.
        """
        if self._refused:
            return
        if self._collector is not None:
            self._collect(self._collector, data)
            return
        self._lines.feed(data)
        if self._is_idle and not self._is_clogged:
            self._command = self._answer_at_once()
            if self._command is None and not self._is_over:
                self._write()
                return
            self._is_idle = False
        if len(self._lines) > MOST_UNREAD and not self._reading_is_paused:
            self._reading_is_paused = True
            self._stream().pause_reading()
        self.wake()

    def eof_received(self) -> bool:
        """Keep the connection open for our replies after the client has closed its half; TLS does not allow that."""
        self._eof = True
        self.wake()
        return not self._refused and not self._is_secure

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_clogged = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_clogged = False

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Move the deadline of the next command. The timer itself is set anew only when it fires."""
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self._in_data or self._in_login:  # mail data and logins have their own limits
            self._reset_timeout()
        if self.loop.time() < self._deadline:
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)
        else:
            self._hang_up(replies.TIMED_OUT)

    # ---- the conversation

    async def _handle_client(self) -> None:
        try:
            await self._converse()
            await self._flush()
        except (ConnectionError, TLSSetupException):
            log.info("smtp.connection_lost", extra={"peer": self.peer})
        finally:
            self._hang_up()
            if self._original_transport is not None and not self._is_secure:
                self.connection_lost(None)  # asyncio does not call this after a failed handshake

    async def _converse(self) -> None:
        await asyncio.sleep(0)  # lets octets arrive that the client sent before the banner
        if len(self._lines):
            self._say(replies.EARLY_TALKER)
            return
        self._say(Reply(220, "", f"{self.hostname} {self._greeting}"))
        while not self._is_over:
            command, self._command = self._command or self._answer_at_once(), None
            if command is not None:
                self._conclude(await self._answer(*command))
            elif self._door.is_draining:
                self._say(replies.DRAINING)
                return
            elif self._out or self._is_clogged:
                await self._flush()
            elif self._eof:
                return
            else:
                self._resume_reading()
                self._is_idle = True
                await self._news()
                self._is_idle = False

    def _answer_at_once(self) -> Command | None:
        """Answer the commands that have arrived, up to the first that has to wait for something; that one is returned.

        Replies are sent when no further command is waiting (RFC 2920 §3.2).
        """
        while not self._is_over and not self._door.is_draining and (line := self._lines.next()) is not None:
            self._reset_timeout()
            reply = _refusal_of_line(line)
            if reply is None:
                verb, _, argument = line[:-2].partition(b" ")
                verb, argument = verb.upper(), argument.strip()
                if verb in self.VERBS:
                    return self.VERBS[verb], argument
                reply = self._reply(self.AT_ONCE.get(verb), argument)
            self._conclude(reply)
        return None

    def _reply(self, answer: Callable[[Any, bytes], Reply] | None, argument: bytes) -> Reply:
        try:
            return answer(self, argument) if answer else replies.UNKNOWN_COMMAND
        except Exception:
            return self._failed()

    async def _answer(self, answer: Callable[[Any, bytes], Awaitable[Reply]], argument: bytes) -> Reply:
        try:
            return await answer(self, argument)
        except (ConnectionError, TLSSetupException):
            raise
        except Exception:
            return self._failed()

    def _failed(self) -> Reply:
        log.exception("smtp.command_failed", extra={"peer": self.peer})
        self._transaction.reset()
        return replies.TRY_LATER

    async def _next_line(self) -> bytes | None:
        """The next line, where it is not a command; None when there will be no other, because the client has finished or the
        door drains.
        """
        while not self._door.is_draining:
            if (line := self._lines.next()) is not None:
                return line
            if self._eof:
                return None
            if self._out:
                await self._flush()
                continue
            self._resume_reading()
            await self._news()
        return None

    async def _news(self) -> None:
        """Wait for `wake`. What is waited for must be looked at directly before."""
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _conclude(self, reply: Reply) -> None:
        reply = self._within_limits(reply)
        self._say(reply)
        self._is_over = reply.ends_session

    def _within_limits(self, reply: Reply) -> Reply:
        self._commands += 1
        self._errors += reply.is_error
        if reply is replies.STORED:
            self._commands = self._errors = 0
        if reply.ends_session:
            return reply
        if self._errors > MOST_ERRORS:
            return replies.TOO_MANY_ERRORS
        return replies.TOO_MANY_COMMANDS if self._commands > MOST_COMMANDS else reply

    # ---- the commands

    def _helo(self, argument: bytes) -> Reply:
        if refusal := self._transaction.greet(argument):
            return refusal
        self._extended = False
        return Reply(250, "", self.hostname)

    def _ehlo(self, argument: bytes) -> Reply:
        if refusal := self._transaction.greet(argument):
            return refusal
        self._extended = True
        *lines, last = self.hostname, *self._extensions()
        self._out += "".join(f"250-{line}\r\n" for line in lines).encode("ascii")
        return Reply(250, "", last)

    def _extensions(self) -> list[str]:
        offered = [f"SIZE {self._door.settings.max_size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self.tls_context and not self._is_secure:
            offered.append("STARTTLS")
        if self._prove and self._is_secure:
            offered.append("AUTH PLAIN LOGIN")
        return [*offered, "ENHANCEDSTATUSCODES"]

    def _mail(self, argument: bytes) -> Reply:
        if self._needs_login and not self._authenticated_as:
            return replies.LOGIN_NEEDED
        reply = self._transaction.mail(argument)
        if reply is not replies.SENDER_OK:
            return reply
        try:
            self._door.intake.check()
        except NotStored as fault:
            self._transaction.reset()
            return _not_stored(fault)
        return reply

    def _rcpt(self, argument: bytes) -> Reply:
        return self._transaction.rcpt(argument)

    async def _data(self, argument: bytes) -> Reply:
        try:
            reply = self._transaction.data(argument)
            if len(self._lines):  # RFC 2920 §3.1: DATA ends a group of commands; these octets would be mail read as commands
                return replies.EARLY_TALKER
            return await self._take_mail() if reply is replies.START_INPUT else reply
        finally:
            self._transaction.reset()

    def _rset(self, argument: bytes) -> Reply:
        if argument:
            return replies.SYNTAX
        self._transaction.reset()
        return replies.OK

    def _noop(self, argument: bytes) -> Reply:
        return replies.OK

    def _help(self, argument: bytes) -> Reply:
        return replies.HELP

    def _vrfy(self, argument: bytes) -> Reply:
        return replies.CANNOT_VERIFY if argument else replies.SYNTAX

    def _not_implemented(self, argument: bytes) -> Reply:
        return replies.NOT_IMPLEMENTED

    def _quit(self, argument: bytes) -> Reply:
        return replies.SYNTAX if argument else replies.GOODBYE

    async def _starttls(self, argument: bytes) -> Reply:
        """Start TLS, and forget everything that the client sent before, also what followed this command in clear (RFC 3207
        §4.2).
        """
        if argument:
            return replies.SYNTAX
        if self._is_secure or not self.tls_context:
            return replies.OUT_OF_ORDER if self._is_secure else replies.NOT_IMPLEMENTED
        self._resume_reading()
        self.tls_context = self._door.tls or self.tls_context  # the certificate may have been renewed since the greeting
        await self.smtp_STARTTLS("")
        if not self._is_secure:
            raise ConnectionAbortedError("no handshake")
        return NOTHING_TO_SAY

    async def push(self, status: AnyStr) -> None:
        """aiosmtpd calls this for its one reply of its own, which precedes the TLS handshake."""
        self._say(replies.READY_FOR_TLS)
        await self._flush()

    async def _auth(self, argument: bytes) -> Reply:
        if self._prove is None:
            return replies.NOT_IMPLEMENTED
        if not self._is_secure:
            return replies.TLS_NEEDED
        if self._authenticated_as or self._transaction.is_open or not self._transaction.helo:
            return replies.OUT_OF_ORDER
        mechanism, _, initial = argument.partition(b" ")
        read = MECHANISMS.get(mechanism.upper())
        if read is None:
            return replies.UNKNOWN_MECHANISM
        credentials = await read(initial.strip(), self._response)
        if isinstance(credentials, Reply):
            return credentials
        self._in_login = True
        try:
            proved = await self._prove(self.peer, *credentials)
        finally:
            self._in_login = False
            self._reset_timeout()
        if isinstance(proved, str):
            self._authenticated_as = proved
            self.last_progress = self.loop.time()
            return replies.AUTHENTICATED
        self._failed_logins += 1
        return proved if self._failed_logins < MOST_FAILED_LOGINS else replies.TOO_MANY_PASSWORDS

    async def _response(self, challenge: str) -> str | Reply:
        """Send one challenge of a SASL exchange, and return the response or the reply that ends the exchange (RFC 4954 §4)."""
        self._out += b"334 " + encode_challenge(challenge) + b"\r\n"
        line = await self._next_line()
        if line is None:
            raise ConnectionAbortedError("the client left during AUTH")
        if line.rstrip(b"\r\n") == b"*":
            return replies.AUTH_CANCELLED
        return decode_response(line.rstrip(b"\r\n")) if line.endswith(b"\r\n") else replies.BARE_LINE_END

    # ---- mail data

    async def _take_mail(self) -> Reply:
        collector = self._collector = DataCollector(self._door.settings.max_size)
        self._in_data = True
        self._door.buffered += collector.buffered
        watch = self._watch(collector)
        try:
            self._say(replies.START_INPUT)
            await self._flush()
            while self._collector is not None:
                if self._eof:
                    raise ConnectionAbortedError("the client left during DATA")
                await self._news()
            watch.cancel()
            return await self._reply_to_mail(collector)
        finally:
            watch.cancel()
            self._door.buffered -= collector.buffered
            self._collector = None
            self._in_data = False
            self._reset_timeout()

    def _collect(self, collector: DataCollector, data: bytes) -> None:
        before = collector.buffered
        rest = collector.feed(data)
        if self._door.buffered - before + collector.buffered > self._door.most_memory:
            collector.discard(Flaw.NO_ROOM)
        self._door.buffered += collector.buffered - before
        if rest is not None:
            self._collector = None
            self._lines.feed(rest)
            self.wake()

    async def _reply_to_mail(self, collector: DataCollector) -> Reply:
        """Store a mail whose end of data has come, and return the reply to it."""
        return await self._store_mail(collector, self._transaction.envelope)

    async def _store_mail(self, collector: DataCollector, envelope: Envelope) -> Reply:
        if collector.flaw is not None:
            return REFUSALS[collector.flaw]
        if has_too_many_hops(collector.content):
            return replies.TOO_MANY_HOPS
        raw = RawMessage(
            door=self.PROTOCOL.lower(),
            envelope=envelope,
            content=collector.content,
            received_at=self._door.clock(),
            peer=self.peer,
            helo=self._transaction.helo,
            authenticated_as=self._authenticated_as,
            transmission=self._transmission,
        )
        try:
            async with asyncio.timeout(COMMIT_PATIENCE):
                await self._door.intake.accept(raw)
        except (NotStored, TimeoutError) as fault:
            log.warning("smtp.not_stored", extra={"peer": self.peer})
            return _not_stored(fault)
        self.last_progress = self.loop.time()
        return replies.STORED

    def _watch(self, collector: DataCollector) -> "DataWatch":
        return DataWatch(self.loop, collector, self._door.settings.data_timeout.total_seconds(), self._hang_up)

    # ---- writing and leaving

    def _say(self, reply: Reply) -> None:
        if reply is not NOTHING_TO_SAY:
            self._out += reply.line
            counts.add("smtp_responses_total", reply.kind)

    async def _flush(self) -> None:
        self._write()
        await self._writer.drain()

    def _write(self) -> None:
        if self._out:
            waiting, self._out = bytes(self._out), bytearray()
            self._writer.write(waiting)

    def wake(self) -> None:
        """Let the task look again at what it waits for."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def give_place(self) -> None:
        self._hang_up(replies.ROOM_NEEDED)

    def abort(self) -> None:
        if self.transport is not None:
            self._stream().abort()

    def _hang_up(self, reply: Reply | None = None) -> None:
        """Close the connection, with a last reply if one is given. A client that does not read it is cut off after `LINGER`
        seconds.
        """
        if self.transport is None or self.transport.is_closing():
            return
        stream = self._stream()
        if reply is not None:
            counts.add("smtp_responses_total", reply.kind)
            stream.write(bytes(self._out) + reply.line)
            self._out.clear()
        stream.close()
        self._linger = self.loop.call_later(LINGER, stream.abort)

    def _start_anew(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transaction = self._door.transaction()
        self._lines.clear()
        self._out.clear()

    def _resume_reading(self) -> None:
        if self._reading_is_paused:
            self._reading_is_paused = False
            self._stream().resume_reading()

    def _peer_of(self, transport: asyncio.BaseTransport) -> str:
        return plain_address(str((transport.get_extra_info("peername") or ("",))[0]))

    @property
    def is_at_work(self) -> bool:
        """Whether mail data is being received or stored."""
        return self._in_data

    @property
    def is_in_transaction(self) -> bool:
        """Whether the client has sent MAIL."""
        return self._transaction.is_open

    @property
    def _greeting(self) -> str:
        return f"E{self.PROTOCOL}"

    @property
    def _transmission(self) -> str:
        return transmission_type(
            self.PROTOCOL,
            extended=self._extended,
            utf8=self._transaction.smtputf8,
            secure=self._is_secure,
            authenticated=self._authenticated_as is not None,
        )

    @property
    def _is_secure(self) -> bool:
        return self._is_under_tls or (self.session is not None and self.session.ssl is not None)

    def _stream(self) -> asyncio.Transport:
        assert self.transport is not None
        return self.transport  # type: ignore[return-value]  # aiosmtpd declares BaseTransport, which cannot write


NOTHING_TO_SAY = Reply(0, "", "")

SmtpSession.AT_ONCE = {
    b"HELO": SmtpSession._helo,
    b"EHLO": SmtpSession._ehlo,
    b"MAIL": SmtpSession._mail,
    b"RCPT": SmtpSession._rcpt,
    b"RSET": SmtpSession._rset,
    b"NOOP": SmtpSession._noop,
    b"QUIT": SmtpSession._quit,
    b"HELP": SmtpSession._help,
    b"VRFY": SmtpSession._vrfy,
    b"EXPN": SmtpSession._not_implemented,
    b"TURN": SmtpSession._not_implemented,
    b"ETRN": SmtpSession._not_implemented,
    b"BDAT": SmtpSession._not_implemented,
}
SmtpSession.VERBS = {
    b"DATA": SmtpSession._data,
    b"AUTH": SmtpSession._auth,
    b"STARTTLS": SmtpSession._starttls,
}


def _refusal_of_line(line: bytes) -> Reply | None:
    if len(line) > LONGEST_COMMAND:
        return replies.ENDLESS_COMMAND if len(line) > LONGEST_LINE else replies.COMMAND_TOO_LONG
    return None if line.endswith(b"\r\n") and b"\r" not in line[:-2] else replies.BARE_LINE_END


def _not_stored(fault: Exception) -> Reply:
    return replies.NO_SPACE if isinstance(fault, NoSpace) else replies.TRY_LATER


class SmtpDoor(Door):
    """The SMTP door. `logins` proves staff addresses; None where no staff member may log in, and then AUTH is not offered."""

    NAME = "smtp"

    def __init__(
        self,
        settings: Smtp,
        reception: Reception,
        logins: Logins | None = None,
        *,
        relays: tuple[str, ...] = (),
        most_memory: int = MOST_MEMORY,
    ) -> None:
        super().__init__(settings, reception, relays=relays, most_memory=most_memory)
        self._certificate = read_certificate(settings.certificate, settings.key) if settings.certificate else None
        self._logins = logins
        self._submission, self._balancers = settings.submission, settings.proxy_from
        self._implicit_tls = settings.tls == "implicit"

    @property
    def tls(self) -> ssl.SSLContext | None:
        return self._certificate.context if self._certificate else None

    def renewal(self, settings: ListeningDoor | None) -> tuple[Callable[[], None], Sequence[str]]:
        """Read the certificate anew. Sessions that are under TLS keep what they have. Raises UnusableCertificate."""
        assert isinstance(settings, Smtp)
        if not settings.certificate:
            return partial(self._use, None), ()
        renewed = renewed_certificate(settings.certificate, settings.key, self._certificate)
        if renewed is None:
            return (lambda: None), ()
        certificate, end = renewed
        return partial(self._use, certificate), (f"[smtp] the certificate is another one, which is good until {end:%Y-%m-%d}",)

    def _use(self, certificate: DoorCertificate | None) -> None:
        self._certificate = certificate

    def session(self, loop: asyncio.AbstractEventLoop, peer: str = "") -> SmtpSession:
        logins = self._logins
        prove = logins.prove if logins and logins.are_possible else None
        return SmtpSession(self, loop, self.tls, prove, peer=peer, needs_login=self._submission)

    @property
    def passage(self) -> Passage | None:
        if not (self._balancers or self._implicit_tls):
            return None
        return Passage(self._balancers, self._context if self._implicit_tls else None, self.settings.max_sessions)

    def _context(self) -> ssl.SSLContext:
        """The TLS context of this moment. A door with TLS from the first octet has a certificate."""
        assert self._certificate is not None
        return self._certificate.context

    async def drain(self, seconds: float) -> None:
        """Drain as every door does, after refusing the logins that wait for their turn."""
        if self._logins is not None:
            self._logins.end_waits()
        await super().drain(seconds)
        if self._logins is not None:
            self._logins.close()
