"""A session with a mailbox, cut at one octet and then at peace: every mail is in the books exactly once, whatever the octet was.

`make campaign`: `run(seed, count)` cuts `count` sessions, at octets drawn over the whole length of the session.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from support.servers.cutting_proxy import Plan, Proxy, proxy_to
from support.servers.dovecot import Dovecot, dovecot
from support.servers.mailbox_rig import MailboxRig, mail

from helpdesk.gateway.doors.mailbox import imap_session
from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

MAILS = [mail("one"), mail("two", "A line.\r\n" * 30), mail("three", ".\r\n..\r\nend")]
PIECE = 150  # octets, so that the second mail comes in pieces
WAYS = ("imap move", "imap delete", "imap flag", "pop3 delete", "pop3 keep")
NUMBERS = itertools.count(1)


class Broken(AssertionError):
    """A promise did not hold."""


@dataclass
class Cuts:
    """Servers, a proxy in front of each, and an empty database to be copied."""

    server: Dovecot
    imap: Proxy
    pop3: Proxy
    folder: Path
    lengths: dict[str, tuple[int, int]] = field(default_factory=dict)

    def length(self, way: str) -> tuple[int, int]:
        """How many octets a session at peace has, from the server and to it."""
        if way not in self.lengths:
            proxy = self.imap if way.startswith("imap") else self.pop3
            proxy.passed.clear()
            self.session(way, Plan())
            self.lengths[way] = proxy.passed[0][0], proxy.passed[0][1]
        return self.lengths[way]

    def session(self, way: str, plan: Plan) -> int:
        """One session by this plan, one at peace, and the count. How many mails the first one brought."""
        protocol, after = way.split()
        after = "move:Processed" if after == "move" else after
        user = f"cut{next(NUMBERS)}"
        self.server.put(user, *MAILS)
        folder = self.folder / user
        folder.mkdir()
        shutil.copy(self.folder / "template.db", folder / "desk.db")
        proxy = self.imap if protocol == "imap" else self.pop3
        database = Database(f"sqlite:///{folder / 'desk.db'}")
        rig = MailboxRig(folder, database, f"{protocol}://{user}@127.0.0.1:{proxy.port}", {"after": after, "timeout": "20s"})
        try:
            proxy.plan = plan
            with suppress(MailboxAway):
                whole_session(rig)
            brought = len(rig.stored())
            proxy.plan = Plan()
            whole_session(rig)
            self._count(rig, user, after, plan)
            return brought
        finally:
            database.close()
            shutil.rmtree(folder)
            shutil.rmtree(self.server.folder / "mail" / user, ignore_errors=True)

    def _count(self, rig: MailboxRig, user: str, after: str, plan: Plan) -> None:
        left = {"move:Processed": 0, "delete": 0}.get(after, len(MAILS))
        there, moved = self.server.contents(user), self.server.contents(user, "Processed")
        held = {
            "each mail is stored once": rig.stored() == MAILS,
            "the ledger has a line for each": [outcome for _, outcome in rig.ledger()] == ["stored"] * len(MAILS),
            "nothing is left to do": rig.unsettled() == 0,
            "the server holds what it should": len(there) == left,
            "moved mails are where they should be": moved == (MAILS if after == "move:Processed" else []),
        }
        for promise, kept in held.items():
            if not kept:
                raise Broken(f"{promise}: not with {plan} {after}: {rig.ledger('uid', 'outcome', 'reason')}, {len(there)} there")


def whole_session(rig: MailboxRig) -> None:
    """Log in, look, idle, look again, say goodbye."""
    watcher = rig.watcher(poll_every="1s")
    watcher.stop()  # a wait is over at once
    watcher._stopping.clear()
    watcher._lease()
    try:
        session = watcher._connect()
        try:
            watcher._look(session)
            if session.stays_open:
                session.wait(1, watcher._woken)
                watcher._lease()
                watcher._look(session)
        finally:
            session.close()
    finally:
        watcher._end_leases()
        watcher.join(0)


@contextmanager
def cuts() -> Iterator[Cuts]:
    """Everything that is needed to cut sessions."""
    folder, server, piece = Path(tempfile.mkdtemp(prefix="desk-cuts-")), dovecot(), imap_session.PIECE
    template = Database(f"sqlite:///{folder / 'template.db'}")
    migrate(template)
    template.close()
    imap_session.PIECE = PIECE
    try:
        server.start()
        with proxy_to(server.imap) as imap, proxy_to(server.pop3) as pop3:
            yield Cuts(server, imap, pop3, folder)
    finally:
        imap_session.PIECE = piece
        server.close()
        shutil.rmtree(folder)


def run(seed: int, count: int) -> str:
    """Cut `count` sessions, each anywhere."""
    random = Random(seed)

    def anywhere(rig: Cuts) -> Iterator[tuple[str, int]]:
        for _ in range(count):
            way = random.choice(WAYS)
            yield way, random.randrange(sum(rig.length(way)))

    return _cut(anywhere)


def run_every(seed: int, count: int) -> str:
    """Cut a session of each way at every octet, or at `count` of all octets at most."""

    def everywhere(rig: Cuts) -> Iterator[tuple[str, int]]:
        every = [(way, at) for way in WAYS for at in range(sum(rig.length(way)))]
        Random(seed).shuffle(every)
        yield from every[:count]

    return _cut(everywhere)


def _cut(places: Callable[[Cuts], Iterator[tuple[str, int]]]) -> str:
    done = fewer = 0
    with cuts() as rig:
        for way, at in places(rig):
            down, _ = rig.length(way)
            brought = rig.session(way, Plan(cut_down=at) if at < down else Plan(cut_up=at - down))
            done, fewer = done + 1, fewer + (brought < len(MAILS))
        lengths = {way: rig.lengths[way] for way in sorted(rig.lengths)}
    return f"{done} sessions cut, {fewer} of them before every mail was stored; octets of each session: {lengths}"
