"""A desk that checks origins itself, a colleague whose domain signs his mail, and somebody else who wants to be him."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from support.desk.story import UNCAPPED, StoryDesk, configured, direct_desk
from support.mails.signed_mails import Stamp
from support.servers.dns_server import Zone, dns_server

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.notice import Notice

DESK_HOST, EVIL_HOST = "192.0.2.25", "198.51.100.66"
OMAR = "omar@desk.example"
COLLEAGUE = Stamp("desk.example", "d1", "ed25519")
FORGER = Stamp("evil.example", "e1", "ed25519", which=1)


def publish(zone: Zone) -> None:
    """Everything is as it should be on both sides: the forger has a sound domain of his own."""
    zone.text("desk.example", f"v=spf1 ip4:{DESK_HOST} -all")
    zone.text("_dmarc.desk.example", "v=DMARC1; p=none")
    zone.text("evil.example", f"v=spf1 ip4:{EVIL_HOST} -all")
    COLLEAGUE.publish(zone)
    FORGER.publish(zone)


@dataclass
class OriginDesk:
    desk: StoryDesk
    zone: Zone

    def arrives(
        self, content: bytes, to: str, reverse_path: str, *, peer: str = EVIL_HOST, helo: str = "mx.evil.example",
        login: str | None = None,
    ) -> None:  # fmt: skip
        """A mail at the door, and all that follows from it."""
        self.desk.now += timedelta(seconds=1)
        raw = RawMessage("smtp", Envelope(reverse_path, (to,)), content, self.desk.now, peer, helo, login)
        node = self.desk.node
        store_raw(node.database, node.blobs, node.configuration.settings.database.blob_threshold, [raw], self.desk.now)
        self.desk.settle()

    def token_of_omar(self, notice: Notice = Notice.NEW_TICKET) -> str:
        return self.desk.person(OMAR).letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def letter(
    author: str,
    to: str,
    text: str,
    at: datetime,
    message_id: str = "one@desk.example",
    more: str = "",
    subject: str = "Re: Printer",
) -> bytes:
    """A mail from its first line to its last; `author` holds whole header lines."""
    return (
        f"{author}\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {format_datetime(at)}\r\nMessage-ID: <{message_id}>\r\n{more}"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode("utf-8", "surrogateescape")


@contextmanager
def origin_desk(folder: Path, reader: MailReader) -> Iterator[OriginDesk]:
    with dns_server() as zone:
        publish(zone)
        config = configured(folder, more=UNCAPPED)
        assumed = 'assume_from = ["127.0.0.1/32"]'
        config.write_text(config.read_text().replace(assumed, f'{assumed}\nnameservers = ["{zone.address}"]\ndns_timeout = "2s"'))
        with direct_desk(config, reader) as desk:
            yield OriginDesk(desk, zone)
