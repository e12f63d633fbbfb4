"""One SMTP connection to the smarthost: the door to aiosmtplib.

aiosmtplib frames commands and replies, upgrades to TLS and logs in. What a reply means for a letter is decided here, because
only the transfer itself can tell a loss before the final dot from a loss after it.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from helpdesk.config.domain_names import a_labels
from helpdesk.gateway.delivery.reply import RelayReply, one_line
from helpdesk.gateway.delivery.smarthost import Security, Smarthost
from helpdesk.gateway.delivery.token_login import LoginRefused, TokenLogin

# Timeouts and TLS errors are OSErrors; a host may be no IDNA name.
FAULTS = (aiosmtplib.SMTPException, LoginRefused, OSError, UnicodeError)
# True fails where STARTTLS is not offered, None goes on in clear then.
START_TLS: dict[Security, bool | None] = {"none": False, "opportunistic": None, "starttls": True, "tls": False}
OPENING = 2  # timeouts for all of it
CLAIM_RAN_OUT = "the claim on this letter ran out"
PLAIN = frozenset(range(0x21, 0x7F)) - frozenset(b"+=")  # of xtext
GOODBYE_TIMEOUT = 5.0
BLOCK = 64 * 1024

# RFC 4954 §4, §6: these refuse our login, not the letter. An operator can mend that, so the letter waits.
ABOUT_THE_LOGIN = frozenset({530, 534, 535, 538})

# RFC 5321 §4.1.2, RFC 6531 §3.3: what may stand in MAIL FROM:<…> and RCPT TO:<…> without ending the path early.
PATH = re.compile(
    r'(?:[^\s<>"\\@\x00-\x20\x7f-\x9f\ud800-\udfff]+'
    r'|"(?:[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\x20-\x7e])*")'
    r'@[^\s<>"\\@\x00-\x20\x7f-\x9f\ud800-\udfff]+'
)


class Fault(Exception):
    """The connection is of no use any more. `uncertain`: the relay may have taken the letter before.

    `ours`: nothing is wrong with the relay.
    """

    def __init__(self, text: str, *, uncertain: bool = False, ours: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.uncertain = uncertain
        self.ours = ours


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one letter (RFC 5321 §2.3.1). `id` comes back in delivery reports (RFC 3461 §4.4)."""

    reverse_path: str
    recipient: str
    id: str = ""


