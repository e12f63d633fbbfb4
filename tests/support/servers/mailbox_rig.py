"""A mailbox as the desk reads it: a watcher with books of its own, and what it has brought."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.connect import connector
from helpdesk.gateway.doors.mailbox.login import Tokens
from helpdesk.gateway.doors.mailbox.look import MailboxLedger
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database
from helpdesk.store.schema import inbound, mailbox_mail

SUPPORT = "help@support.example.com"


def mail(subject: str, body: str = "The page says locked.", **fields: str) -> bytes:
    named = {"From": "anna@acme.example", "To": SUPPORT, "Subject": subject, "Message-ID": f"<{subject}@acme.example>"}
    header = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (named | fields).items() if value)
    return f"{header}\r\n{body}\r\n".encode()


class Ahead:
    """The present time, moved on by hand."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class MailboxRig:
    """`url` is the mailbox's; whatever else `options` say goes into its configuration."""

    folder: Path
    database: Database
    url: str
    options: dict[str, object] = field(default_factory=dict)
    clock: Ahead = field(default_factory=Ahead)
    limit: int = 25 * 1024 * 1024
    tokens: Tokens | None = None
    name: str = "support"
    trouble: Callable[[], str | None] = lambda: None
    failed: Callable[[Exception], None] = lambda fault: None

    def watcher(self, on_stored: Callable[[], None] = lambda: None, /, **options: object) -> Watcher:
        password = self.folder / "password"
        password.write_text("secret\n")
        said = {"start_at": "all", "password_file": str(password), "timeout": "10s", **self.options, **options}
        mailbox = MailboxSettings.model_validate({"name": self.name, "url": self.url, **said})
        books = MailboxLedger(self.database, BlobFolder(self.folder / "blobs"), 65536, self.clock, self.trouble, self.failed)
        return Watcher(mailbox, connector(mailbox, self.tokens), books, self.limit, on_stored, lambda: 0.0)

    def stored(self) -> list[bytes]:
        """What is in the books, in the order of arrival."""
        blobs = BlobFolder(self.folder / "blobs")
        with self.database.reading() as connection:
            rows = connection.execute(select(inbound.c.content, inbound.c.sha256).order_by(inbound.c.id)).all()
        return [blobs.get(row.sha256) if row.content is None else bytes(row.content) for row in rows]

    def ledger(self, *columns: str) -> list[tuple[object, ...]]:
        """Lines of the ledger, by UID."""
        wanted = [mailbox_mail.c[name] for name in (columns or ("uid", "outcome"))]
        with self.database.reading() as connection:
            rows = connection.execute(select(*wanted).order_by(mailbox_mail.c.validity, mailbox_mail.c.uid)).all()
        return [tuple(row) for row in rows]

    def unsettled(self) -> int:
        return sum(at is None for (at,) in self.ledger("settled_at"))
