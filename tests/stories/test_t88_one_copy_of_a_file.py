"""T88. A file that comes with a mail is stored once: with that mail, however many letters carry it."""

import asyncio
import binascii
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk
from support.servers.scripted_relay import CUT_SILENTLY, ScriptedRelay, scripted_relay

from helpdesk.config.conduct import Retry
from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.observe import Log
from helpdesk.gateway.reader import Reader
from helpdesk.store.outbox import content_of_letter, list_letters
from helpdesk.store.schema import outbox
from helpdesk.threading.letters.files import base64_lines
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.notice import Notice

COLLEAGUES = '[[staff]]\nname = "Colleague {0}"\naddress = "c{0}@desk.example"\nqueues = ["general"]\n'
UNASSIGNED = "[triage]\nassign = false\n"
FILE = os.urandom(150_000)
LARGE = os.urandom(7_000_000)  # 9.5 MB in base64


@contextmanager
def desk_of(folder: Path, reader: Reader, url: str, more: str = "") -> Iterator[StoryDesk]:
    with direct_desk(configured(folder, database=url, more=more), reader) as desk:
        yield desk


def team_of(count: int) -> str:
    """Omar has every queue, so there is one less to add."""
    return UNASSIGNED + "".join(COLLEAGUES.format(number) for number in range(count - 2))


def octets_of_store(folder: Path, url: str) -> int:
    """All that the desk has on the disk, the log of SQLite included, and the database of a server; not the letters that went out."""
    files = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "outgoing" not in path.parts)
    if not url.startswith("postgresql"):
        return files
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return files + int(row[0])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return "sqlite:///helpdesk.db" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def sent_to(desk: StoryDesk, notice: Notice) -> list[bytes]:
    with desk.database.reading() as connection:
        letters = [letter.id for letter in list_letters(connection, limit=1000) if letter.notice == notice]
        return [content_of_letter(connection, letter, desk.node.blobs) or b"" for letter in letters]


def attached(content: bytes) -> list[bytes]:
    letter = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    assert not [defect for part in letter.walk() for defect in part.defects]
    return [bytes(part.get_content()) for part in letter.iter_attachments()]


def kept_in_letters(desk: StoryDesk) -> int:
    with desk.database.reading() as connection:
        return int(connection.execute(select(func.coalesce(func.max(func.length(outbox.c.content)), 0))).scalar_one())


