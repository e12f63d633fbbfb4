"""A conversation over all doors at once, through real mail systems on both sides; every mail comes one to five times.

    direct    sender → SMTP door
    smtp      sender → Postfix, the desk's MX → SMTP door
    lmtp      sender → Postfix, the desk's MX → LMTP door
    pipe      sender → `helpdesk deliver`
    imap      sender → Postfix of a provider → mailbox of Dovecot → IMAP door
    pop3      sender → Postfix of a provider → mailbox of Dovecot → POP3 door
    platform  rows, as a platform writes them

Letters go by the desk's Postfix as smarthost to the provider's, into a mailbox, and people reply to what they find there. In the end
the letters are read from that mailbox by IMAP, what the two Postfixes have put on top is taken off, and the books are checked.
"""

import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from random import Random

from support.campaigns import kill_audit
from support.campaigns.kill_audit import Books, Mail
from support.campaigns.kill_rig import STAFF, Gateway, Letters, Platform, Writers
from support.desk.story import UNCAPPED, configured
from support.servers import dovecot as dovecot_support
from support.servers import postfix as postfix_support
from support.servers.dovecot import Dovecot, dovecot
from support.servers.milter import Milter
from support.servers.peers import Hang, missing, wait_for
from support.servers.postfix import PostOffice, post_office

DOORS = {"direct": 20, "smtp": 20, "lmtp": 20, "imap": 20, "pop3": 20, "pipe": 8}  # and how often
OBEYED = ("direct", "smtp", "lmtp")  # by the others nobody vouches for an author, and colleagues need that
ROWS = 0.1  # of all mails are rows of the platform
WINDOW = 24  # mails that are under way at once, all their copies in any order
SENDERS = 6
SLOW = 600.0  # seconds for a thousand mails to come to their end
LETTERS = "letters"
HOMES = {
    "imap@acme.example": "imap",
    "pop3@acme.example": "pop3",
    "@globex.example": LETTERS,
    "@desk.example": LETTERS,
    "@acme.example": LETTERS,
}
MAILBOXES = """
[lmtp]
listen = "unix:{socket}"
socket_mode = "666"
[[mailbox]]
name = "imap"
url = "imap://imap@127.0.0.1:{imap}"
password_file = "password"
after = "move:Processed"
start_at = "all"
poll_every = "1s"
[[mailbox]]
name = "pop3"
url = "pop3://pop3@127.0.0.1:{pop3}"
password_file = "password"
after = "delete"
start_at = "all"
poll_every = "1s"
"""
TRACE = (b"return-path:", b"x-original-to:", b"delivered-to:", b"received:")


@dataclass
class Conversed:
    """What a conversation was, and every promise that it found broken."""

    seconds: float = 0.0
    copies: Counter[str] = field(default_factory=Counter)
    figures: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        copies = ", ".join(f"{count} {door}" for door, count in sorted(self.copies.items()))
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        head = f"{self.copies.total()} copies ({copies}) in {self.seconds:.0f} s; {figures}"
        return "\n".join([head, *self.faults[:40]])


@dataclass
class World:
    """Two Postfixes, a Dovecot over the provider's mailboxes, and a running node between them."""

    folder: Path
    office: PostOffice
    mailboxes: Dovecot
    gateway: Gateway

    @property
    def database(self) -> Path:
        return self.folder / "helpdesk.db"

    @property
    def letters(self) -> Path:
        return self.office.outside.folder / "mailboxes" / LETTERS

    def bring(self, door: str, mail: Mail) -> None:
        """One copy, as far as its sender's part goes. Raises where it is not taken."""
        if door == "pipe":
            self._by_pipe(mail)
        elif door in ("imap", "pop3"):
            _by_smtp(self.office.outside_port, mail, f"{door}@acme.example")
        else:
            _by_smtp({"direct": self.office.gateway, "smtp": self.office.mx, "lmtp": self.office.by_lmtp}[door], mail, mail.to)

    def _by_pipe(self, mail: Mail) -> None:
        program = str(Path(sys.executable).with_name("helpdesk"))
        words = [program, "deliver", "--config", str(self.folder / "helpdesk.toml"), "--from", mail.sender, "--", mail.to]
        ended = subprocess.run(words, input=mail.content, capture_output=True, timeout=120, check=False)
        if ended.returncode:
            raise RuntimeError(f"helpdesk deliver: {ended.returncode} {ended.stderr.decode()}")

    def arrived(self) -> int:
        with closing(sqlite3.connect(self.database, timeout=60)) as connection:
            return int(connection.execute("SELECT count(*) FROM inbound").fetchone()[0])

    def at_rest(self, copies: int) -> bool:
        """Everything that was sent is in the books and decided, and no letter is under way."""
        queues = (self.office.front, self.office.outside)
        return self.arrived() >= copies and kill_audit.at_rest(self.database) and not any(queue.queued() for queue in queues)


