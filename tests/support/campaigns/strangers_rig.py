"""Strangers at the SMTP door: some guess a password without end, others take places and do nothing, and the door serves whom it knows.

Peers are addresses of 127.0.0.0/8, each a source of its own; one of them is a trusted relay.
"""

import base64
import smtplib
import socket
import ssl
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import cycle
from pathlib import Path
from random import Random
from threading import Event, Thread

import trustme
from support.campaigns.kill_rig import Gateway
from support.servers.peers import PATIENCE, free_ports

from helpdesk.gateway.doors.passwords import hash_password

RELAY, OWNER, TRAVELLER = "127.0.0.2", "127.0.0.77", "127.0.0.78"
OMAR, PASSWORD = "omar@desk.example", "correct horse"
SUPPORT = "help@support.example.com"
GUESSERS = 16  # sessions at once
IN_A_SESSION = 3  # guesses
OF_AN_ADDRESS = 20  # sessions at once, which is what the door allows
WITHIN = 1.0  # second: the login of somebody who has logged in from there before, on a machine that has nothing else to do, and
TIMES_ALONE = 4  # of the slowest login before the storm: what is left of that on a busy one
RARELY = 0.05  # the part of the guesses that may have been tried
CONFIG = """
[desk]
name = "Support"
domain = "support.example.com"
[[address]]
address = "{support}"
[database]
url = "sqlite:///helpdesk.db"
blobs = "blobs"
[smtp]
listen = "127.0.0.1:{port}"
certificate = "server.pem"
max_sessions = {most}
[relay]
url = "maildir:outgoing"
[authentication]
trusted_relays = ["{relay}/32"]
check = false
[[staff]]
name = "Omar Haddad"
address = "{omar}"
password = "{password}"
"""


@dataclass
class Storm:
    """What guessers were told, by code, and how long the owner's own logins took beside them."""

    codes: Counter[int] = field(default_factory=Counter)
    logins: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        return self.codes[535]

    def __str__(self) -> str:
        slowest = max(self.logins, default=0.0)
        told = ", ".join(f"{code}: {count}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.codes.total()} guesses in {self.seconds:.0f} s ({told}), {len(self.logins)} logins, slowest {slowest:.2f} s"
        )


