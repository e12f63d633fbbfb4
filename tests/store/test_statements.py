"""What a batch asks of the database: as many statements for fifty mails as for one, and none that reads a table from end to end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Connection, String, Text, event, func, insert, select, update
from support.desk.outcomes import (
    ANNA,
    LEASE,
    NOW,
    OMAR,
    blob_store,
    customer_message,
    events_up_to,
    internal_note,
    letter,
    mail_cause,
    opening,
    raw_mail,
)

from helpdesk.config.conduct import Retention
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.gateway.retention import purge
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedAccount, ListedStaff
from helpdesk.store.inbound import store_raw
from helpdesk.store.known import look_up_many
from helpdesk.store.mail_claims import ClaimedMail, claim_mail
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import SendOutcome, claim_letters, outcomes_to_report, settle_all
from helpdesk.store.platform import waiting_replies
from helpdesk.store.record import record_all
from helpdesk.store.schema import CleanText, MessageId, metadata, outbox, platform_reply, ticket
from helpdesk.store.timers import due_timers
from helpdesk.store.watched import desk_figures
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Grounds, TimerChanges
from helpdesk.threading.matching.known import Question, Wanted
from helpdesk.threading.matching.signature_images import SignatureImages
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind

MANY = 50
POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))
# Tables whose rows do not become more with the mails, accounts and letters of a desk.
SMALL = frozenset(
    {
        "alarm",
        "backfill",
        "canary",
        "counter",
        "desk_identity",
        "directory_version",
        "heartbeat",
        "hold",
        "inbox_numbering",
        "mailbox_folder",
        "staff",
        "webhook_retry",  # events that a receiver has not taken: a hundred wait at most, and few are given up
        "webhook_target",
    }
)
READS_A_PART = "SELECT suppression.address AS address \nFROM suppression"  # no more than `store.watched.MOST_COUNTED` rows of it
Plan = Callable[[Connection, str, Any], Iterator[str]]
Call = tuple[str, Any]  # a statement and its variables; a list of them for a statement that runs for many rows


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


@contextmanager
def seen_statements(database: Database) -> Iterator[list[Call]]:
    seen: list[Call] = []

    def see(connection: Any, cursor: Any, statement: str, values: Any, context: Any, executemany: bool) -> None:
        if statement.split()[0] not in ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"):
            seen.append((statement, values))

    event.listen(database._engine, "before_cursor_execute", see)
    yield seen
    event.remove(database._engine, "before_cursor_execute", see)


def opening_with_all(claimed: ClaimedMail) -> Outcome:
    """A mail that opens a ticket, with rows in nearly all tables."""
    made = opening(claimed, note=internal_note("careful"), seen_ids=(f"seen{claimed.id}@acme.example",))
    images = SignatureImages((f"{claimed.id:064x}",), "acme.example")
    return replace(made, decision=replace(made.decision, adds=replace(made.decision.adds, images=images)))


def reply_to(one: Ticket, claimed: ClaimedMail) -> Outcome:
    after = replace(one, version=one.version + 1, event_count=one.event_count + 1)
    decision = Decision(
        Disposition.THREADED,
        "the token names the ticket",
        Grounds(Assurance.AUTHENTICATED),
        ticket=after,
        expected_version=one.version,
        events=events_up_to(after.event_count, 1),
        timers=TimerChanges(cancelled=(TimerKind.TARGET,)),
        adds=Contribution(message=customer_message("It works now.")),
    )
    return Outcome(mail_cause(claimed), decision, (letter(after, Notice.CUSTOMER_REPLY, OMAR),), NOW, "node-1")


def questions_about(outcomes: Sequence[Outcome]) -> list[Question]:
    """Questions with every key and every wish, half of them by staff."""
    return [_question(OMAR if number % 2 else ANNA, outcome) for number, outcome in enumerate(outcomes, 1)]


def _question(author: str, outcome: Outcome) -> Question:
    one = outcome.decision.ticket
    assert one is not None
    return Question(
        author=author,
        ticket_ids=(one.id,),
        letter_ids=tuple(made.id for made in outcome.letters),
        message_ids=(outcome.letters[0].message_id, "unknown@acme.example"),
        references=(one.reference,),
        thread_key=one.thread_key,
        fingerprint=f"{one.id:064x}",
        signed_content=f"{one.id:064x}",
        about=ANNA,
        named=(OMAR,),
        held_ids=(outcome.cause.mail_id or 0,),
        images=(f"{one.id:064x}",),
        answered_at=ANNA,
        asks_again=(ANNA,),
        digest_ids=(5,),
        wanted=frozenset(Wanted),
    )


def process_mails(database: Database, blobs: BlobStore, count: int, now: datetime) -> dict[str, list[Call]]:
    """Let `count` mails open tickets and `count` others answer these. Return the statements of each step."""
    steps: dict[str, list[Call]] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        with seen_statements(database) as seen:
            yield
        steps[name] = seen

    raws = [raw_mail(sender=f"ben{number}.{now.timestamp():.0f}@acme.example") for number in range(2 * count)]
    with step("store"):
        store_raw(database, blobs, 65536, raws, now)
    with step("claim"):
        claimed = claim_mail(database, blobs, now, limit=2 * count, lease=LEASE, max_bytes=2**30)
    outcomes = [opening_with_all(mail) for mail in claimed[:count]]
    with step("record what opens"):
        assert record_all(database, outcomes) == []
    with step("look up"), database.reading() as connection:
        look_up_many(connection, questions_about(outcomes), POLICY, now)
    tickets = [outcome.decision.ticket for outcome in outcomes if outcome.decision.ticket]
    with step("record what answers"):
        replies = [reply_to(one, mail) for one, mail in zip(tickets, claimed[count:], strict=True)]
        assert record_all(database, replies) == []
    with step("claim letters"):
        letters = claim_letters(database, now, limit=count, lease=LEASE)
    with step("settle letters"):
        settle_all(database, [(sent, SendOutcome(LetterState.SENT, 250, "queued")) for sent in letters], now)
    return steps


def test_fifty_mails_take_as_many_statements_as_one(database: Database, blobs: BlobStore) -> None:
    made_directory(database)
    process_mails(database, blobs, 2, NOW)
    one, fifty = (process_mails(database, blobs, count, NOW + timedelta(hours=count)) for count in (1, MANY))
    counts = {name: (len(one[name]), len(fifty[name])) for name in one}
    assert all(few == many for few, many in counts.values()), counts
    # The texts are equal too, so that both SQLAlchemy and the database find each statement among those that they have prepared.
    pairs = [pair for name in one if "letters" not in name for pair in zip(one[name], fifty[name], strict=True)]
    assert [few[0] for few, many in pairs if few[0] != many[0]] == []


def made_directory(database: Database) -> None:
    people = [ListedStaff(OMAR, "Omar", "agent", ("general", "billing")), ListedStaff("lea@desk.example", "Lea", "senior")]
    others = [ListedAccount(f"a{number}", "free", (f"x@a{number}.example",), (f"a{number}.example",)) for number in range(20)]
    sync_directory(database, people, [ListedAccount("acme", "business", (ANNA,), ("acme.example",)), *others])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_statement_reads_a_growing_table_from_end_to_end(kind: str, blobs: BlobStore, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL the tables get so many rows that an index pays, in a database of its own because of the statistics."""
    url = request.getfixturevalue("sqlite_url") if kind == "sqlite" else request.getfixturevalue("postgresql_server").create()
    database = Database(url)
    migrate(database)
    made_directory(database)
    asked = hot_statements(database, blobs)
    assert len(asked) > 40
    with database.writing() as connection:
        PREPARE[kind](connection)
        found = {statement: list(PLANS[kind](connection, statement, values)) for statement, values in asked.items()}
    database.close()
    assert {statement: scans for statement, scans in found.items() if scans} == {}