def test_a_mail_of_nine_megabytes_grows_the_store_by_little_more_than_itself(tmp_path: Path, reader: Reader, url: str) -> None:
    with desk_of(tmp_path, reader, url, team_of(3)) as desk:
        anna = desk.person("anna@acme.example")
        anna.writes("Scanner", "It blinks.")
        before = octets_of_store(tmp_path, url)
        anna.writes("Printer", "It jams.", files={"film.pdf": LARGE})
        grown = octets_of_store(tmp_path, url) - before
        size = max(mail.size for mail in desk.mails())
        assert size > 9_000_000 and grown <= 1.2 * size
        letters = [one for one in sent_to(desk, Notice.NEW_TICKET) if len(one) > size // 2]
        written = base64_lines(LARGE)
        assert len(letters) == 3 and all(letter.count(written) == 1 for letter in letters)
        assert set(letters) <= in_maildir(tmp_path)


@pytest.mark.parametrize("team", [1, 10])
def test_letters_have_no_copy_of_a_file_that_fits_into_the_database(tmp_path: Path, reader: Reader, url: str, team: int) -> None:
    """A mail below the threshold of the blob store."""
    more = team_of(10) if team > 1 else ""
    with desk_of(tmp_path, reader, url, more) as desk:
        desk.person("anna@acme.example").writes("Printer", "It jams.", files={"film.pdf": FILE})
        letters = sent_to(desk, Notice.NEW_TICKET)
        assert len(letters) == (max(1, team))
        assert all(attached(letter) == [FILE] for letter in letters)
        assert kept_in_letters(desk) < len(FILE) // 3
        assert not list(Path(tmp_path, "blobs").glob("*/*"))


def test_a_broadcast_and_an_answer_to_many_keep_one_copy(tmp_path: Path, reader: Reader) -> None:
    with desk_of(tmp_path, reader, "sqlite:///helpdesk.db") as desk:
        people = [desk.person(f"p{number}@globex.example") for number in range(5)]
        for person in people:
            person.writes(f"Login of {person.name}", "It says error 503.")
        ines = desk.person("ines@desk.example")
        first, *others = (ticket.reference for ticket in desk.tickets())
        ines.writes("About requests", f"#on {first}\n#incident")
        ines.writes("About requests", "\n".join(f"#on {other}\n#incident {first}" for other in others))
        ines.writes("News", f"#on {first}\n#broadcast\nThis is how it goes on.", files={"plan.pdf": FILE})
        letters = sent_to(desk, Notice.ANSWER)
        assert len(letters) == 5 and all(attached(letter) == [FILE] for letter in letters)
        assert [one.letter(Notice.ANSWER).files for one in people] == [{"plan.pdf": FILE}] * 5
        assert kept_in_letters(desk) < len(FILE) // 3


def waiting_letters(desk: StoryDesk, anna: Person, **files: bytes) -> list[bytes]:
    """Of an answer that may still be taken back."""
    omar = desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nSee the plan.", files={f"{name}.pdf": content for name, content in files.items()})
    return sent_to(desk, Notice.RESOLUTION)


def in_maildir(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in (folder / "outgoing" / "new").iterdir()}


@pytest.mark.parametrize("content", [FILE, LARGE[:400_000]], ids=["in the database", "in the blob store"])
def test_a_letter_that_waits_goes_out_the_same_after_a_restart(tmp_path: Path, reader: Reader, content: bytes) -> None:
    config = configured(tmp_path, undo_window="30s")
    with direct_desk(config, reader) as desk:
        [expected] = waiting_letters(desk, desk.person("anna@acme.example"), plan=content, empty=b"", other=b"%PDF small")
        now = desk.now
        assert attached(expected) == [content, b"", b"%PDF small"]
        assert expected not in in_maildir(tmp_path)
    with direct_desk(config, reader) as desk:
        desk.now = now + timedelta(minutes=1)
        desk.settle()
        assert expected in in_maildir(tmp_path)


def test_a_letter_whose_file_is_away_waits_and_the_others_go(tmp_path: Path, reader: Reader) -> None:
    with direct_desk(configured(tmp_path, undo_window="30s"), reader) as desk:
        anna = desk.person("anna@acme.example")
        [expected] = waiting_letters(desk, anna, plan=LARGE[:400_000])
        (tmp_path / "blobs").rename(tmp_path / "away")
        desk.passes(minutes=1)
        assert Notice.RESOLUTION not in [letter.notice for letter in anna.letters()]
        anna.writes("Scanner", "It blinks.")
        assert [letter.notice for letter in anna.letters()] == [Notice.CONFIRMATION] * 2
        with desk.database.reading() as connection:
            [waiting] = list_letters(connection, LetterState.DEFERRED)
        assert "cannot be read" in str(waiting.last_reply)
        (tmp_path / "away" / "x").mkdir()
        for one in (tmp_path / "away").glob("*/*"):
            (tmp_path / "blobs" / one.parent.name).mkdir(parents=True, exist_ok=True)
            one.rename(tmp_path / "blobs" / one.parent.name / one.name)
        desk.passes(hours=1)
        assert expected in in_maildir(tmp_path)


@pytest.mark.parametrize("encoding", ["x-uuencode", "base64"])
def test_a_file_that_lies_nowhere_in_one_piece_is_kept_once_beside_the_mail(
    tmp_path: Path, reader: Reader, encoding: str
) -> None:
    """In uuencode, or in two pieces of base64 one after the other."""
    written = uuencoded(FILE) if encoding == "x-uuencode" else (base64_lines(FILE[:1000]) + base64_lines(FILE[1000:])).decode()
    with desk_of(tmp_path, reader, "sqlite:///helpdesk.db", team_of(5)) as desk:
        anna = desk.person("anna@acme.example")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"], message["Message-ID"] = (
            anna.address,
            SUPPORT,
            "Old",
            "<u@acme.example>",
        )
        message.set_content("A file of old.")
        message.add_attachment(written, filename="a.pdf", cte="7bit")
        content = message.as_bytes(policy=policy.SMTP)
        at = content.rindex(b"Content-Transfer-Encoding: 7bit")
        anna.mail(content[:at] + content[at:].replace(b"7bit", encoding.encode(), 1), [SUPPORT])
        letters = sent_to(desk, Notice.NEW_TICKET)
        assert len(letters) == 5 and all(attached(letter) == [FILE] for letter in letters)
        assert [path.read_bytes() for path in Path(tmp_path, "blobs").glob("*/*")] == [FILE]
        assert kept_in_letters(desk) < len(FILE) // 3


