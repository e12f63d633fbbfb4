"""The platform's two tables, the directory and timers, and that internal notes stay where they are."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from support.desk.outcomes import ANNA, NOW, OMAR, blob_store, internal_note, letter, new_ticket, opening, stored_and_claimed

from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedAccount, ListedStaff, list_accounts, list_staff
from helpdesk.store.history import ticket_history
from helpdesk.store.inbound import content_of, counts_by_state, find_inbound, list_inbound, pending_count
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.known import look_up
from helpdesk.store.mail_claims import claim_mail
from helpdesk.store.outbox import attempts_of, claim_letters, content_of_letter, find_letter, letters_of, list_letters
from helpdesk.store.platform import list_inbox, refuse_reply, waiting_replies
from helpdesk.store.platform_files import files_of_reply
from helpdesk.store.record import record_all
from helpdesk.store.schema import metadata, platform_reply
from helpdesk.store.tickets import find_ticket, list_tickets
from helpdesk.store.timers import due_timers, timers_of
from helpdesk.threading.matching.known import Question
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.timer import TimerKind

POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))

CANARY = "the customer is three months behind"
STORE = Path(__file__).parents[2] / "store"


def written_reply(database: Database, **columns: object) -> None:
    """As the platform writes it: with the columns that it has something for."""
    values: dict[str, object] = {"account_id": "acme", "body_text": "Still broken.", **columns}
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    with database.writing() as connection:
        connection.execute(text(f"INSERT INTO platform_reply ({names}) VALUES ({marks})"), values)


def test_a_reply_needs_only_what_the_platform_knows(database: Database) -> None:
    written_reply(database)
    written_reply(database, thread_key="k" * 32, contact_address=ANNA, attachments='[{"filename": "a.png"}]')
    first, second = waiting_replies(database, NOW.replace(year=2999), 10)
    assert (first.thread_key, first.account_id, first.contact_address, first.body_text) == (None, "acme", "", "Still broken.")
    assert (first.attachments, first.defect) == ((), "")
    assert first.created_at < NOW.replace(year=2999)
    assert (second.thread_key, second.contact_address, second.attachments) == ("k" * 32, ANNA, ({"filename": "a.png"},))
    assert waiting_replies(database, NOW, 1) == [waiting_replies(database, NOW, 2)[0]]
    assert waiting_replies(database, NOW, 1)[0].created_at == NOW  # not in a time to come


def test_a_reply_that_cannot_be_read_holds_up_no_other(database: Database) -> None:
    defects = ["{}", '"text"', "[1]", "null"]
    if database.is_sqlite:
        defects += ["", "[", "[" * 100_000]
    for attachments in defects:
        written_reply(database, attachments=attachments)
    written_reply(database)
    times = ["infinity", "-infinity"] if not database.is_sqlite else ["soon", ""]
    for moment in times:
        written_reply(database, created_at=moment)
    rows = waiting_replies(database, NOW, 100)
    assert [bool(row.defect) for row in rows] == [True] * len(defects) + [False] * 3
    assert {row.created_at for row in rows[-2:]} == {NOW}


def test_a_refused_reply_waits_no_longer_until_its_error_is_cleared(database: Database) -> None:
    written_reply(database)
    [row] = waiting_replies(database, NOW, 10)
    with database.writing() as connection:
        assert refuse_reply(connection, row.id, "unknown account", NOW)
        assert not refuse_reply(connection, row.id, "again", NOW)
        assert connection.execute(select(platform_reply.c.error)).scalar() == "unknown account"
    assert waiting_replies(database, NOW, 10) == []
    with database.writing() as connection:
        connection.execute(text("UPDATE platform_reply SET error = NULL"))
    assert waiting_replies(database, NOW, 10) == [row]


def test_due_timers_come_in_their_order(database: Database, tmp_path: Path) -> None:
    claims = stored_and_claimed(database, blob_store(tmp_path), 3)
    assert record_all(database, [opening(claimed) for claimed in claims]) == []
    due = NOW + timedelta(hours=8)
    with database.reading() as connection:
        assert due_timers(connection, due - timedelta(microseconds=1), 10) == []
        found = due_timers(connection, due, 10)
        assert due_timers(connection, due, 2) == found[:2]
    assert [one.ticket_id for one in found] == sorted(one.ticket_id for one in found)
    assert {(timer.kind, timer.occurrence, timer.due_at) for timer in found} == {(TimerKind.TARGET, 1, due)}


def test_the_directory_becomes_what_is_listed(database: Database) -> None:
    omar = ListedStaff(OMAR, "Omar", "senior", ("general",))
    lea = ListedStaff("lea@desk.example", "Lea")
    acme = ListedAccount("acme", "business", (ANNA, "ben@acme.example"), ("acme.example",))
    globex = ListedAccount("globex", "starter")
    sync_directory(database, [omar, lea], [acme, globex])
    with database.reading() as connection:
        assert list_staff(connection) == [lea, omar]
        assert list_accounts(connection) == [acme, globex]
    moved = ListedAccount("globex", "custom", (ANNA,), ("acme.example", "globex.example"))
    promoted = ListedStaff(OMAR, "Omar H.", "manager", ())
    sync_directory(database, [promoted], [ListedAccount("acme", "free", ("ben@acme.example",)), moved])
    with database.reading() as connection:
        assert list_staff(connection) == [ListedStaff("lea@desk.example", "Lea", active=False), promoted]
        assert list_accounts(connection) == [ListedAccount("acme", "free", ("ben@acme.example",)), moved]
    sync_directory(database, [], [])
    with database.reading() as connection:
        assert [member.active for member in list_staff(connection)] == [False, False]
        assert [(account.contacts, account.domains) for account in list_accounts(connection)] == [((), ()), ((), ())]


@pytest.mark.parametrize("what", ["contacts", "domains"])
def test_two_accounts_cannot_claim_the_same(database: Database, what: str) -> None:
    claimed = ("acme.example",)
    claims = {"contacts": claimed if what == "contacts" else (), "domains": claimed if what == "domains" else ()}
    accounts = [ListedAccount(one, "free", claims["contacts"], claims["domains"]) for one in ("acme", "globex")]
    with pytest.raises(ValueError, match=r"acme.*globex.*acme\.example"):
        sync_directory(database, [], accounts)


def test_a_ticket_is_shown_whole(database: Database, tmp_path: Path) -> None:
    claims = stored_and_claimed(database, blob_store(tmp_path), 2)
    first, second = (opening(claimed, note=internal_note(CANARY)) for claimed in claims)
    assert record_all(database, [first, second]) == []
    one = first.decision.ticket
    assert one is not None
    with database.reading() as connection:
        found = ticket_history(connection, one.reference.lower())
        assert ticket_history(connection, "ACZ-NONE") is None
        listed = list_tickets(connection)
        assert list_tickets(connection, limit=1) == listed[:1]
        assert list_tickets(connection, Status.CLOSED) == []
        assert list_tickets(connection, Status.IN_REVIEW, OMAR) == listed
        assert list_tickets(connection, assignee="nobody@desk.example") == []
    assert [(row.ticket, row.messages) for row in listed] == [(second.decision.ticket, 1), (one, 1)]
    assert found is not None
    assert found.ticket == one
    assert first.decision.adds.message is not None
    # Whose inbox the words stand in is said by the row of the inbox, not by the message.
    assert found.messages == (replace(first.decision.adds.message, proved=False, inbox_of=None),)
    assert found.notes == (first.decision.adds.note,)
    assert found.events == first.decision.events
    assert [row.id for row in found.letters] == [row.id for row in first.letters]
    assert [(row.kind, row.state) for row in found.timers] == [("target", "pending")]
    assert found.related == ()


def test_tickets_are_related_in_both_directions(database: Database, tmp_path: Path) -> None:
    claims = stored_and_claimed(database, blob_store(tmp_path), 2)
    one = new_ticket()
    other = new_ticket()
    assert record_all(database, [opening(claims[0], one), opening(claims[1], other, related=(one.id,))]) == []
    with database.reading() as connection:
        histories = [ticket_history(connection, each.reference) for each in (one, other)]
    assert [each.related for each in histories if each] == [(other.reference,), (one.reference,)]


def noted_ticket(database: Database, folder: Path) -> int:
    [claimed] = stored_and_claimed(database, blob_store(folder))
    one = new_ticket(account="acme")
    letters = (letter(one), letter(one, to=OMAR, subject="a note", body_text=CANARY, body_html=f"<p>{CANARY}</p>"))
    assert record_all(database, [opening(claimed, one, note=internal_note(CANARY), letters=letters)]) == []
    return one.id


def test_a_note_is_written_into_its_own_table_alone(database: Database, tmp_path: Path) -> None:
    """Neither the note nor a letter to staff about it reaches any other table, least of all the customer's inbox."""
    noted_ticket(database, tmp_path)
    give_positions(database)
    with database.reading() as connection:
        holders = [
            name
            for name, table in metadata.tables.items()
            if any(CANARY in str(row) for row in connection.execute(select(table)))
        ]
        inbox = list_inbox(connection)
    assert holders == ["internal_note"]
    assert [row.direction for row in inbox] == [Direction.CUSTOMER, Direction.SUPPORT]