class Connection:
    """An open connection, after EHLO and login. After a `Fault` it can only be dropped."""

    def __init__(self, smtp: aiosmtplib.SMTP, timeout: timedelta, final_dot_timeout: timedelta) -> None:
        self._smtp = smtp
        self._timeout = timeout
        self._final_dot_timeout = final_dot_timeout
        self.letters = 0
        self.idle_since = 0.0  # by the clock of the event loop

    @classmethod
    async def open(
        cls,
        smarthost: Smarthost,
        login: TokenLogin | None,
        hostname: str,
        timeout: timedelta,
        final_dot_timeout: timedelta,
    ) -> "Connection":
        """Connect, protect, log in, all within twice the timeout. The host's name is checked against its certificate. Raises Fault."""
        smtp = aiosmtplib.SMTP(
            hostname=smarthost.host,
            port=smarthost.port,
            local_hostname=hostname,
            timeout=timeout.total_seconds(),
            use_tls=smarthost.security == "tls",
            start_tls=START_TLS[smarthost.security],
            tls_context=smarthost.tls,
            username=smarthost.user if smarthost.password else None,
            password=smarthost.password or None,
        )
        try:
            async with asyncio.timeout(OPENING * timeout.total_seconds()):
                await smtp.connect()
                if smtp.is_ehlo_or_helo_needed:
                    await smtp.ehlo()
                if login is not None:
                    await login.log_in(smtp.server_auth_methods, smtp.execute_command)
        except FAULTS as fault:
            smtp.close()
            raise Fault(described(fault)) from fault
        except BaseException:
            smtp.close()
            raise
        return cls(smtp, timeout, final_dot_timeout)

    @property
    def usable(self) -> bool:
        return self._smtp.is_connected

    async def transfer(self, envelope: Envelope, content: bytes, claim_lasts: Callable[[timedelta], bool]) -> RelayReply:
        """One mail transaction with one recipient (RFC 5321 §3.3). Raises Fault."""
        self.letters += 1
        lines = with_crlf(content)
        envelope = self._sendable(envelope)
        utf8 = needs_smtputf8(envelope, lines)
        if unfit := self._unfit(envelope, utf8):
            return unfit
        for command in (
            (b"MAIL", f"FROM:<{envelope.reverse_path}>".encode(), *self._of_mail(envelope, lines, utf8)),
            (b"RCPT", f"TO:<{envelope.recipient}>".encode(), *self._of_rcpt(envelope, utf8)),
        ):
            reply = await self._command(*command)
            if reply.code // 100 != 2:
                return refusal(reply)
        if not claim_lasts(self._timeout + self._final_dot_timeout):
            raise Fault(CLAIM_RAN_OUT, ours=True)
        return await self._content(on_the_wire(lines), claim_lasts)

    async def reset(self) -> bool:
        """Before the next letter: an empty envelope, and a proof that the relay is still there."""
        try:
            return self.usable and (await self._command(b"RSET")).code == 250
        except Fault:
            return False

    async def goodbye(self) -> None:
        try:
            with suppress(*FAULTS):  # it is closed either way
                await self._smtp.quit(timeout=GOODBYE_TIMEOUT)
        finally:
            self.drop()

    def drop(self) -> None:
        """Cut. Nothing more is said, so that no half letter can be taken for a whole one."""
        transport = self._smtp.transport
        self._smtp.close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    def _sendable(self, envelope: Envelope) -> Envelope:
        """Where the domain alone is international, its A-labels need no SMTPUTF8 (RFC 5891 §4.4, RFC 6531 §3.7.1)."""
        if self._smtp.supports_extension("smtputf8"):
            return envelope
        return replace(envelope, recipient=in_a_labels(envelope.recipient), reverse_path=in_a_labels(envelope.reverse_path))

    def _unfit(self, envelope: Envelope, utf8: bool) -> RelayReply | None:
        """Why this letter cannot be sent here at all (enhanced codes: RFC 3463, RFC 6531 §3.5)."""
        if not PATH.fullmatch(envelope.recipient):
            return RelayReply(553, "5.1.3 the recipient is not an address that SMTP can carry", permanent=True)
        if envelope.reverse_path and not PATH.fullmatch(envelope.reverse_path):
            return RelayReply(553, "5.1.7 the reverse-path is not an address that SMTP can carry", permanent=True)
        if utf8 and not self._smtp.supports_extension("smtputf8"):
            return RelayReply(553, "5.6.7 the relay does not take addresses outside ASCII (no SMTPUTF8)", permanent=True)
        return None

    def _of_mail(self, envelope: Envelope, lines: bytes, utf8: bool) -> list[bytes]:
        """Parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), each only where
        it is offered and of use."""
        offered = self._smtp.supports_extension
        parameters = []
        if offered("size"):
            parameters.append(b"SIZE=%d" % len(lines))
        if offered("8bitmime") and not lines.isascii():
            parameters.append(b"BODY=8BITMIME")
        if utf8:
            parameters.append(b"SMTPUTF8")
        if self._reports(envelope):
            parameters.append(b"RET=HDRS")
            if envelope.id:
                parameters.append(b"ENVID=" + xtext(envelope.id))
        return parameters

    def _of_rcpt(self, envelope: Envelope, utf8: bool) -> list[bytes]:
        """Parameters of RCPT: which reports we want, and for whom (RFC 3461 §4.1, §4.2; RFC 6533 §3 for an address in UTF-8)."""
        if not self._reports(envelope):
            return []
        recipient = envelope.recipient
        original = b"rfc822;" + xtext(recipient) if recipient.isascii() else b"utf-8;" + utf8_xtext(recipient)
        return [b"NOTIFY=FAILURE,DELAY", b"ORCPT=" + original]

    def _reports(self, envelope: Envelope) -> bool:
        """Whether a delivery report can be asked for. From the null path nobody would get one."""
        return bool(envelope.reverse_path) and self._smtp.supports_extension("dsn")

    async def _content(self, wire: bytes, claim_lasts: Callable[[timedelta], bool]) -> RelayReply:
        """DATA and all that follows. The last block carries the final dot: from then on a loss is uncertain.

        A process that was stopped meanwhile, while another node took the letter over, leaves it without a final dot.
        """
        reply = await self._command(b"DATA")
        if reply.code in range(400, 600):
            return refusal(reply)
        if reply.code != 354:
            raise Fault(one_line(f"answered {reply.code} to DATA"))
        *blocks, last = (wire[start : start + BLOCK] for start in range(0, len(wire), BLOCK))
        dot_sent = False
        try:
            async with asyncio.timeout(self._final_dot_timeout.total_seconds()) as limit:
                for block in blocks:
                    await self._write(block)
                left = left_of(limit)
                if left <= timedelta() or not claim_lasts(left):
                    raise Fault(CLAIM_RAN_OUT, ours=True)
                dot_sent = True
                return judged(await self._last_block(last))
        except FAULTS as fault:
            place = "after the final dot" if dot_sent else "in the middle of the content"
            raise Fault(f"{place}: {described(fault)}", uncertain=dot_sent) from fault

    async def _write(self, block: bytes) -> None:
        """Hand one block to the network, and wait while the relay does not read (at most `timeout`)."""
        protocol = self._protocol()
        protocol.write(block)
        async with asyncio.timeout(self._timeout.total_seconds()):
            await protocol._drain_helper()

    async def _last_block(self, block: bytes) -> aiosmtplib.SMTPResponse:
        protocol = self._protocol()
        protocol.write(block)
        return self._only(await protocol.read_response(timeout=None))

    async def _command(self, *words: bytes) -> aiosmtplib.SMTPResponse:
        try:
            return self._only(await self._smtp.execute_command(*words, timeout=self._timeout.total_seconds()))
        except FAULTS as fault:
            raise Fault(described(fault)) from fault

    def _only(self, reply: aiosmtplib.SMTPResponse) -> aiosmtplib.SMTPResponse:
        """The reply, when it has come alone: a second one that nobody asked for would pass for the answer to the next command."""
        if self._smtp.protocol is not None and self._smtp.protocol._buffer:
            raise aiosmtplib.SMTPServerDisconnected("more was answered than was asked")
        if reply.code // 100 not in (2, 3, 4, 5):
            raise aiosmtplib.SMTPServerDisconnected(f"answered {reply.code}, which is no reply code")
        return reply

    def _protocol(self) -> SMTPProtocol:
        if self._smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return self._smtp.protocol


