"""Checks what a node left behind against the books of those who wrote to it. Reads the tables with plain SQL of its own."""

import base64
import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from helpdesk.gateway.work.mail import DEATHS

EFFECTS = ("opened", "threaded", "noted", "reported")
BY_STAFF = ("answer", "information_request", "resolution", "note")
COMMANDS = ("information_request", "resolution")  # of staff; the lifecycle refuses them where they do not fit
LETTER_OF = {"answer": "answer", "information_request": "information_request", "resolution": "resolution"}


@dataclass(slots=True)
class Mail:
    """One numbered mail and what became of its transmissions."""

    number: int
    kind: str  # request, reply; of staff: answer, information_request, resolution, note
    sender: str
    to: str
    message_id: str
    content: bytes
    attached: bool
    sends: int = 0
    acknowledged: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One row that the platform has written."""

    id: int
    number: int
    thread_key: str | None
    text: str


@dataclass
class Books:
    """What was sent, and what was acknowledged."""

    mails: list[Mail] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    acknowledged: int = 0
    closed: int = 0  # mails that their client is done with
    _one_at_a_time: Lock = field(default_factory=Lock)

    def open(self, mail: Mail) -> None:
        with self._one_at_a_time:
            self.mails.append(mail)

    def transmitted(self, mail: Mail, acknowledged: bool) -> None:
        with self._one_at_a_time:
            mail.sends += 1
            mail.acknowledged += acknowledged
            self.acknowledged += acknowledged

    def close(self) -> None:
        with self._one_at_a_time:
            self.closed += 1


def decided(database: Path) -> int:
    """How many mails and rows of the platform have come to their end."""
    ended = """SELECT (SELECT count(*) FROM inbound WHERE state != 'pending')
        + (SELECT count(*) FROM platform_reply WHERE taken_at IS NOT NULL)"""
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        return int(connection.execute(ended).fetchone()[0])


def at_rest(database: Path | str) -> bool:
    """Whether nothing waits: no mail, no row of the platform, no letter."""
    waiting = """SELECT (SELECT count(*) FROM inbound WHERE state = 'pending')
        + (SELECT count(*) FROM platform_reply WHERE taken_at IS NULL AND error IS NULL)
        + (SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'failed'))"""
    with closing(_opened(database)) as connection:
        return bool(connection.execute(waiting).fetchone()[0] == 0)


def audit(database: Path | str, maildir: Path, books: Books) -> tuple[dict[str, int], list[str]]:
    """Figures of a run, and a sentence for each broken promise."""
    with closing(_opened(database)) as connection:
        left = _Left(connection, maildir, books)
        faults = [fault for check in CHECKS for fault in check(left)]
        return left.figures(), faults


class _NamedRow(tuple[Any, ...]):
    """A row of PostgreSQL that answers to names and places, as one of SQLite does."""

    names: tuple[str, ...]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.names.index(key) if isinstance(key, str) else key)


def _named_rows(cursor: psycopg.Cursor[Any]) -> Any:
    return type("Row", (_NamedRow,), {"names": tuple(column.name for column in cursor.description or ())})


class _Postgresql:
    """As much of SQLite's connection as the checks need."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, row_factory=_named_rows)
        for kind in ("json", "jsonb"):
            self._connection.adapters.register_loader(kind, TextLoader)

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        if statement.startswith("PRAGMA"):  # a server looks after itself
            statement = "SELECT 'ok' WHERE false"
        return self._connection.execute(statement.replace("?", "%s").encode(), values)

    def close(self) -> None:
        self._connection.close()


def _opened(database: Path | str) -> Any:
    if isinstance(database, str):
        return _Postgresql(database)
    connection = sqlite3.connect(database, timeout=60)
    connection.row_factory = sqlite3.Row
    return connection