def uuencoded(content: bytes) -> str:
    lines = (binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45))
    return "begin 644 a.pdf\n" + "".join(lines) + "`\nend\n"


def test_a_disk_that_takes_no_file_makes_letters_that_have_their_own(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk_of(tmp_path, reader, "sqlite:///helpdesk.db") as desk:

        def full(_: bytes) -> str:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(desk.node.blobs, "put", full)
        monkeypatch.setattr("helpdesk.gateway.work.spine.lies_there", lambda *_: False)
        desk.person("anna@acme.example").writes("Printer", "It jams.", files={"film.pdf": FILE})
        [letter] = sent_to(desk, Notice.NEW_TICKET)
        assert attached(letter) == [FILE] and kept_in_letters(desk) > len(FILE)
        assert desk.person("omar@desk.example").letter(Notice.NEW_TICKET).files == {"film.pdf": FILE}


def test_it_leaves_by_smtp_the_same_at_every_attempt(tmp_path: Path, reader: Reader) -> None:
    server = ScriptedRelay({"DOT": [CUT_SILENTLY, "250 2.0.0 queued"]})
    with direct_desk(configured(tmp_path, undo_window="30s"), reader) as desk:
        [expected] = waiting_letters(desk, desk.person("anna@acme.example"), plan=LARGE[:400_000])
        desk.now += timedelta(minutes=1)

        async def rounds() -> None:
            async with scripted_relay(server):
                relay = relay_for(RelaySettings(url=f"smtp://127.0.0.1:{server.port}"), "mail.support.example.com")
                outbox_of_node = Outbox(desk.database, timedelta(minutes=15), blobs=desk.node.blobs)
                sender = Sender(
                    outbox_of_node, relay, Retry(), lambda: desk.now, Log("helpdesk.test"), lease=timedelta(minutes=15)
                )
                for _ in range(2):
                    await sender.send_due()
                    desk.now += timedelta(hours=1)
                await relay.close()

        asyncio.run(rounds())
        assert [letter.content for letter in server.letters] == [expected] * 2
        assert attached(server.letters[-1].content) == [LARGE[:400_000]]


def test_an_operator_sees_the_letter_as_it_is_sent_or_why_not(tmp_path: Path, reader: Reader) -> None:
    config = configured(tmp_path, undo_window="30s")
    with direct_desk(config, reader) as desk:
        [expected] = waiting_letters(desk, desk.person("anna@acme.example"), plan=LARGE[:400_000])
        with desk.database.reading() as connection:
            [number] = [str(letter.id) for letter in list_letters(connection) if letter.notice == Notice.RESOLUTION]

    def told(*words: str) -> Result:
        return CliRunner().invoke(helpdesk, ["outbox", "show", number, *words, "--config", str(config)])

    assert told("--raw").stdout_bytes == expected
    (tmp_path / "blobs").rename(tmp_path / "away")
    refused = told("--raw")
    assert refused.exit_code == os.EX_DATAERR and refused.stderr.count("\n") == 1 and "cannot be read" in refused.stderr
    assert "Attachment: plan.pdf" in told().stdout and "See the plan." in told().stdout