def left_of(limit: asyncio.Timeout) -> timedelta:
    """Time until it strikes, by the clock of the event loop."""
    return timedelta(seconds=(limit.when() or 0.0) - asyncio.get_running_loop().time())


def needs_smtputf8(envelope: Envelope, lines: bytes) -> bool:
    """An envelope or a header outside ASCII (RFC 6531 §3.4, RFC 6532); an 8-bit body alone does not need it."""
    if not (envelope.reverse_path.isascii() and envelope.recipient.isascii()):
        return True
    return not lines.isascii() and not lines.partition(b"\r\n\r\n")[0].isascii()


def in_a_labels(address: str) -> str:
    """The address with its domain in ASCII, where its local part is that already and its domain can be."""
    local_part, at, domain = address.rpartition("@")
    if domain.isascii() or not local_part.isascii():
        return address
    in_ascii = a_labels(domain)
    return f"{local_part}{at}{in_ascii}" if in_ascii else address


def xtext(text: str) -> bytes:
    """RFC 3461 §4: printable ASCII, in which + and = are written as their codes."""
    return b"".join(b"%c" % octet if octet in PLAIN else b"+%02X" % octet for octet in text.encode("ascii", "replace"))


def utf8_xtext(text: str) -> bytes:
    """RFC 6533 §3, the form in ASCII: what xtext cannot write as it is stands as \\x{code point}."""
    return b"".join(
        b"%c" % ord(one) if one.isascii() and ord(one) in PLAIN and one != "\\" else b"\\x{%X}" % ord(one) for one in text
    )


def with_crlf(content: bytes) -> bytes:
    """Every line ended by CRLF, and no CR or LF anywhere else (RFC 5321 §2.3.8)."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def on_the_wire(lines: bytes) -> bytes:
    """Content as DATA carries it: dots at the start of a line doubled, a final dot (RFC 5321 §4.5.2)."""
    stuffed = lines.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n"


def refusal(reply: aiosmtplib.SMTPResponse) -> RelayReply:
    """A 4yz or 5yz about this letter; anything else here breaks the protocol."""
    if reply.code // 100 not in (4, 5):
        raise Fault(one_line(f"answered {reply.code} out of turn"))
    return RelayReply(reply.code, one_line(reply.message), permanent=False if reply.code in ABOUT_THE_LOGIN else None)


def judged(reply: aiosmtplib.SMTPResponse) -> RelayReply:
    """The answer to the final dot."""
    if reply.code // 100 == 2:
        return RelayReply(reply.code, one_line(reply.message))
    if reply.code // 100 == 3:
        raise aiosmtplib.SMTPServerDisconnected(f"answered {reply.code} to the final dot")
    return refusal(reply)


def described(fault: BaseException) -> str:
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return one_line(f"{fault.code} {fault.message}")
    if isinstance(fault, TimeoutError) and not str(fault):
        return "no answer in time"
    return one_line(str(fault)) or type(fault).__name__
