"""A mail that breaks its reader every time holds up nobody, and does not stay: it is a ticket or set aside."""

from collections.abc import Sequence
from pathlib import Path

from support.desk.story import SUPPORT, configured, direct_desk
from support.mails.plain_reader import PlainReader

from helpdesk.gateway.reader import ReaderDied
from helpdesk.gateway.work.kind import TRIES
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.reading.parsed import Reading

OTHERS = 30


class Dying(PlainReader):
    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        if b"poison" in content:
            raise ReaderDied("it died")
        return super().read(content, keep_signature, banners)


def test_the_others_are_done_in_the_first_round(tmp_path: Path) -> None:
    with direct_desk(configured(tmp_path), Dying()) as desk:
        for number in range(OTHERS + 1):
            text = "poison" if number == OTHERS // 2 else "It jams."
            head = f"From: c{number}@other.example\r\nSubject: No. {number}\r\nMessage-ID: <{number}@other.example>\r\n"
            desk.deliver(f"c{number}@other.example", [SUPPORT], f"{head}\r\n{text}\r\n".encode(), "127.0.0.1")
        desk.settle()
        assert [mail.state for mail in desk.mails()].count(Disposition.OPENED) >= OTHERS
        for _ in range(TRIES):
            desk.passes(minutes=2)
        poison = desk.why(f"{OTHERS // 2}@other.example")
        assert poison.state in (Disposition.OPENED, Disposition.QUARANTINED)
        assert poison.attempts <= TRIES
