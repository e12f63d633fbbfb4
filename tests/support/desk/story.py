"""A desk to tell stories about: people write and reply with ordinary mail, and the clock is the story's own.

Two ways in: `Direct` puts mail into the store as a door does, `Wire` speaks SMTP with a running node on 127.0.0.1. Everything behind
is the real gateway: reader processes, SQLite, letters, a Maildir as relay.
"""

import asyncio
import smtplib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import format_datetime, make_msgid
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from sqlalchemy import insert

from helpdesk.config.load import load
from helpdesk.gateway.node.node import Node, number_inbox, tick
from helpdesk.gateway.node.one_process import serve
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import Database
from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.inbound import InboundMail, find_inbound, list_inbound, store_raw
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import OutboxLetter, list_letters
from helpdesk.store.platform import InboxMessage, list_inbox
from helpdesk.store.schema import platform_attachment, platform_reply
from helpdesk.store.tickets import list_tickets
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.ticket import Ticket

SUPPORT = "help@support.example.com"
CONFIG = """
[desk]
name = "Accoraze Support"
prefix = "ACZ"
domain = "support.example.com"
[[address]]
address = "help@support.example.com"
[[address]]
address = "billing@support.example.com"
queue = "billing"
[database]
url = "{database}"
blobs = "blobs"
[smtp]
listen = "127.0.0.1:0"
[relay]
url = "{relay}"
[answering]
undo_window = "{undo_window}"
stale_guard = "{stale_guard}"
digest_at = "{digest_at}"
[authentication]
assume_from = ["127.0.0.1/32"]
[[staff]]
name = "Omar Haddad"
address = "omar@desk.example"
[[staff]]
name = "Bela Kovacs"
address = "bela@desk.example"
queues = ["billing"]
[[staff]]
name = "Ines Duarte"
address = "ines@desk.example"
role = "senior"
[[account]]
id = "acme"
plan = "business"
contacts = ["anna@acme.example", "paul@acme.example"]
[[account]]
id = "globex"
plan = "starter"
domains = ["globex.example"]
{more}
"""
# For rigs whose few customers write more than people do: no automatic letter is withheld.
UNCAPPED = """
[automatic]
address_hour = 1000000
address_day = 1000000
domain_hour = 1000000
unsure_confirmations_hour = 1000000
unsure_address_day = 1000000
unsure_domain_hour = 1000000
desk_minute = 1000000
desk_hour = 1000000
held_hour = 1000000
loop_letters = 1000000
"""
# What a mail client makes of a mail that Carla wrote to Omar himself.
NO_FILES: Mapping[str, bytes | None] = {}
FORWARDED = """{comment}

---------- Forwarded message ---------
From: Carla Rossi <carla@globex.example>
Date: Mon, 23 Nov 2026 at 08:12
Subject: Scanner
To: Omar Haddad <omar@desk.example>


My scanner blinks red.
"""
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Received:
    """A letter as its reader's mail client has it."""

    message: EmailMessage
    notice: Notice

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        return str(body.get_content()) if body is not None else ""

    @property
    def files(self) -> dict[str, bytes]:
        return {str(part.get_filename()): part.get_content() for part in self.message.iter_attachments()}

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))


