"""A desk that the world reaches through Postfix: people's mail goes out at their own mail system and is read in their mailboxes."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from support.desk.story import Person, Received, StoryDesk, configured, wired_desk
from support.servers.peers import wait_for
from support.servers.postfix import PostOffice

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.inbound import InboundMail, find_inbound
from helpdesk.store.outbox import list_letters
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

ASSUMED = 'assume_from = ["127.0.0.1/32"]'
VOUCHED = 'trusted_authserv_ids = ["mx.support.example.com"]'


@dataclass
class MailboxPerson(Person):
    """Reads the letters in the mailbox, once they are there."""

    office: PostOffice | None = None

    def letter(self, notice: Notice | str) -> Received:
        found = [letter for letter in self.letters() if letter.notice == notice]
        assert found, f"{self.address} has no letter {notice}"
        return found[-1]

    def letters(self) -> list[Received]:
        assert self.office is not None
        with self.desk.database.reading() as connection:
            rows = [letter for letter in reversed(list_letters(connection, limit=10_000)) if letter.to == self.address]
        expected = {row.message_id for row in rows if row.state == "sent"}
        office = self.office
        wait_for(
            lambda: expected <= set(office.mailbox(self.address)),
            lambda: f"the letters to {self.address} are in the mailbox; Postfix says: {office.outside.log[-2000:]}",
        )
        mailbox = office.mailbox(self.address)
        return [Received(mailbox[row.message_id], Notice(row.notice)) for row in rows if row.message_id in expected]


def desk_config(folder: Path, office: PostOffice) -> Path:
    """The configuration of a desk behind Postfix, which says who is who."""
    config = configured(folder, relay=f"smtp://127.0.0.1:{office.smarthost}")
    text = config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{office.gateway}")
    config.write_text(text.replace(ASSUMED, VOUCHED))
    return config


@contextmanager
def postfix_desk(config: Path, reader: MailReader, office: PostOffice) -> Iterator[StoryDesk]:
    """A running node behind `front`; its people live at `outside`."""
    with wired_desk(config, reader) as desk:
        desk.deliver = delivery(desk, office, office.outside_port)
        for address in ("anna@acme.example", "omar@desk.example", "ines@desk.example", "ghost@globex.example"):
            desk.people[address] = MailboxPerson(desk, address, address.partition("@")[0].title(), office=office)
        yield desk


def delivery(desk: StoryDesk, office: PostOffice, port: int) -> Callable[[str, list[str], bytes, str], None]:
    """Sends by the mail system at that port and waits until the desk has decided about the mail."""

    def deliver(reverse_path: str, to: list[str], content: bytes, peer: str) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.sendmail(reverse_path, to, content)
        decided(desk, office, str(BytesHeaderParser().parsebytes(content)["Message-ID"]))

    return deliver


def decided(desk: StoryDesk, office: PostOffice, message_id: str) -> InboundMail:
    """The mail's line in the books, once it has come to its end."""
    found: list[InboundMail] = []

    def ended() -> bool:
        with desk.database.reading() as connection:
            found[:] = find_inbound(connection, message_id)
        return any(mail.state is not Disposition.PENDING for mail in found)

    wait_for(ended, lambda: f"{message_id} is decided; Postfix says: {office.front.log[-2000:]}")
    return found[0]