class _Left:
    """Everything that is left, sorted for the checks."""

    def __init__(self, connection: Any, maildir: Path, books: Books) -> None:
        self.books = books
        self.connection = connection
        self.arrivals: dict[str, list[sqlite3.Row]] = defaultdict(list)
        columns = "id, message_id, state, ticket_id, attempts, decision, last_error"
        for row in self.rows(f"SELECT {columns} FROM inbound"):
            self.arrivals[row["message_id"] or f"without an id: {row['id']}"].append(row)
        self.letters: dict[str, list[sqlite3.Row]] = defaultdict(list)
        for row in self.rows("SELECT * FROM outbox"):
            self.letters[row["cause"]].append(row)
        self.files: dict[str, list[bytes]] = defaultdict(list)
        self.blobs = maildir.parent / "blobs"
        for path in [*maildir.glob("new/*"), *maildir.glob("cur/*")]:
            content = path.read_bytes()
            self.files[str(BytesHeaderParser().parsebytes(content)["Message-ID"]).strip("<>")].append(content)

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        found: list[sqlite3.Row] = self.connection.execute(statement, values).fetchall()
        return found

    def number(self, statement: str, *values: Any) -> int:
        return int(self.connection.execute(statement, values).fetchone()[0])

    def recorded(self, row: sqlite3.Row) -> bytes:
        """The octets of a letter as its row says; files lie in the mail that brought it about, in base64 as these mails have them."""
        content, written = bytes(row["content"]), b""
        begin = 0
        for file in json.loads(row["files"] or "[]"):
            [(raw, digest)] = self.rows("SELECT content, sha256 FROM inbound WHERE id = ?", row["files_of"])
            if raw is None:
                raw = (self.blobs / digest[:2] / digest).read_bytes()
            [[start, end, encoding]] = file["place"]
            octets = base64.b64decode(raw[start:end])
            if encoding != "base64" or hashlib.sha256(octets).hexdigest() != file["sha256"]:
                return b"other octets than those of the file"
            words = base64.b64encode(octets)
            lines = b"".join(words[at : at + 76] + b"\r\n" for at in range(0, len(words), 76))
            written += content[begin : file["at"]] + lines
            begin = file["at"]
        return written + content[begin:]

    def effects(self, mail: Mail) -> list[sqlite3.Row]:
        return [row for row in self.arrivals[mail.message_id] if row["state"] in EFFECTS]

    def figures(self) -> dict[str, int]:
        mails = self.books.mails
        states = Counter(row["state"] for rows in self.arrivals.values() for row in rows)
        return {
            "mails": len(mails),
            "acknowledged": sum(mail.acknowledged > 0 for mail in mails),
            "transmissions": sum(mail.sends for mail in mails),
            "stored but not acknowledged": sum(max(0, len(self.arrivals[m.message_id]) - m.acknowledged) for m in mails),
            "given up": sum(not mail.acknowledged for mail in mails),
            "platform rows": len(self.books.replies),
            "tickets": self.number("SELECT count(*) FROM ticket"),
            "letters": self.number("SELECT count(*) FROM outbox"),
            "uncertain attempts": self.number("SELECT coalesce(sum(uncertain), 0) FROM outbox"),
            "mails claimed more than thrice": self.number("SELECT count(*) FROM inbound WHERE attempts > 3"),
            "most claims of one mail": self.number("SELECT coalesce(max(attempts), 0) FROM inbound"),
            **{f"inbound {state}": count for state, count in sorted(states.items())},
        }


