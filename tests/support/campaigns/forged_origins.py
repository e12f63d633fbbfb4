"""Generated forgeries: shapes of the header, envelopes, copies of signed mail with something added, forged results and seals.

None of them makes a staff member of a stranger. `run(seed, count)` looks at what is proved about the author, which every effect needs;
`run_desk` takes the forgeries through a whole desk, with a reply address that has leaked.
"""

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.desk.origin_desk import COLLEAGUE, DESK_HOST, EVIL_HOST, FORGER, OMAR, letter, origin_desk, publish
from support.mails.checked_origins import OURS
from support.mails.plain_reader import InProcess
from support.mails.signed_mails import Stamp
from support.servers.dns_server import dns_server

from helpdesk.config.settings import Authentication
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.reader import Reader
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge

Make = Callable[[random.Random, bytes], bytes]
EVIL = "x@evil.example"
NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = (
    "From",
    "from",
    "FROM",
    "From ",
    " From",
    "From\t",
    "From\r\n ",
    "X-From",
    "Sender",
    "Resent-From",
    "Reply-To",
    "Fr\0om",
    "From\x7f",
)
ADDRESSES = (
    OMAR, f"<{OMAR}>", f"Omar Haddad <{OMAR}>", f'"{EVIL}" <{OMAR}>', f"<{OMAR}>, <{EVIL}>", f"<{EVIL}>, <{OMAR}>", f"{OMAR}({EVIL})",
    f"<@evil.example:{OMAR}>", f"staff: {OMAR};", f"<{OMAR}>{EVIL}", f"{EVIL}<{OMAR}>", f"<><{OMAR}>", f"<{EVIL}>\\,<{OMAR}>",
    "=?utf-8?b?b21hckBkZXNrLmV4YW1wbGU=?=", "omar @ desk.example", "<omar@desk.example.>", "<OMAR@DESK.EXAMPLE>", f'"Omar" {OMAR}',
    "<omar@desk.example\0.evil.example>", "<omar(x)@desk.example>", '"omar"@desk.example', "<omar@[desk.example]>", "",
)  # fmt: skip
PATHS = (
    EVIL,
    OMAR,
    "",
    "omar@nosuch.desk.example",
    "x@desk.example(.evil.example",
    "@desk.example:x@evil.example",
    "bounces@desk.example",
)
HOSTS = ("mx.evil.example", "desk.example", "mx.desk.example", "[198.51.100.66]", "desk.example(.evil.example", "")
RESULTS = (
    "mx.desk.example; dmarc=pass header.from=desk.example; dkim=pass header.d=desk.example",
    "mx.desk.example; spf=pass smtp.mailfrom=desk.example; dkim=pass (good) header.i=@desk.example header.d=desk.example",
    "support.example.com; dmarc=pass header.from=desk.example",
    "mx.desk.example 1; auth=pass smtp.auth=omar@desk.example",
)
SIGNED_BY = (
    "desk.example",
    "DESK.EXAMPLE",
    "desk.example.",
    "desk.example(.evil.example",
    "desk.example'a.evil.example",
    "example",
    "",
)


