"""One SMTP connection to the smarthost, and the only module that knows aiosmtplib.

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

# Timeouts and TLS errors are OSErrors; UnicodeError comes from a host that is no IDNA name.
FAULTS = (aiosmtplib.SMTPException, LoginRefused, OSError, UnicodeError)
# Where STARTTLS is not offered, True fails and None goes on in clear.
START_TLS = {Security.NONE: False, Security.OPPORTUNISTIC: None, Security.STARTTLS: True, Security.TLS: False}
OPENING = 2  # opening a connection may take so many times the timeout
CLAIM_RAN_OUT = "the claim on this letter ran out"
PLAIN = frozenset(range(0x21, 0x7F)) - frozenset(b"+=")  # octets that xtext leaves as they are (RFC 3461 §4)
GOODBYE_TIMEOUT = 5.0
BLOCK = 64 * 1024
MOST_SIZE_DIGITS = 20  # of the parameter of SIZE (RFC 1870 §3)

# RFC 4954 §4, §6: these codes refuse our login, not the letter. An operator can correct that, so the letter is deferred.
ABOUT_THE_LOGIN = frozenset({530, 534, 535, 538})

# RFC 5321 §4.1.2, RFC 6531 §3.3: an address that can stand in MAIL FROM:<…> and RCPT TO:<…> without ending the path early.
PATH = re.compile(
    r'(?:[^\s<>"\\@\x00-\x20\x7f-\x9f\ud800-\udfff]+'
    r'|"(?:[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\x20-\x7e])*")'
    r'@[^\s<>"\\@\x00-\x20\x7f-\x9f\ud800-\udfff]+'
)


class Fault(Exception):
    """The connection cannot be used any more.

    `uncertain`: the relay may have taken the letter. `ours`: the fault is not the relay's. `before_recipient`: the recipient had
    not been named yet.
    """

    def __init__(self, text: str, *, uncertain: bool = False, ours: bool = False, before_recipient: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.uncertain = uncertain
        self.ours = ours
        self.before_recipient = before_recipient


@dataclass(frozen=True, slots=True)
class LetterEnvelope:
    """The envelope of one letter (RFC 5321 §2.3.1). `id` comes back in delivery reports (RFC 3461 §4.4)."""

    reverse_path: str
    recipient: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`command` is for each command and each block of content; `final_dot` for a content with the reply to its final dot."""

    command: timedelta
    final_dot: timedelta