@dataclass
class StoryDesk:
    """One desk with its clock. `deliver` is the way in."""

    node: Node
    now: datetime = MONDAY
    deliver: Callable[[str, list[str], bytes, str], None] = lambda *_: None
    people: dict[str, "Person"] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.node.database

    def person(self, address: str, name: str = "") -> "Person":
        known = self.people.get(address)
        if known is None:
            known = self.people[address] = Person(self, address, name or address.partition("@")[0].title())
        return known

    def passes(self, **span: float) -> None:
        """Time goes by, and whatever came due has happened."""
        self.now += timedelta(**span)
        self.settle()

    def settle(self) -> None:
        asyncio.run(tick(self.node))

    def ticket(self, place: int = 1) -> Ticket:
        """The first ticket, the second, …"""
        return self.tickets()[place - 1]

    def tickets(self) -> list[Ticket]:
        with self.database.reading() as connection:
            return [row.ticket for row in reversed(list_tickets(connection, limit=10_000))]

    def history(self, place: int = 1) -> TicketHistory:
        with self.database.reading() as connection:
            found = ticket_history(connection, self.ticket(place).reference)
        assert found is not None
        return found

    def mails(self) -> list[InboundMail]:
        with self.database.reading() as connection:
            return list_inbound(connection, limit=10_000)

    def why(self, message_id: str) -> InboundMail:
        with self.database.reading() as connection:
            found = find_inbound(connection, message_id)
        assert len(found) == 1
        return found[0]

    def inbox(self, account_id: str | None = None, thread_key: str | None = None) -> list[InboxMessage]:
        number_inbox(self.database)
        with self.database.reading() as connection:
            return list_inbox(connection, account_id, thread_key=thread_key, limit=10_000)

    def notices_to(self, person: "Person") -> list[Notice]:
        with self.database.reading() as connection:
            letters = [letter for letter in reversed(list_letters(connection, limit=10_000)) if letter.to == person.address]
        return [Notice(letter.notice) for letter in letters]

    def writes_in_platform(
        self,
        account: str,
        contact: str,
        text: str,
        thread_key: str | None = None,
        files: Mapping[str, bytes | None] = NO_FILES,
        html: str | None = None,
        **columns: str,
    ) -> int:
        """A row as the platform writes it, and rows for its files; None for a file without content."""
        self.now += timedelta(seconds=1)
        row = {
            "account_id": account,
            "contact_address": contact,
            "body_text": text,
            "body_html": html,
            "thread_key": thread_key,
            "created_at": self.now,
            **columns,
        }
        with self.database.writing() as connection:
            key = connection.execute(insert(platform_reply).values(**row)).inserted_primary_key
            assert key is not None
            for name, content in files.items():
                file = {"id": f"{key[0]}/{name}", "reply_id": key[0], "filename": name, "content": content}
                connection.execute(insert(platform_attachment).values(**file))
        self.settle()
        return int(key[0])


