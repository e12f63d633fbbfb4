"""Lives of a mailbox: whatever happens to it, in whatever order, every mail of it is stored exactly once.

A server in memory delivers, loses, renumbers and refuses mails, and breaks off at any call; nodes look, die and take over from each other.
Then the faults end, and the ledger is compared with what was ever delivered. `run(seed, count)` plays `count` such lives.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select
from support.servers.mailbox_rig import mail

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.look import MailboxLedger
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble, MailDescription, OpenFolder, StepRefused
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database, DatabaseAway, StaleTicket
from helpdesk.store.mailboxes import LeaseLost
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import inbound, mailbox_folder, mailbox_mail

FAULTS = (MailboxAway, LeaseLost, StaleTicket, DatabaseAway, StepRefused)
STEPS = (
    "deliver",
    "deliver",
    "deliver",
    "look",
    "look",
    "look",
    "renumber",
    "expunge",
    "die",
    "time",
    "reconcile",
    "hide",
    "forget",
)


@dataclass
class Server:
    """A folder of an IMAP server. `trouble` is the chance of a fault at each call; `hidden` mails are not listed yet, as some servers do."""

    random: Random
    after: str
    mails: dict[int, bytes] = field(default_factory=dict)
    moved: list[bytes] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    validity: int = 1
    next_uid: int = 1
    trouble: float = 0.0

    def deliver(self, content: bytes) -> None:
        self.mails[self.next_uid] = content
        self.next_uid += self.random.choice((1, 1, 3))

    def renumber(self) -> None:
        """The same mails under other numbers."""
        self.validity += 1
        kept = list(self.mails.values())
        self.mails, self.next_uid = {}, self.random.randrange(1, 9)
        for content in kept:
            self.deliver(content)
        self.hidden.clear()

    def fail(self) -> None:
        if self.random.random() < self.trouble:
            raise self.random.choice(
                (
                    MailboxAway(MailboxTrouble.AWAY, "broke off"),
                    MailboxAway(MailboxTrouble.BUSY, "busy"),
                    StepRefused("[OVERQUOTA] full"),
                )
            )


@dataclass
class ModelSession:
    """A login at a `Server`: it may fail before or after anything it does."""

    server: Server
    door = "imap"
    numbers_grow = True
    stays_open = True

    def open(self, folder: str, *, read_only: bool) -> OpenFolder:
        self.server.fail()
        return OpenFolder(self.server.validity, self.server.next_uid, len(self.server.mails))

    def uids_after(self, last: int) -> list[str]:
        self.server.fail()
        return [str(uid) for uid in sorted(self.server.mails) if uid > last and uid not in self.server.hidden]

    def describe(self, uids: Sequence[str]) -> dict[str, MailDescription]:
        self.server.fail()
        there = [uid for uid in uids if int(uid) in self.server.mails]
        return {uid: MailDescription(len(self.server.mails[int(uid)]), None) for uid in there}

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        between()
        self.server.fail()
        return self.server.mails.get(int(uid))

    def beginning(self, uid: str, octets: int) -> bytes | None:
        self.server.fail()
        return self.server.mails.get(int(uid), b"")[:octets] or None

    def settle(self, uids: Sequence[str], after: str) -> None:
        self.server.fail()
        for uid in uids:
            if after != "flag" and int(uid) in self.server.mails:
                self.server.moved.append(self.server.mails.pop(int(uid)))
        self.server.fail()

    def wait(self, seconds: float, woken: int) -> None:
        self.server.fail()

    def cut(self) -> None: ...

    def close(self) -> None: ...


class Life:
    """One mailbox from its first look to its last."""

    def __init__(self, seed: int, folder: Path, template: Path) -> None:
        self.random = Random(seed)
        self.folder = folder
        shutil.copy(template, folder / f"{seed}.db")
        self.database = Database(f"sqlite:///{folder / f'{seed}.db'}")
        self.after = self.random.choice(("move:Processed", "delete", "flag", "keep"))
        self.server = Server(self.random, self.after)
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.delivered: list[bytes] = []
        self.lost: set[bytes] = set()  # deleted by somebody else before we saw them, perhaps
        self.steps: list[str] = []
        self.node = self.watcher()

    def watcher(self) -> Watcher:
        mailbox = MailboxSettings.model_validate(
            {"name": "m", "url": "imaps://a@b.example", "password_file": "p", "after": self.after, "start_at": "all"}
        )
        books = MailboxLedger(self.database, BlobFolder(self.folder / "blobs"), 65536, lambda: self.now)
        return Watcher(mailbox, lambda: ModelSession(self.server), books, 10_000, lambda: None)

    def play(self) -> None:
        try:
            for _ in range(self.random.randrange(5, 25)):
                step = self.random.choice(STEPS)
                self.steps.append(step)
                self.server.trouble = self.random.choice((0.0, 0.1, 0.3))
                getattr(self, f"do_{step}")()
            self.peace()
            self.compare()
        finally:
            self.node.close()
            self.database.close()

    def do_deliver(self) -> None:
        for _ in range(self.random.choice((1, 1, 2, 60))):
            content = mail(f"n{len(self.delivered)}")
            self.delivered.append(content)
            self.server.deliver(content)

    def do_look(self, *, reconcile: bool = False) -> None:
        try:
            self.node.look_once(reconcile=reconcile)
        except FAULTS:
            self.now += timedelta(minutes=self.random.choice((0, 3)))

    def do_reconcile(self) -> None:
        self.do_look(reconcile=True)

    def do_renumber(self) -> None:
        self.server.renumber()

    def do_expunge(self) -> None:
        """Somebody else deletes a mail; whether we had it by then is chance."""
        if self.server.mails:
            self.lost.add(self.server.mails.pop(self.random.choice(sorted(self.server.mails))))

    def do_die(self) -> None:
        """The node is gone, and its lease is not given back."""
        self.node._leases.clear()
        self.node.close()
        self.node = self.watcher()

    def do_time(self) -> None:
        self.now += timedelta(minutes=self.random.choice((1, 5, 2000)))

    def do_hide(self) -> None:
        """The newest mail has its number, and is listed only after younger ones."""
        if self.server.mails:
            self.server.hidden.add(max(self.server.mails))

    def do_forget(self) -> None:
        """Nothing: most of what happens in a mailbox is nothing."""

    def peace(self) -> None:
        """End all faults, and let the node look until it must have everything."""
        self.server.trouble = 0.0
        self.server.hidden.clear()
        for _ in range(4):
            self.now += timedelta(hours=2)
            self.node.look_once(reconcile=True)

    def compare(self) -> None:
        """Raises AssertionError for a mail that is stored twice, missing, not settled, or left on the server."""
        with self.database.reading() as connection:
            stored = [bytes(content) for content in connection.execute(select(inbound.c.content)).scalars()]
            unsettled = connection.execute(
                select(mailbox_mail.c.uid)
                .join(mailbox_folder, mailbox_folder.c.validity == mailbox_mail.c.validity)
                .where(mailbox_mail.c.settled_at.is_(None))
            ).all()
        twice = [content for content in set(stored) if stored.count(content) > 1]
        missing = [content for content in self.delivered if content not in stored and content not in self.lost]
        assert not twice, f"{len(twice)} twice: {self.steps}"
        assert not missing, f"{len(missing)} missing: {self.steps}"
        assert not unsettled, f"{len(unsettled)} unsettled: {self.steps}"
        if self.after in ("move:Processed", "delete"):
            assert not self.server.mails, f"left on the server: {self.steps}"


def run(seed: int, count: int) -> str:
    """Play `count` lives on copies of one empty database."""
    folder = Path(tempfile.mkdtemp(prefix="desk-mailbox-model-"))
    try:
        template = Database(f"sqlite:///{folder / 'template.db'}")
        migrate(template)
        template.close()
        mails = 0
        for number in range(count):
            life = Life(seed * 1_000_000 + number, folder, folder / "template.db")
            life.play()
            mails += len(life.delivered)
            for path in folder.glob(f"{seed * 1_000_000 + number}.db*"):
                path.unlink()
    finally:
        shutil.rmtree(folder)
    return f"{count} lives of a mailbox, {mails} mails, each stored once"