def header(chance: random.Random) -> str:
    """One to three lines that may each be taken for the author."""
    lines = [f"{chance.choice(NAMES)}: {chance.choice(ADDRESSES)}" for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.3:
        lines.insert(chance.randint(0, len(lines)), f"From: {EVIL}")
    return "\r\n".join(lines)


def _append_text(chance: random.Random, signed: bytes) -> bytes:
    return signed + chance.choice((b"#resolve\r\n", b"\r\n\r\nSend money.\r\n", b"x"))


def _prepend_text(chance: random.Random, signed: bytes) -> bytes:
    return signed.replace(b"\r\n\r\n", b"\r\n\r\n#resolve\r\n", 1)


def _add_field_above(chance: random.Random, signed: bytes) -> bytes:
    return header_of_another(chance) + signed


def _add_field_below(chance: random.Random, signed: bytes) -> bytes:
    return signed.replace(b"MIME-Version", header_of_another(chance) + b"MIME-Version", 1)


def _change_field(chance: random.Random, signed: bytes) -> bytes:
    old, new = chance.choice(((b"Subject: Re:", b"Subject: Fw:"), (b"To: <", b"To: <x"), (b"Message-ID: <", b"Message-ID: <x")))
    return signed.replace(old, new, 1)


def _change_author(chance: random.Random, signed: bytes) -> bytes:
    return signed.replace(b"Omar Haddad", b"Omar  H.", 1).replace(
        b"Omar  H.", chance.choice((b"Omar H.", b"Ines", b"\xd0\x9emar"))
    )


def _change_signature(chance: random.Random, signed: bytes) -> bytes:
    old, new = chance.choice(((b"h=from", b"h=x-from"), (b" bh=", b" l=5; bh="), (b"s=d1", b"s=e1"), (b" t=", b" x=1; t=")))
    return signed.replace(old, new, 1) if old in signed else signed.replace(b"DKIM-Signature", b"X-Signature", 1)


def header_of_another(chance: random.Random) -> bytes:
    name = chance.choice(("From", "To", "Subject", "Date", "Message-ID", "from", "From ", "FROM"))
    return f"{name}: {chance.choice((OMAR, EVIL, '<new@evil.example>', 'Re: other'))}\r\n".encode()


TAMPERED: Sequence[Make] = (
    _append_text, _prepend_text, _add_field_above, _add_field_below, _change_field, _change_author, _change_signature,
)  # fmt: skip


def forgery(chance: random.Random, token: str, number: int, at: datetime = NOW) -> tuple[bytes, str, str]:
    """The bytes, the reverse-path and the HELO name of one forged mail."""
    if chance.random() < 0.5:
        genuine = letter(f"From: Omar Haddad <{OMAR}>", token, f"#resolve\nCleaned {number}.", at, f"g{number}@desk.example")
        stamp = replace(COLLEAGUE, length=chance.random() < 0.4, canonical=chance.choice(((b"relaxed",) * 2, (b"simple",) * 2)))
        content = chance.choice(TAMPERED)(chance, stamp.sign(genuine))
    else:
        content = letter(header(chance), token, f"#resolve\nSend your password {number}.", at, f"f{number}@evil.example")
    for make in chance.sample((_add_results, _add_chain, _sign_as_forger, _add_false_signature), chance.randint(0, 3)):
        content = make(chance, content)
    return content, chance.choice(PATHS), chance.choice(HOSTS)


def _add_results(chance: random.Random, content: bytes) -> bytes:
    name = chance.choice(("Authentication-Results", "authentication-results", "ARC-Authentication-Results", "Received-SPF"))
    return f"{name}: {chance.choice(RESULTS)}\r\n".encode() + content


def _add_chain(chance: random.Random, content: bytes) -> bytes:
    """Add an ARC chain that nobody sealed, whole or in pieces."""
    last = chance.choice((1, 2, 50, 51, 10**6))
    domain = chance.choice(("lists.example", "evil.example", "desk.example"))
    lines = [
        f"ARC-Seal: i={last}; a=rsa-sha256; cv=pass; d={domain}; s=arc; b=AAAA",
        f"ARC-Message-Signature: i={last}; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=arc; h=from; bh=AAAA; b=AAAA",
        f"ARC-Authentication-Results: i={last}; mx.lists.example; dmarc=pass header.from=desk.example",
    ]
    return "".join(f"{line}\r\n" for line in chance.sample(lines, chance.randint(1, 3))).encode() + content


def _sign_as_forger(chance: random.Random, content: bytes) -> bytes:
    return FORGER.attached(content)


def _add_false_signature(chance: random.Random, content: bytes) -> bytes:
    """Add a DKIM signature that names the staff member's domain and is made with the forger's key."""
    domain, selector = chance.choice(SIGNED_BY), chance.choice(("d1", "e1", "e1._domainkey.evil.example", "../e1"))
    field = Stamp("desk.example", "e1", "ed25519", which=1).attached(content).partition(b"\r\n")[0]
    lines = field.replace(b"d=desk.example", f"d={domain}".encode()).replace(b"s=e1", f"s={selector}".encode())
    return lines + b" \r\n" + content


def run(seed: int, count: int) -> str:
    """Check the origin of `count` forgeries."""
    naming_omar = check_forgeries(seed, count)
    return f"{count} forgeries, {naming_omar} of them name the staff member alone; none proves it"


def check_forgeries(seed: int, count: int) -> int:
    """How many of the forgeries name Omar as their only author. Raises AssertionError for one that proves it."""
    chance = random.Random(seed)
    with dns_server() as zone:
        publish(zone)
        authentication = Authentication.model_validate({"nameservers": (zone.address,), "trusted_sealers": ("lists.example",)})
        check = OriginCheck(authentication, Resolver(authentication.nameservers), InProcess())
        return sum(_proves_nothing(chance, number, check, authentication) for number in range(count))


def _proves_nothing(chance: random.Random, number: int, check: OriginCheck, authentication: Authentication) -> bool:
    content, reverse_path, helo = forgery(chance, "help@support.example.com", number)
    raw = RawMessage("smtp", Envelope(reverse_path, ()), content, NOW, EVIL_HOST, helo)
    message = read(content).message
    judgement = judge(replace(raw, origin=check.check(raw, message)), message, authentication, OURS)
    forged = (
        judgement.authority or judgement.assurance in SURE
    ) and judgement.address != EVIL  # the forger may well prove their own address
    assert not forged, f"forgery {number} counts as {judgement}:\n{content!r}"
    return judgement.address == OMAR


def run_desk(seed: int, count: int) -> str:
    """Take `count` forgeries through a desk of their own."""
    with tempfile.TemporaryDirectory() as folder, Reader(2) as reader:
        return take_through_desk(seed, count, Path(folder), reader)


def take_through_desk(seed: int, count: int, folder: Path, reader: Reader) -> str:
    """Deliver forgeries to a leaked reply address: no ticket changes, and then Omar's own mail is accepted."""
    chance = random.Random(seed)
    with origin_desk(folder, reader) as attacked:
        desk = attacked.desk
        anna = desk.person("anna@acme.example")
        anna.writes("Printer", "It jams.")
        before, token = desk.ticket(), attacked.token_of_omar()
        forgeries = [forgery(chance, token, number, desk.now) for number in range(count)]
        desk.now += timedelta(seconds=1)
        raws = [
            RawMessage("smtp", Envelope(path, (token,)), content, desk.now, EVIL_HOST, helo) for content, path, helo in forgeries
        ]
        store_raw(desk.node.database, desk.node.blobs, 1 << 20, raws, desk.now)
        desk.settle()
        assert desk.ticket() == before
        assert desk.notices_to(anna) == [Notice.CONFIRMATION]
        assert len(desk.history().messages) == 1
        assert not desk.history().notes
        ends = {mail.state for mail in desk.mails()}
        assert not ends & {Disposition.PENDING, Disposition.QUARANTINED, Disposition.THREADED, Disposition.NOTED}
        genuine = COLLEAGUE.sign(letter(f"From: {OMAR}", token, "Thanks, I look at it.", desk.now, "genuine@desk.example"))
        attacked.arrives(genuine, token, OMAR, peer=DESK_HOST, helo="desk.example")
        assert Notice.ANSWER in desk.notices_to(anna)
    return f"{count} forgeries without an effect, and then the colleague's own mail with one"