def test_no_customer_facing_query_reads_the_notes(database: Database, tmp_path: Path) -> None:
    number = noted_ticket(database, tmp_path)
    give_positions(database)
    blobs = blob_store(tmp_path)
    seen: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    answers: list[object] = [
        waiting_replies(database, NOW, 10),
        files_of_reply(database, blobs, 1),
        claim_mail(database, blobs, NOW, limit=1, lease=timedelta(1), max_bytes=1),
        claim_letters(database, NOW, limit=1, lease=timedelta(1)),
    ]
    with database.reading() as connection:
        answers += [
            list_inbox(connection),
            list_inbox(connection, account_id="acme"),
            list_inbox(connection, contact_address=ANNA),
            list_tickets(connection),
            find_ticket(connection, "ACZ"),
            look_up(connection, Question(ANNA, ticket_ids=(number,), fingerprint="f", message_ids=("a",)), POLICY, NOW),
            list_letters(connection),
            letters_of(connection, number),
            find_letter(connection, 1),
            attempts_of(connection, 1),
            content_of_letter(connection, 1),
            find_inbound(connection, "1"),
            list_inbound(connection),
            content_of(connection, blobs, 1),
            counts_by_state(connection),
            pending_count(connection),
            timers_of(connection, number),
            due_timers(connection, NOW, 10),
            list_staff(connection),
            list_accounts(connection),
        ]
    assert len(seen) > len(answers)
    assert [statement for statement in seen if "internal_note" in statement] == []
    assert CANARY not in str(answers)


def test_only_history_and_record_know_the_notes(database: Database) -> None:
    knowing = {path.name for path in STORE.glob("*.py") if "internal_note" in path.read_text() or "history" in path.read_text()}
    assert knowing - {
        "history.py",
        "record.py",
        "schema.py",
        "undo.py",
        "guarded.py",
        "kept_files.py",
        "whole.py",
        "search.py",
        *(
            "retention.py",
            "erasure.py",
            "own_rows.py",
            "person_rows.py",
            "persons.py",
            "blob_uses.py",
        ),  # take notes away, or what only they need
        "scratch.py",  # copies requests into a database of its own
    } <= {"tickets.py"}
    imports = [line for line in (STORE / "tickets.py").read_text().splitlines() if line.startswith(("import", "from"))]
    assert not any("internal_note" in line or "history" in line for line in imports)


def test_the_platform_may_write_through_its_own_driver(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(platform_reply).values(account_id="acme", body_text="nul \0 and \ud800", attachments=[]))
    [row] = waiting_replies(database, NOW, 10)
    assert row.body_text == "nul \ufffd and \ufffd"