def _database_is_sound(left: _Left) -> Iterator[str]:
    for row in left.rows("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield f"the database is damaged: {row[0]}"
    for row in left.rows("PRAGMA foreign_key_check"):
        yield f"a row of {row[0]} refers to nothing"


def _nothing_is_lost_or_doubled(left: _Left) -> Iterator[str]:
    for mail in left.books.mails:
        arrivals, effects = left.arrivals[mail.message_id], left.effects(mail)
        refused = mail.kind in COMMANDS and any(row["state"] == "refused" for row in arrivals)
        asked = mail.kind in BY_STAFF and any(_is_asked_about(row) for row in arrivals)
        if mail.acknowledged and not effects and not refused and not asked:
            states = [f"{row['state']} {row['last_error'] or ''}".strip() for row in arrivals]
            yield f"mail {mail.number} ({mail.kind}) was acknowledged and has no effect: {states}"
        if len(effects) > 1:
            yield f"mail {mail.number} ({mail.kind}) has {len(effects)} effects"
        if not mail.acknowledged <= len(arrivals) <= mail.sends:
            yield f"mail {mail.number} arrived {len(arrivals)} times: sent {mail.sends}, acknowledged {mail.acknowledged}"
        ends = (*EFFECTS, "discarded", "refused") if mail.kind in COMMANDS else (*EFFECTS, "discarded")
        ended = (row["state"] in ends or (mail.kind in BY_STAFF and _is_asked_about(row)) for row in arrivals)
        yield from (
            f"an arrival of mail {mail.number} is {row['state']}" for row, end in zip(arrivals, ended, strict=True) if not end
        )
    strangers = set(left.arrivals) - {mail.message_id for mail in left.books.mails}
    yield from (f"nobody sent {message_id}" for message_id in strangers if left.arrivals[message_id])


def _is_asked_about(row: sqlite3.Row) -> bool:
    """A mail that was claimed so often is read in part, so nobody is its certain author: the staff member is asked by a letter."""
    return bool(row["state"] == "held" and row["attempts"] > DEATHS)


def _each_effect_is_whole(left: _Left) -> Iterator[str]:
    """Message or note, ticket, letters: all of them, once."""
    for mail in left.books.mails:
        for row in left.effects(mail):
            cause = _cause(row)
            yield from _words_of(left, mail, row, cause)
            if (mail.kind == "request") != (row["state"] == "opened"):
                yield f"mail {mail.number} ({mail.kind}) is {row['state']}"
            if left.number("SELECT count(*) FROM ticket WHERE id = ?", row["ticket_id"]) != 1:
                yield f"mail {mail.number} leads to ticket {row['ticket_id']}, which is not there"
            yield from _letters_of(left, mail, row, cause)
            if mail.attached and not _attachments(left, cause):
                yield f"mail {mail.number} lost its attachment; it was claimed {row['attempts']} times"


def _cause(row: sqlite3.Row) -> str:
    """Whose effects these are: each decision about a mail that is processed once more is a cause of its own."""
    before = json.loads(row["decision"]).get("decided_before", 0)
    return f"mail:{row['id']}" + (f".{before}" if before else "")


def _words_of(left: _Left, mail: Mail, row: sqlite3.Row, cause: str) -> Iterator[str]:
    words = "SELECT text, ticket_id FROM message WHERE cause = ?"
    notes = "SELECT text, ticket_id FROM internal_note WHERE cause = ?"
    texts = left.rows(notes if _is_note(left, mail, cause) else words, cause)
    if len(texts) != 1 or f"No. {mail.number}:" not in texts[0]["text"] or texts[0]["ticket_id"] != row["ticket_id"]:
        yield f"mail {mail.number} ({mail.kind}) stands {len(texts)} times on its ticket: {[tuple(text) for text in texts]}"


def _is_note(left: _Left, mail: Mail, cause: str) -> bool:
    """An answer to a letter about a note stays internal too."""
    if mail.kind == "answer":
        return left.number("SELECT count(*) FROM message WHERE cause = ?", cause) == 0
    return mail.kind == "note"


def _attachments(left: _Left, cause: str) -> list[Any]:
    return [
        attachment
        for row in left.rows("SELECT attachments FROM message WHERE cause = ?", cause)
        for attachment in json.loads(row[0])
    ]


def _letters_of(left: _Left, mail: Mail, row: sqlite3.Row, cause: str) -> Iterator[str]:
    letters, is_note = left.letters[cause], _is_note(left, mail, cause)
    told = Counter((letter["notice"], letter["audience"]) for letter in letters)
    named = set(json.loads(row["decision"])["letters"])
    if named != {letter["id"] for letter in letters}:
        yield f"mail {mail.number} decided letters {named}, the outbox has {[letter['id'] for letter in letters]}"
    if mail.kind == "request" and (told["confirmation", "customer"], told["new_ticket", "staff"]) != (1, 1):
        yield f"mail {mail.number} opened a ticket with the letters {dict(told)}"
    if mail.kind == "reply" and not sum(count for (_, audience), count in told.items() if audience == "staff"):
        yield f"nobody was told of mail {mail.number}"
    if mail.kind in LETTER_OF and not is_note and told[LETTER_OF[mail.kind], "customer"] != 1:
        yield f"mail {mail.number} ({mail.kind}) went out as {dict(told)}"
    if is_note and any(audience == "customer" for _, audience in told):
        yield f"note {mail.number} went out to a customer"


def _platform_rows_are_taken_once(left: _Left) -> Iterator[str]:
    for reply in left.books.replies:
        rows = left.rows("SELECT taken_at, error FROM platform_reply WHERE id = ?", reply.id)
        if len(rows) != 1 or not rows[0]["taken_at"] or rows[0]["error"]:
            yield f"platform row {reply.id} is {[tuple(row) for row in rows]}"
        texts = left.rows("SELECT text FROM message WHERE cause = ?", f"platform:{reply.id}")
        if [text[0] for text in texts] != [reply.text]:
            yield f"platform row {reply.id} has {len(texts)} messages"
        if left.number("SELECT count(*) FROM platform_inbox WHERE direction = 'customer' AND body_text = ?", reply.text) != 1:
            yield f"platform row {reply.id} does not stand once in the inbox"


def _accounts_are_exact(left: _Left) -> Iterator[str]:
    effects = [(mail, row) for mail in left.books.mails for row in left.effects(mail)]
    notes = sum(_is_note(left, mail, _cause(row)) for mail, row in effects)
    new_in_platform = sum(reply.thread_key is None for reply in left.books.replies)
    counted = {
        "ticket": sum(row["state"] == "opened" for _, row in effects) + new_in_platform,
        "message": len(effects) - notes + len(left.books.replies),
        "internal_note": notes,
        "inbound": sum(len(left.arrivals[mail.message_id]) for mail in left.books.mails),
        "platform_reply": len(left.books.replies),
    }
    for table, count in counted.items():
        stands = left.number(f"SELECT count(*) FROM {table}")
        if stands != count:
            yield f"{table} has {stands} rows, the books say {count}"


def _events_have_no_gap(left: _Left) -> Iterator[str]:
    numbers: dict[int, list[int]] = defaultdict(list)
    for row in left.rows("SELECT ticket_id, number FROM event ORDER BY ticket_id, number"):
        numbers[row["ticket_id"]].append(row["number"])
    for row in left.rows("SELECT id, reference, event_count FROM ticket"):
        if numbers[row["id"]] != list(range(1, row["event_count"] + 1)):
            yield f"{row['reference']} counts {row['event_count']} events and has {numbers[row['id']]}"


def _letters_leave_once(left: _Left) -> Iterator[str]:
    once = Counter((row["cause"], row["notice"], row["recipient"]) for rows in left.letters.values() for row in rows)
    yield from (f"{count} letters {key}" for key, count in once.items() if count > 1)
    ids = set()
    for row in (row for rows in left.letters.values() for row in rows):
        ids.add(row["message_id"])
        copies = left.files[row["message_id"]]
        if row["state"] != "sent":
            yield f"letter {row['id']} is {row['state']}: {row['last_reply']}"
        if not 1 <= len(copies) <= 1 + row["uncertain"]:
            yield f"letter {row['id']} lies {len(copies)} times in the Maildir; uncertain attempts: {row['uncertain']}"
        recorded = left.recorded(row)
        if any(copy != recorded for copy in copies):
            yield f"letter {row['id']} left with other bytes than it was recorded with"
    yield from (f"nothing accounts for the letter {name}" for name in set(left.files) - ids if left.files[name])


def _inbox_mirrors_the_conversation(left: _Left) -> Iterator[str]:
    """What the customer said and what he was sent, once each, and nothing else."""
    said = "SELECT t.reference, m.text FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.direction = 'customer'"
    sent = """SELECT t.reference, o.notice, o.recipient, o.subject FROM outbox o JOIN ticket t ON t.id = o.ticket_id
        WHERE o.audience = 'customer'"""
    shown_said = "SELECT ticket, body_text FROM platform_inbox WHERE direction = 'customer'"
    shown_sent = "SELECT ticket, notice, contact_address, subject FROM platform_inbox WHERE direction = 'support'"
    for expected, shown in ((said, shown_said), (sent, shown_sent)):
        wanted, found = (Counter(tuple(row) for row in left.rows(statement)) for statement in (expected, shown))
        yield from (f"missing in the inbox: {row} ({count})" for row, count in (wanted - found).items())
        yield from (f"too much in the inbox: {row} ({count})" for row, count in (found - wanted).items())


CHECKS = (
    _database_is_sound,
    _nothing_is_lost_or_doubled,
    _each_effect_is_whole,
    _platform_rows_are_taken_once,
    _accounts_are_exact,
    _events_have_no_gap,
    _letters_leave_once,
    _inbox_mirrors_the_conversation,
)