@dataclass
class Person:
    """A customer or staff member with an ordinary mail client."""

    desk: StoryDesk
    address: str
    name: str
    sent: list[str] = field(default_factory=list)
    reads_at: str = ""  # where their letters come, if that is not the address from which they write

    def at(self, address: str) -> "Person":
        """The same person who writes from another address and reads the same letters."""
        return Person(self.desk, address, self.name, self.sent, self.address)

    def writes(self, subject: str, text: str, to: str = SUPPORT, **options: object) -> str:
        """A new mail; its Message-ID."""
        return self._send(self._message(subject, text, [to], **options), [to])

    def replies(self, notice: Notice | str, text: str, *, quote: bool = True, **options: object) -> str:
        """A reply to the newest letter of that notice, quoted below as clients do."""
        letter = self.letter(notice)
        to = letter.header("Reply-To") or letter.header("From")
        body = text + (self._quote(letter) if quote else "")
        subject = letter.header("Subject")
        message = self._message(subject if subject.startswith("Re:") else f"Re: {subject}", body, [to], **options)
        parent = letter.header("Message-ID")
        message["In-Reply-To"] = parent
        message["References"] = f"{letter.header('References')} {parent}".strip()
        address = to.rpartition("<")[2].rstrip(">")
        return self._send(message, [address])

    def letter(self, notice: Notice | str) -> Received:
        """The newest letter of that notice."""
        rows = self._sent_to_them()
        found = [row for row in rows if row.notice == notice]
        assert found, f"{self.address} has no letter {notice}, only {[row.notice for row in rows]}"
        return Received(_parse_letter(_maildir(self.desk.node)[found[-1].message_id]), Notice(found[-1].notice))

    def letters(self) -> list[Received]:
        """What lies in the Maildir for this address, oldest first."""
        rows = self._sent_to_them()
        in_maildir = _maildir(self.desk.node) if rows else {}
        return [Received(_parse_letter(in_maildir[row.message_id]), Notice(row.notice)) for row in rows]

    def _sent_to_them(self) -> list[OutboxLetter]:
        """The letters that were sent to this address, oldest first."""
        with self.desk.database.reading() as connection:
            letters = list_letters(connection, limit=10_000)
        mine = [letter for letter in letters if letter.to == (self.reads_at or self.address) and letter.state == "sent"]
        return sorted(mine, key=lambda letter: letter.id)

    def mail(self, content: bytes, to: list[str], reverse_path: str | None = None) -> None:
        """Bytes as they are."""
        self.desk.now += timedelta(seconds=1)
        self.desk.deliver(self.address if reverse_path is None else reverse_path, to, content, "127.0.0.1")
        self.desk.settle()

    def _message(self, subject: str, text: str, to: list[str], **options: object) -> EmailMessage:
        message = EmailMessage()
        message["From"] = f"{self.name} <{self.address}>"
        message["To"] = ", ".join(to)
        if options.get("cc"):
            message["Cc"] = str(options["cc"])
        message["Subject"] = subject
        message["Date"] = format_datetime(self.desk.now)
        message["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        for name, value in dict(options.get("headers") or {}).items():  # type: ignore[call-overload]
            message[name] = value
        message.set_content(text)
        if options.get("html"):
            if not text:
                message.set_content(str(options["html"]), subtype="html")
            else:
                message.add_alternative(str(options["html"]), subtype="html")
        shown = [*dict(options.get("pasted") or {}).items(), *dict(options.get("logo") or {}).items()]  # type: ignore[call-overload]
        if shown:
            self._add_html(message, text, dict(options.get("pasted") or {}), shown)  # type: ignore[call-overload]
        for filename, content in dict(options.get("files") or {}).items():  # type: ignore[call-overload]
            message.add_attachment(content, maintype="application", subtype="pdf", filename=filename)
        for filename, content in dict(options.get("images") or {}).items():  # type: ignore[call-overload]
            message.add_attachment(
                content, maintype="image", subtype="png", filename=filename, disposition=options.get("shown", "inline")
            )
        message["X-Story-Peer"] = str(options.get("peer", "127.0.0.1"))
        return message

    def _add_html(self, message: EmailMessage, text: str, pasted: dict[str, bytes], shown: list[tuple[str, bytes]]) -> None:
        """The text as HTML, with pasted pictures below its first line, and all others in a signature at the end."""
        first, *rest = (escape(line) for line in text.split("\n"))
        picture = '<img src="cid:{}@story">'.format
        own = "".join(picture(place) for place in range(len(pasted)))
        logos = "".join(picture(place) for place in range(len(pasted), len(shown)))
        signature = f'<div class="moz-signature">-- <br>{escape(self.name)}<br>{logos}</div>' if logos else ""
        message.add_alternative(f"<div>{first}</div>{own}<div>{'<br>'.join(rest)}</div>{signature}", subtype="html")
        [_, page] = message.iter_parts()
        for place, (filename, content) in enumerate(shown):
            page.add_related(content, "image", "png", cid=f"<{place}@story>", filename=filename, disposition="inline")

    def _send(self, message: EmailMessage, to: list[str]) -> str:
        peer = str(message["X-Story-Peer"])
        del message["X-Story-Peer"]
        self.desk.now += timedelta(seconds=1)
        self.desk.deliver(self.address, to, message.as_bytes(policy=policy.SMTP), peer)
        self.desk.settle()
        message_id = str(message["Message-ID"]).strip("<>")
        self.sent.append(message_id)
        return message_id

    def _quote(self, letter: Received) -> str:
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        return f"\n\nOn {self.desk.now:%a, %d %b %Y at %H:%M}, {letter.header('From')} wrote:\n{quoted}\n"


def configured(
    folder: Path,
    database: str = "sqlite:///helpdesk.db",
    relay: str = "maildir:outgoing",
    more: str = "",
    undo_window: str = "0s",
    stale_guard: str = "anyone",
    digest_at: str = "",
) -> Path:
    """A folder with configuration and secret, as `helpdesk init` leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "helpdesk.toml").write_text(
        CONFIG.format(
            database=database, relay=relay, more=more, undo_window=undo_window, digest_at=digest_at, stale_guard=stale_guard
        )
    )
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text("a " + "5e" * 32 + "\n")
    return folder / "helpdesk.toml"


def _desk(config: Path, reader: MailReader) -> StoryDesk:
    """A desk whose node is prepared and has not begun."""
    desk = StoryDesk.__new__(StoryDesk)
    configuration = load(config, {})
    _, is_sqlite, file = configuration.settings.database.url.partition("sqlite:///")
    if is_sqlite and not Path(file).exists():
        Path(file).write_bytes(_empty_database())
    StoryDesk.__init__(desk, Node(configuration, lambda: desk.now, reader))
    desk.node.prepare()
    return desk


@cache
def _empty_database() -> bytes:
    """A file of the present schema; to make one for each story would take longer than most of them."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        migrate(database)
        database.close()
        return Path(folder, "empty.db").read_bytes()


@contextmanager
def direct_desk(config: Path, reader: MailReader) -> Iterator[StoryDesk]:
    """Mail goes straight into the store."""
    desk = _desk(config, reader)
    node = desk.node

    def deliver(reverse_path: str, to: list[str], content: bytes, peer: str) -> None:
        raw = RawMessage("smtp", Envelope(reverse_path, tuple(to)), content, desk.now, peer)
        settings = node.configuration.settings.database
        store_raw(node.database, node.blobs, settings.blob_threshold, [raw], desk.now)

    desk.deliver = deliver
    try:
        yield desk
    finally:
        node.close()


@contextmanager
def wired_desk(config: Path, reader: MailReader) -> Iterator[StoryDesk]:
    """Mail goes through the SMTP door of a running node; whatever it began has ended before the story goes on."""
    desk = _desk(config, reader)
    node = desk.node
    ready: Future[int] = Future()
    with _running(node, ready) as loop:
        port = ready.result(timeout=60)

        def deliver(reverse_path: str, to: list[str], content: bytes, peer: str) -> None:
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
                client.sendmail(reverse_path, to, content)

        def settle() -> None:
            node.worker.work()
            while _letters_due(desk):
                asyncio.run_coroutine_threadsafe(node.sender.send_due(), loop).result(timeout=60)

        desk.deliver = deliver
        desk.settle = settle  # type: ignore[method-assign]
        yield desk
    node.close()


@contextmanager
def _running(node: Node, ready: "Future[int]") -> Iterator[asyncio.AbstractEventLoop]:
    loops: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    ended = Event()

    async def run() -> None:
        stop = asyncio.Event()
        loops.set_result((asyncio.get_running_loop(), stop))
        try:
            await serve(node, lambda doors: ready.set_result(int(doors[0].rpartition(":")[2])), stop)
        except BaseException as fault:
            if not ready.done():
                ready.set_exception(fault)
            raise
        finally:
            ended.set()

    thread = Thread(target=lambda: asyncio.run(run()), name="node")
    thread.start()
    loop, stop = loops.result(timeout=60)
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        assert ended.wait(60)
        thread.join(60)


def _letters_due(desk: StoryDesk) -> bool:
    with desk.database.reading() as connection:
        letters = list_letters(connection, limit=10_000)
    return any(
        letter.state in ("queued", "sending", "deferred")
        and letter.next_attempt_at is not None
        and letter.next_attempt_at <= desk.now
        for letter in letters
    ) or any(letter.state == "sending" for letter in letters)


def _maildir(node: Node) -> dict[str, Path]:
    """The files of the relay's Maildir by the Message-ID of the letter inside."""
    folder = Path(node.configuration.settings.relay.url.removeprefix("maildir:"))
    return {_message_id(path): path for path in sorted((folder / "new").iterdir())}


# A letter's file never changes: its name follows from its content.
@cache
def _message_id(path: Path) -> str:
    with path.open("rb") as letter:
        return str(BytesHeaderParser(policy=policy.default).parse(letter)["Message-ID"]).strip("<>")


@lru_cache(1000)
def _parse_letter(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