def hot_statements(database: Database, blobs: BlobStore) -> dict[str, Any]:
    """Return every statement of the way of a mail, and of what is asked again and again, each with variables. Inserts read nothing."""
    steps = process_mails(database, blobs, 10, NOW)
    now = NOW + timedelta(hours=1)
    with database.writing() as connection:
        connection.execute(insert(platform_reply).values(account_id="acme", thread_key="k", body_text="hello", attachments=[]))
    store_raw(database, blobs, 65536, [raw_mail(sender="carl@acme.example")], now)
    with seen_statements(database) as repeated:
        waiting_replies(database, now, 10)
        with database.reading() as connection:
            outcomes_to_report(connection, now, 10)
            due_timers(connection, now, 10)
            desk_figures(connection, now)  # what a scrape asks
    close_one_ticket(database)
    with seen_statements(database) as purging:
        purge_one_ticket(database, blobs, NOW + timedelta(days=800))
    calls = ((statement, values) for seen in (*steps.values(), repeated, purging) for statement, values in seen)
    return {
        statement: values[0] if isinstance(values, list) else values
        for statement, values in calls
        if not statement.startswith("INSERT") and READS_A_PART not in statement
    }


def close_one_ticket(database: Database) -> None:
    oldest = select(func.min(ticket.c.id)).scalar_subquery()
    with database.writing() as connection:
        connection.execute(update(outbox).values(state=LetterState.SENT))
        connection.execute(update(ticket).where(ticket.c.id == oldest).values(status=Status.CLOSED, closed_at=NOW))