class Connection:
    """An open connection, after EHLO and login. After a `Fault` it can only be dropped."""

    def __init__(self, smtp: aiosmtplib.SMTP, timeouts: Timeouts) -> None:
        self._smtp = smtp
        self._timeouts = timeouts
        self.letters = 0  # sent over this connection
        self.idle_since = 0.0  # by the clock of the event loop

    @classmethod
    async def open(cls, smarthost: Smarthost, login: TokenLogin | None, hostname: str, timeouts: Timeouts) -> "Connection":
        """Connect, start TLS and log in, all within twice the timeout of a command. The certificate must name the host.
        Raise Fault.
        """
        smtp = aiosmtplib.SMTP(
            hostname=smarthost.host,
            port=smarthost.port,
            local_hostname=hostname,
            timeout=timeouts.command.total_seconds(),
            use_tls=smarthost.security is Security.TLS,
            start_tls=START_TLS[smarthost.security],
            tls_context=smarthost.tls,
            username=smarthost.user if smarthost.password else None,
            password=smarthost.password or None,
        )
        try:
            async with asyncio.timeout(OPENING * timeouts.command.total_seconds()):
                await smtp.connect()
                if smtp.is_ehlo_or_helo_needed:
                    await _greet(smtp)
                if login is not None:
                    await login.log_in(smtp.server_auth_methods, smtp.execute_command)
        except FAULTS as fault:
            smtp.close()
            raise Fault(fault_text(fault)) from fault
        except BaseException:
            smtp.close()
            raise
        return cls(smtp, timeouts)

    @property
    def usable(self) -> bool:
        """Whether the connection is still open."""
        return self._smtp.is_connected

    async def transfer(self, envelope: LetterEnvelope, content: bytes, claim_lasts: Callable[[timedelta], bool]) -> RelayReply:
        """Do one mail transaction with one recipient (RFC 5321 §3.3). Raise Fault."""
        self.letters += 1
        lines = with_crlf(content)
        envelope = self._sendable(envelope)
        utf8 = needs_smtputf8(envelope, lines)
        if unfit := self._unfit(envelope, utf8) or self._over_size(lines):
            return unfit
        try:
            reply = await self._command(
                b"MAIL", f"FROM:<{envelope.reverse_path}>".encode(), *self._mail_parameters(envelope, lines, utf8)
            )
            if reply.code // 100 != 2:
                return replace(refusal(reply), before_recipient=True)
        except Fault as fault:
            fault.before_recipient = True
            raise
        reply = await self._command(b"RCPT", f"TO:<{envelope.recipient}>".encode(), *self._rcpt_parameters(envelope, utf8))
        if reply.code // 100 != 2:
            return refusal(reply)
        if not claim_lasts(self._timeouts.command + self._timeouts.final_dot):
            raise Fault(CLAIM_RAN_OUT, ours=True)
        return await self._send_content(on_the_wire(lines), claim_lasts)

    async def reset(self) -> bool:
        """Empty the envelope before the next letter. False where the relay has gone."""
        try:
            return self.usable and (await self._command(b"RSET")).code == 250
        except Fault:
            return False

    async def goodbye(self) -> None:
        """Say QUIT and close the connection."""
        try:
            with suppress(*FAULTS):  # the connection is closed in any case
                await self._smtp.quit(timeout=GOODBYE_TIMEOUT)
        finally:
            self.drop()

    def drop(self) -> None:
        """Cut the connection without a further octet, so that half a letter can never be taken for a whole one."""
        transport = self._smtp.transport
        self._smtp.close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    def _sendable(self, envelope: LetterEnvelope) -> LetterEnvelope:
        """The envelope with A-labels where the relay has no SMTPUTF8, which helps where only the domain is not ASCII (RFC
        5891 §4.4, RFC 6531 §3.7.1).
        """
        if self._smtp.supports_extension("smtputf8"):
            return envelope
        return replace(envelope, recipient=in_a_labels(envelope.recipient), reverse_path=in_a_labels(envelope.reverse_path))

    def _unfit(self, envelope: LetterEnvelope, utf8: bool) -> RelayReply | None:
        """The refusal of a letter that cannot be sent over this connection at all (enhanced codes: RFC 3463, RFC 6531 §3.5)."""
        if not PATH.fullmatch(envelope.recipient):
            return RelayReply(553, "5.1.3 the recipient is not an address that SMTP can carry", permanent=True)
        if envelope.reverse_path and not PATH.fullmatch(envelope.reverse_path):
            return RelayReply(553, "5.1.7 the reverse-path is not an address that SMTP can carry", permanent=True)
        if utf8 and not self._smtp.supports_extension("smtputf8"):
            return RelayReply(553, "5.6.7 the relay does not take addresses outside ASCII (no SMTPUTF8)", permanent=True)
        return None

    def _over_size(self, lines: bytes) -> RelayReply | None:
        """The refusal of a letter that is larger than the relay says it takes (RFC 1870 §4; 0 stands for no limit)."""
        said = self._smtp.esmtp_extensions.get("size", "").split()
        most = int(said[0]) if said and said[0].isascii() and said[0].isdigit() and len(said[0]) <= MOST_SIZE_DIGITS else 0
        if not most or len(lines) <= most:
            return None
        text = f"5.3.4 the letter has {len(lines)} octets, and the relay takes {most} at most"
        return RelayReply(552, text, permanent=True, before_recipient=True)

    def _mail_parameters(self, envelope: LetterEnvelope, lines: bytes, utf8: bool) -> list[bytes]:
        """Parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461).

        Each is used only where the relay offers it and the letter needs it.
        """
        offered = self._smtp.supports_extension
        parameters = []
        if offered("size"):
            parameters.append(b"SIZE=%d" % len(lines))
        if offered("8bitmime") and not lines.isascii():
            parameters.append(b"BODY=8BITMIME")
        if utf8:
            parameters.append(b"SMTPUTF8")
        if self._wants_reports(envelope):
            parameters.append(b"RET=HDRS")
            if envelope.id:
                parameters.append(b"ENVID=" + xtext(envelope.id))
        return parameters

    def _rcpt_parameters(self, envelope: LetterEnvelope, utf8: bool) -> list[bytes]:
        """Parameters of RCPT: which delivery reports we want, and the original recipient (RFC 3461 §4.1, §4.2; RFC 6533 §3
        for UTF-8).
        """
        if not self._wants_reports(envelope):
            return []
        recipient = envelope.recipient
        original = b"rfc822;" + xtext(recipient) if recipient.isascii() else b"utf-8;" + utf8_xtext(recipient)
        return [b"NOTIFY=FAILURE,DELAY", b"ORCPT=" + original]

    def _wants_reports(self, envelope: LetterEnvelope) -> bool:
        """Whether to ask for delivery reports. With a null reverse-path nobody would receive them."""
        return bool(envelope.reverse_path) and self._smtp.supports_extension("dsn")

    async def _send_content(self, wire: bytes, claim_lasts: Callable[[timedelta], bool]) -> RelayReply:
        """DATA and everything after it. The last block has the final dot; a loss after that is uncertain.

        If this process was stopped for a while and the claim has run out, the content is left without a final dot: another
        node sends the letter.
        """
        reply = await self._command(b"DATA")
        if reply.code in range(400, 600):
            return refusal(reply)
        if reply.code != 354:
            raise Fault(one_line(f"answered {reply.code} to DATA"))
        *blocks, last = (wire[start : start + BLOCK] for start in range(0, len(wire), BLOCK))
        dot_sent = False
        try:
            async with asyncio.timeout(self._timeouts.final_dot.total_seconds()) as limit:
                for block in blocks:
                    await self._write(block)
                left = left_of(limit)
                if left <= timedelta() or not claim_lasts(left):
                    raise Fault(CLAIM_RAN_OUT, ours=True)
                dot_sent = True
                return reply_to_final_dot(await self._last_block(last))
        except FAULTS as fault:
            place = "after the final dot" if dot_sent else "in the middle of the content"
            raise Fault(f"{place}: {fault_text(fault)}", uncertain=dot_sent) from fault

    async def _write(self, block: bytes) -> None:
        """Write one block, and wait (at most the timeout of a command) while the relay does not read."""
        protocol = self._protocol()
        protocol.write(block)
        async with asyncio.timeout(self._timeouts.command.total_seconds()):
            await protocol._drain_helper()

    async def _last_block(self, block: bytes) -> aiosmtplib.SMTPResponse:
        protocol = self._protocol()
        protocol.write(block)
        return self._checked_reply(await protocol.read_response(timeout=None))

    async def _command(self, *words: bytes) -> aiosmtplib.SMTPResponse:
        try:
            return self._checked_reply(await self._smtp.execute_command(*words, timeout=self._timeouts.command.total_seconds()))
        except FAULTS as fault:
            raise Fault(fault_text(fault)) from fault

    def _checked_reply(self, reply: aiosmtplib.SMTPResponse) -> aiosmtplib.SMTPResponse:
        """The reply, if it came alone. A second reply that nobody asked for would be taken for the reply to the next
        command.
        """
        if self._smtp.protocol is not None and self._smtp.protocol._buffer:
            raise aiosmtplib.SMTPServerDisconnected("sent more replies than there were commands")
        if reply.code // 100 not in (2, 3, 4, 5):
            raise aiosmtplib.SMTPServerDisconnected(f"answered {reply.code}, which is no reply code")
        return reply

    def _protocol(self) -> SMTPProtocol:
        if self._smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return self._smtp.protocol


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO where the relay does not know that (RFC 5321 §3.2). Raise SMTPHeloError."""
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError as fault:
        if fault.code // 100 != 5 or not smtp.is_connected:
            raise
        await smtp.helo()


def left_of(limit: asyncio.Timeout) -> timedelta:
    """The time until the timeout expires."""
    return timedelta(seconds=(limit.when() or 0.0) - asyncio.get_running_loop().time())


def needs_smtputf8(envelope: LetterEnvelope, lines: bytes) -> bool:
    """Whether envelope or header are not ASCII (RFC 6531 §3.4, RFC 6532). An 8-bit body alone does not need SMTPUTF8."""
    if not (envelope.reverse_path.isascii() and envelope.recipient.isascii()):
        return True
    return not lines.isascii() and not lines.partition(b"\r\n\r\n")[0].isascii()


def in_a_labels(address: str) -> str:
    """The address with its domain in A-labels, where its local part is ASCII and its domain has such a form."""
    local_part, at, domain = address.rpartition("@")
    if domain.isascii() or not local_part.isascii():
        return address
    in_ascii = a_labels(domain)
    return f"{local_part}{at}{in_ascii}" if in_ascii else address


def xtext(text: str) -> bytes:
    """A text as xtext (RFC 3461 §4): printable ASCII, in which + and = are written as their codes."""
    return b"".join(b"%c" % octet if octet in PLAIN else b"+%02X" % octet for octet in text.encode("ascii", "replace"))


def utf8_xtext(text: str) -> bytes:
    """RFC 6533 §3, the form in ASCII: what xtext cannot write as it is stands as \\x{code point}."""
    return b"".join(
        b"%c" % ord(letter) if letter.isascii() and ord(letter) in PLAIN and letter != "\\" else b"\\x{%X}" % ord(letter)
        for letter in text
    )


def with_crlf(content: bytes) -> bytes:
    """The content with CRLF at the end of every line, and no CR or LF anywhere else (RFC 5321 §2.3.8)."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def on_the_wire(lines: bytes) -> bytes:
    """The content as DATA carries it: dots at the start of a line doubled, and a final dot (RFC 5321 §4.5.2)."""
    stuffed = lines.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n"


def refusal(reply: aiosmtplib.SMTPResponse) -> RelayReply:
    """The outcome for a letter that a 4yz or 5yz refuses. Raise Fault for any other code, which would break the protocol."""
    if reply.code // 100 not in (4, 5):
        raise Fault(one_line(f"answered {reply.code} out of turn"))
    return RelayReply(reply.code, one_line(reply.message), permanent=False if reply.code in ABOUT_THE_LOGIN else None)


def reply_to_final_dot(reply: aiosmtplib.SMTPResponse) -> RelayReply:
    """The outcome that follows from the reply to the final dot."""
    if reply.code // 100 == 2:
        return RelayReply(reply.code, one_line(reply.message))
    if reply.code // 100 == 3:
        raise aiosmtplib.SMTPServerDisconnected(f"answered {reply.code} to the final dot")
    return refusal(reply)


def fault_text(fault: BaseException) -> str:
    """A fault in one line, for the log and the operator."""
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return one_line(f"{fault.code} {fault.message}")
    if isinstance(fault, TimeoutError) and not str(fault):
        return "no answer in time"
    return one_line(str(fault)) or type(fault).__name__