def _by_smtp(port: int, mail: Mail, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=120) as client:
        client.sendmail(mail.sender, [to], mail.content)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Everything runs when the block begins; skips where a peer is not installed."""
    if postfix_support.POSTFIX is None:
        missing("postfix")
    if dovecot_support.DOVECOT is None or not dovecot_support.POP3.exists():
        missing("dovecot with pop3d")
    office = post_office(mailboxes=HOMES)
    milter = Milter(office.milter, "mx.support.example.com")
    mailboxes = dovecot()
    mailboxes.more = f"mail_location = maildir:{office.outside.folder}/mailboxes/%n"
    try:
        mailboxes.start()
        with (folder / "log").open("ab") as log:
            gateway = Gateway(_config(folder, office, mailboxes), log)
            try:
                gateway.start()
                gateway.wait_until_ready()
                yield World(folder, office, mailboxes, gateway)
            finally:
                gateway.kill()
    finally:
        mailboxes.close()
        milter.close()
        office.close()


def _config(folder: Path, office: PostOffice, mailboxes: Dovecot) -> Path:
    more = MAILBOXES.format(socket=office.socket, imap=mailboxes.imap, pop3=mailboxes.pop3)
    # All people write at once here, and each of them is meant to have an effect.
    config = configured(folder, relay=f"smtp://127.0.0.1:{office.smarthost}", more=more + UNCAPPED, stale_guard="off")
    config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{office.gateway}"))
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text("secret\n")
    return config


def converse(folder: Path, seed: int, count: int, progress: Callable[[str], None] = lambda line: None) -> Conversed:
    """`count` mails and rows in an empty folder; what became of them."""
    folder.mkdir(parents=True, exist_ok=True)
    done, random, books, begin = Conversed(), Random(seed), Books(), time.monotonic()
    with world(folder) as running:
        writers = Writers(Letters(running.letters))
        platform = Platform(running.database, writers, books)
        with ThreadPoolExecutor(SENDERS) as senders:
            for written in range(0, count, WINDOW):
                copies = _window(random, min(WINDOW, count - written), writers, platform, books)
                list(senders.map(lambda copy: _brought(running, books, *copy), copies))
                done.copies.update(door for door, _ in copies)
                progress(f"conversation: {written} of {count}, {time.monotonic() - begin:.0f} s")
        _come_to_rest(running, done)
        _fetch_letters(running)
    done.seconds = time.monotonic() - begin
    done.figures, broken = kill_audit.audit(running.database, folder / "outgoing", books)
    done.faults += [*broken, *_not_exact(count, books, done.figures)]
    done.copies["platform"] = len(books.replies)
    return done


def _window(random: Random, size: int, writers: Writers, platform: Platform, books: Books) -> list[tuple[str, Mail]]:
    """Some rows of the platform at once, and the copies of some mails, shuffled."""
    copies: list[tuple[str, Mail]] = []
    for _ in range(size):
        if random.random() < ROWS:
            platform.write(random)
            continue
        mail = writers.mail(random)
        # Mail systems add a date where there is none, each its own: only with its author's is a copy a copy.
        mail.content = f"Date: {formatdate()}\r\n".encode() + mail.content
        books.open(mail)
        doors = {name: often for name, often in DOORS.items() if mail.sender not in STAFF or name in OBEYED}
        chosen = random.choices(list(doors), list(doors.values()), k=random.randint(1, 5))
        copies += [(door, mail) for door in chosen]
    random.shuffle(copies)
    return copies


def _brought(running: World, books: Books, door: str, mail: Mail) -> None:
    running.bring(door, mail)
    books.transmitted(mail, acknowledged=True)


def _come_to_rest(running: World, done: Conversed) -> None:
    copies = done.copies.total()
    try:
        wait_for(
            lambda: running.at_rest(copies), lambda: f"all {copies} copies, {running.arrived()} so far, and letters", SLOW, 0.2
        )
    except Hang as hang:
        done.faults.append(str(hang))
    for user, folder in (("imap", "INBOX"), ("pop3", "INBOX")):
        if left := running.mailboxes.count(user, "ALL", folder):
            done.faults.append(f"{left} mails are left in the mailbox {user}")
    if code := running.gateway.stop():
        done.faults.append(f"SIGTERM ended the node with {code}")


def _fetch_letters(running: World) -> None:
    """What people have in their mailbox, by IMAP, as it was before the mail systems on its way put their fields on top."""
    new = running.folder / "outgoing" / "new"
    new.mkdir(parents=True)
    for number, content in enumerate(running.mailboxes.contents(LETTERS)):
        (new / str(number)).write_bytes(_as_sent(content))


def _as_sent(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    first = 0
    while lines[first].lower().startswith(TRACE) or lines[first][:1] in (b" ", b"\t"):
        first += 1
    return b"".join(lines[first:])


def _not_exact(count: int, books: Books, figures: dict[str, int]) -> Sequence[str]:
    """Nothing here is refused or given up: as many effects as mails and rows."""
    effects = sum(figures.get(f"inbound {state}", 0) for state in kill_audit.EFFECTS) + len(books.replies)
    refused = figures.get("inbound refused", 0)
    arrivals = sum(number for name, number in figures.items() if name.startswith("inbound "))
    told = []
    if effects + refused != count:
        told.append(f"{effects} effects and {refused} refused commands of {count}")
    if arrivals != figures["transmissions"]:
        told.append(f"{arrivals} arrivals of {figures['transmissions']} copies")
    return told


def run_all_doors(seed: int, count: int) -> str:
    """A conversation of `count` mails and rows; its report. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-conversation-"))
    done = converse(folder, seed, count, lambda line: print(line, flush=True))
    assert not done.faults, f"{done}\nleft in {folder}"
    return str(done)