def purge_one_ticket(database: Database, blobs: BlobStore, now: datetime) -> None:
    """Let everything go that is over: first octets and files, then the closed ticket."""
    spans = {"raw_mail": "30d", "letters": "30d", "files": "60d"}
    blobs.put(b"nobody's")
    taken = purge(database, blobs, Retention(**spans, legal_hold=("nobody@x.example",)), now)  # type: ignore[arg-type]  # as the file has it
    assert taken["mail"] and taken["letter"]
    assert purge(database, blobs, Retention(closed_tickets="30d"), now)["ticket"] == 1  # type: ignore[arg-type]  # likewise


def _scans_of_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    """Yield the lines of a plan that say SCAN. A scan of a partial index is none, since it holds only rows that wait."""
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        word, _, rest = row[3].partition(" ")
        if word == "SCAN" and rest.split()[0] in GROWING and rest.split()[-1] not in PARTIAL:
            yield row[3]


def _scans_of_postgresql(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    yield from _scans_within(connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()[0]["Plan"])


def _scans_within(node: dict[str, Any]) -> Iterator[str]:
    """Yield the nodes of a plan that read a growing table, or an index that grows with it, without a condition on its key."""
    kind, table, index = node["Node Type"], node.get("Relation Name"), node.get("Index Name")
    reads_whole = kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node and index not in PARTIAL)
    if reads_whole and (table in GROWING or table is None):
        yield f"{kind} of {table} {index or ''}"
    for below in node.get("Plans", ()):
        yield from _scans_within(below)


def _fill_postgresql(connection: Connection) -> None:
    """Copy all rows many times, under other keys, and let the planner scan a table only if no index can serve."""
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for addition in ADDITIONS:
        connection.exec_driver_sql(addition)
    for table in metadata.sorted_tables:
        if table.name not in SMALL:
            keys = {column.name for index in table.indexes for column in index.columns}
            keys |= {column.name for column in table.columns if column.unique or column.primary_key}
            copied = [_copied(column, column.name in keys) for column in table.columns]
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = f"SELECT {', '.join(copied)} FROM {table.name}, generate_series(1, {COPIES}) AS k"
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) {rows}")
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")


def _copied(column: Column[Any], is_key: bool) -> str:
    if isinstance(column.type, BigInteger):
        return f'"{column.name}" + k * {10**14}'
    if is_key and isinstance(column.type, Text | String | CleanText | MessageId):
        length = getattr(column.type, "length", None)
        kept = f'right("{column.name}", {length - 6})' if length else f'"{column.name}"'
        return f"{kept} || '-' || k"
    return f'"{column.name}"'


COPIES = 300
ADDITIONS = (  # to tables into which the mails above have written nothing
    "INSERT INTO related SELECT id, id FROM ticket",
    "INSERT INTO undo_step SELECT id, version, id::text, '', created_at, '', '{}' FROM ticket",
    "INSERT INTO ticket_words SELECT id, 'acme', '[]', created_at, NULL, id, true FROM ticket",
    "INSERT INTO digest SELECT id, 'omar@desk.example', id::text, created_at, '[]' FROM ticket",
)
GROWING = frozenset(metadata.tables) - SMALL
PARTIAL = frozenset(
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
PREPARE: dict[str, Callable[[Connection], None]] = {"sqlite": lambda connection: None, "postgresql": _fill_postgresql}
PLANS: dict[str, Plan] = {"sqlite": _scans_of_sqlite, "postgresql": _scans_of_postgresql}
TEXTS_DIFFER: set[str] = set()