def unverified() -> ssl.SSLContext:
    """TLS without a look at the certificate: guessers do not care."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def secured(port: int, source: str, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """A session under TLS, from a source address."""
    client = smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=PATIENCE, source_address=(source, 0))
    try:
        client.starttls(context=context)
        client.ehlo()
        yield client
    finally:
        client.close()


def login(port: int, source: str, context: ssl.SSLContext, password: str = PASSWORD, name: str = OMAR) -> int:
    """The code of one login."""
    with secured(port, source, context) as client:
        return attempt(client, password, name)


def attempt(client: smtplib.SMTP, password: str, name: str = OMAR) -> int:
    code, _ = client.docmd("AUTH", f"PLAIN {credentials(password, name)}")
    return code


def credentials(password: str, name: str = OMAR) -> str:
    return base64.b64encode(f"\0{name}\0{password}".encode()).decode()


def storm(port: int, sources: Sequence[str], count: int, owner: str = OWNER) -> Storm:
    """That many guesses at Omar's password, and Omar logging in from where they have logged in before, again and again."""
    found, context, done = Storm(), unverified(), Event()

    def guess() -> None:
        """Session after session, each from the next source; some wait for their turn, the others go on."""
        while found.codes.total() < count:
            with suppress(OSError, smtplib.SMTPException), secured(port, next(turns), context) as client:
                for number in range(IN_A_SESSION):
                    code = attempt(client, f"guess {number}")
                    found.codes[code] += 1
                    if code == 421:
                        break

    def log_in() -> None:
        while not done.is_set():
            begin = time.monotonic()
            code = login(port, owner, context)
            found.logins.append(time.monotonic() - begin)
            if code != 235:
                found.refused.append(code)
            done.wait(0.2)

    begin, turns, beside = time.monotonic(), cycle(sources), Thread(target=log_in)
    beside.start()
    guessers = [Thread(target=guess) for _ in range(GUESSERS)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    done.set()
    beside.join()
    found.seconds = time.monotonic() - begin
    return found


def addresses(count: int) -> list[str]:
    """Of strangers, none of them the relay's or the owner's."""
    return [f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(count)]


def stand_about(port: int, count: int, places: ExitStack) -> Counter[bytes]:
    """That many strangers connect and say nothing; what the door told them first, by code."""
    told: Counter[bytes] = Counter()
    for source in (address for address in addresses(-(-count // OF_AN_ADDRESS)) for _ in range(OF_AN_ADDRESS)):
        idle = places.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(source, 0)))
        with suppress(ConnectionError):
            told[idle.recv(3)] += 1
    return told


def deliver(port: int, source: str) -> float:
    """Seconds until a mail is stored. Raises where it is not."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@acme.example", SUPPORT, "Is anybody there?"
    mail.set_content("The printer jams.")
    begin = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="relay.test", timeout=PATIENCE, source_address=(source, 0)) as client:
        client.send_message(mail)
    return time.monotonic() - begin


@dataclass(frozen=True, slots=True)
class StormyNode:
    port: int
    folder: Path

    def events(self, name: str) -> list[str]:
        """Lines of its log."""
        return [line for line in (self.folder / "log").read_text().splitlines() if f" {name}" in line]


@contextmanager
def running_node(most: int = 500) -> Iterator[StormyNode]:
    """A node that strangers reach, with at most so many sessions."""
    with tempfile.TemporaryDirectory(prefix="desk-strangers-") as name, (Path(name) / "log").open("wb") as log:
        folder, (port,) = Path(name), free_ports(1)
        trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        values = {
            "support": SUPPORT,
            "port": port,
            "relay": RELAY,
            "omar": OMAR,
            "password": hash_password(PASSWORD),
            "most": most,
        }
        (folder / "helpdesk.toml").write_text(CONFIG.format(**values))
        secret = folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text("a " + "5e" * 32 + "\n")
        gateway = Gateway(folder / "helpdesk.toml", log)
        gateway.start()
        try:
            gateway.wait_until_ready()
            yield StormyNode(port, folder)
        finally:
            gateway.stop()


def run_guesses(seed: int, count: int) -> str:
    """`count` guesses from one address, then from a hundred. Raises AssertionError where Omar was shut out, or had to wait."""
    told = []
    for number in (1, 100):
        sources = addresses(number)
        Random(seed).shuffle(sources)
        with running_node() as node:
            port, alone = node.port, []
            for _ in range(5):
                begin = time.monotonic()
                assert login(port, OWNER, unverified()) == 235
                alone.append(time.monotonic() - begin)
            found = storm(port, sources, count)
            begin = time.monotonic()
            code = login(port, TRAVELLER, unverified())
            told.append(f"from {number}: {found}, alone {statistics.median(alone):.2f} s, {code} from elsewhere after it "
                        f"in {time.monotonic() - begin:.2f} s")  # fmt: skip
        assert not found.refused, f"Omar was told {found.refused}; {told}"
        assert found.tried <= max(count * RARELY, 30), f"too many guesses were tried; {told}"
        assert max(found.logins) <= max(WITHIN, TIMES_ALONE * max(alone)), f"Omar had to wait; {told}"
    return "; ".join(told)


def run_idle(seed: int, count: int) -> str:
    """`count` strangers who say nothing. Raises where the trusted relay is not served."""
    with running_node() as node, ExitStack() as places:
        told = stand_about(node.port, count, places)
        took = deliver(node.port, RELAY)
    codes = ", ".join(f"{code.decode()}: {number}" for code, number in sorted(told.items()))
    return f"{told.total()} strangers ({codes}), the relay's mail was stored in {took:.2f} s"
