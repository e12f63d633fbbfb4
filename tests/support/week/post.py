"""The mail of the week: letters that leave the desk get into mailboxes, and people answer them with clients of their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from random import Random

from sqlalchemy import select
from support.conversations.books import Letter, as_letter
from support.desk.story import SUPPORT, Received, StoryDesk
from support.mails.client_shapes import CLIENTS, Original, answered

from helpdesk.store.inbound import find_inbound
from helpdesk.store.schema import outbox, ticket
from helpdesk.store.tickets import tickets_by_id
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.ticket import Ticket

NO_FILES: Mapping[str, bytes] = {}
PRESS = re.compile(
    r"^(It is solved|Es ist gelöst|Still broken|Noch nicht gelöst)[^:]*: mailto:(\S+?)\?subject=(\S+)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A letter in somebody's mailbox."""

    to: str
    notice: str
    reference: str  # of its request; "" for letters about none
    at: datetime
    received: Received
    shown: Letter
    reverse_path: str
    message_id: str

    @property
    def in_reply_to(self) -> str:
        return self.received.header("In-Reply-To").strip("<>")


@dataclass
class Post:
    """Mailboxes, and the way between them and the desk."""

    desk: StoryDesk
    dice: Random
    mailboxes: dict[str, list[Delivered]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    references: dict[int, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # the ids of requests by their references
    mails: int = 0

    def collect(self) -> list[Delivered]:
        """The letters that have left since the last look, oldest first."""
        folder = Path(self.desk.node.configuration.settings.relay.url.removeprefix("maildir:")) / "new"
        files = [path for path in folder.iterdir() if path.name not in self.seen] if folder.exists() else []
        if not files:
            return []
        self.seen.update(path.name for path in files)
        found = [BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes()) for path in files]
        by_id: dict[str, list[EmailMessage]] = {}
        for message in found:
            by_id.setdefault(str(message["Message-ID"]).strip("<>"), []).append(message)
        columns = (
            outbox.c.id,
            outbox.c.notice,
            outbox.c.recipient,
            outbox.c.ticket_id,
            outbox.c.message_id,
            outbox.c.reverse_path,
        )
        with self.desk.database.reading() as connection:
            rows = connection.execute(select(*columns).where(outbox.c.message_id.in_(by_id)).order_by(outbox.c.id)).all()
            self._name([row.ticket_id for row in rows if row.ticket_id is not None and row.ticket_id not in self.references])
        letters = []
        for row in rows:
            for message in by_id[row.message_id]:
                shown = as_letter(message, row.recipient, row.notice)
                reference = self.references.get(row.ticket_id, "")
                received = Received(message, Notice(row.notice))
                letters.append(
                    Delivered(
                        row.recipient, row.notice, reference, self.desk.now, received, shown, row.reverse_path, row.message_id
                    )
                )
        for letter in letters:
            self.mailboxes.setdefault(letter.to, []).append(letter)
        return letters

    def _name(self, ids: list[int]) -> None:
        with self.desk.database.reading() as connection:
            for row in connection.execute(select(ticket.c.id, ticket.c.reference).where(ticket.c.id.in_(ids))):
                self._know(row.id, row.reference)

    def _know(self, number: int, reference: str) -> None:
        self.references[number], self.numbers[reference] = reference, number

    def opened_by(self, message_id: str) -> Ticket | None:
        """The request that a mail belongs to."""
        with self.desk.database.reading() as connection:
            [mail] = find_inbound(connection, message_id)
            if mail.ticket_id is None:
                return None
            one = tickets_by_id(connection, {mail.ticket_id})[mail.ticket_id]
        self._know(one.id, one.reference)
        return one

    def bring(self, message: EmailMessage, author: str, to: str, reverse_path: str | None = None) -> str:
        """Deliver a mail to the desk; its Message-ID."""
        self.mails += 1
        self.desk.deliver(
            author if reverse_path is None else reverse_path, [to], message.as_bytes(policy=policy.SMTP), "127.0.0.1"
        )
        self.desk.settle()
        return str(message["Message-ID"]).strip("<>")

    def writes(
        self,
        name: str,
        address: str,
        subject: str,
        text: str,
        to: str = SUPPORT,
        cc: str = "",
        files: Mapping[str, bytes] = NO_FILES,
    ) -> str:
        """A new mail."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"{name} <{address}>", to, subject
        if cc:
            message["Cc"] = cc
        message["Date"] = format_datetime(self.desk.now)
        message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
        message.set_content(text)
        for filename, content in files.items():
            message.add_attachment(content, maintype="application", subtype="pdf", filename=filename)
        return self.bring(message, address, to)

    def answers(
        self, name: str, address: str, client: str, letter: Delivered, text: str, headers: dict[str, str] | None = None
    ) -> str:
        """An answer to a letter, as that client writes it."""
        message = answered(CLIENTS[client], text, Original(letter.received, self.desk.now), f"{name} <{address}>")
        for field_name, value in (headers or {}).items():
            del message[field_name]
            message[field_name] = value
        return self.bring(message, address, parseaddr(str(message["To"]))[1])

    def presses(self, name: str, address: str, letter: Delivered, *, solved: bool) -> str | None:
        """A mail by one of the addresses of a resolution letter; None where it has none."""
        found = PRESS.findall(letter.received.text.replace("\r\n", "\n"))
        chosen = [to for label, to, _ in found if label.startswith(("It is", "Es ist")) is solved]
        return self.writes(name, address, "It is solved" if solved else "Still broken", "", to=chosen[0]) if chosen else None
