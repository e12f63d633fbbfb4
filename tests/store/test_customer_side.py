"""What customers reach sees no internal note: the database itself refuses it, whatever a query says."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Executable, insert, select, text, update
from support.desk.outcomes import NOW
from support.servers.databases import PostgresqlServer

from helpdesk.store import directory_side, form_side
from helpdesk.store.api_keys import add_key, list_keys
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.customer_side import READS, grants
from helpdesk.store.database import HTTP, HTTP_DIRECTORY, HTTP_FORM, Database, DatabaseAway, Unstorable
from helpdesk.store.directory.change import DirectoryEntry, DirectoryOrder
from helpdesk.store.directory.rows import API, DirectoryKind
from helpdesk.store.directory.write import change_directory
from helpdesk.store.inbound import store_raw
from helpdesk.store.page_sessions import PageVisitor, add_code, end_session, exchange_code, find_session
from helpdesk.store.pending_replies import list_pending_replies
from helpdesk.store.platform_views import NewReply, find_file, list_messages, list_threads, mark_read, submit_reply
from helpdesk.store.schema import inbound, internal_note, metadata, platform_inbox, platform_reply
from helpdesk.threading.model.mail import Envelope, RawMessage

ROLE, DIRECTORY_ROLE, FORM_ROLE = "helpdesk_http_test", "helpdesk_http_directory_test", "helpdesk_http_form_test"
PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"


@pytest.fixture
def customer_side(
    request: pytest.FixtureRequest, database_url: str, database: Database, postgresql_server: PostgresqlServer
) -> Iterator[Database]:
    if database.is_sqlite:
        restricted = Database(database_url, role=HTTP)
    else:
        with database.writing() as connection:
            connection.exec_driver_sql(f"DO $$ BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
            for statement in grants(ROLE):
                connection.exec_driver_sql(statement)
        restricted = Database(database_url, role=HTTP, act_as=ROLE)
    yield restricted
    restricted.close()


def test_no_other_table_can_be_read(customer_side: Database) -> None:
    for name, table in metadata.tables.items():
        if name in READS and not READS[name]:
            continue
        for statement in (select(table), select(text("count(*)")).select_from(table)):
            if name in READS and "count" in str(statement):
                continue
            with pytest.raises((Unstorable, DatabaseAway)), customer_side.reading() as connection:
                connection.execute(statement).all()


def test_nothing_else_can_be_written(customer_side: Database) -> None:
    forbidden = (
        update(platform_inbox).values(body_text="other words"),
        update(platform_inbox).values(account_id="globex"),
        platform_inbox.delete(),
        platform_reply.delete(),
        update(platform_reply).values(error=None),
        internal_note.delete(),
        text("UPDATE api_key SET revoked_at = NULL"),
        text("UPDATE page_session SET account_id = 'globex'"),
        text("DELETE FROM page_session"),
        text("DELETE FROM api_key"),
        text("CREATE TABLE mine (id INTEGER)"),
        text("DROP TABLE internal_note"),
    )
    for statement in forbidden:
        with pytest.raises((Unstorable, DatabaseAway)), customer_side.writing() as connection:
            connection.execute(statement)


def test_a_note_cannot_be_reached_by_another_file(customer_side: Database, tmp_path: Path) -> None:
    if customer_side.is_sqlite:
        with pytest.raises((Unstorable, DatabaseAway)), customer_side.reading() as connection:
            connection.exec_driver_sql(f"ATTACH DATABASE '{tmp_path / 'desk.db'}' AS other")


def test_everything_that_the_api_does_goes(customer_side: Database, database: Database, tmp_path: Path) -> None:
    row = {
        "id": 1, "account_id": "acme", "contact_address": "anna@acme.example", "ticket": "ACZ-K7Q2M9", "thread_key": "k",
        "direction": "support", "subject": "Printer", "body_text": "It jams.", "body_html": "<p>It jams.</p>", "attachments": [],
        "status_after": "in_review", "created_at": NOW, "proved": True, "position": 1,
    }  # fmt: skip
    with database.writing() as connection:
        connection.execute(insert(platform_inbox), [row])
        add_key(connection, "the platform", ["inbox:read"], ["acme"], NOW, None)
    with customer_side.writing() as connection:
        mark_read(connection, ("acme",), "k", 1, NOW)
        reply = NewReply("acme", "anna@acme.example", None, "", "Hello.", "", "c" * 64, "r" * 64)
        assert submit_reply(connection, reply, NOW) == submit_reply(connection, reply, NOW)
        visitor = PageVisitor("acme", "anna@acme.example", "", list_keys(connection)[0].id)
        secret = exchange_code(connection, add_code(connection, visitor, NOW), "", NOW)
        assert secret is not None
        assert find_session(connection, secret, NOW) == visitor
        end_session(connection, secret, NOW)
        assert find_session(connection, secret, NOW) is None
        assert len(list_pending_replies(connection, "acme", "anna@acme.example", NOW)) == 1
    with customer_side.reading() as connection:
        [view] = list_messages(connection, ("acme",), thread=None, contact=None, after=0, limit=10)
        assert view.read_at == NOW
        assert list_messages(connection, (), thread=None, contact=None, after=0, limit=10) == []
        assert list_threads(connection, None, contact="anna@acme.example", before=7, limit=10) == []
        assert find_file(connection, None, BlobFolder(tmp_path), "att_1_1") is None


def test_neither_side_reads_the_tables_of_the_other(customer_side: Database, database: Database, database_url: str) -> None:
    """The directory and the conversations are two connections, and no statement of one reaches what is of the other."""
    directory = Database(database_url, role=HTTP_DIRECTORY, act_as="" if database.is_sqlite else DIRECTORY_ROLE)
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.exec_driver_sql(
                f"DO $$ BEGIN CREATE ROLE {DIRECTORY_ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            for statement in directory_side.grants(DIRECTORY_ROLE):
                connection.exec_driver_sql(statement)
    order = DirectoryOrder(API, [DirectoryEntry(DirectoryKind.STAFF, "omar@desk.example", {"name": "Omar"})])
    try:
        for _ in range(2):
            assert change_directory(directory, order, NOW).refused == ""
        for side, tables in (
            (customer_side, ("staff", "contact", "directory_change")),
            (directory, ("platform_inbox", "platform_reply", "internal_note", "api_key")),
        ):
            for table in tables:
                with pytest.raises((Unstorable, DatabaseAway)), side.reading() as connection:
                    connection.execute(text(f"SELECT * FROM {table}"))
    finally:
        directory.close()


def test_the_public_form_stores_a_mail_and_reads_nobody_s_words(database: Database, database_url: str, tmp_path: Path) -> None:
    form = Database(database_url, role=HTTP_FORM, act_as="" if database.is_sqlite else FORM_ROLE)
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.exec_driver_sql(f"DO $$ BEGIN CREATE ROLE {FORM_ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
            for statement in form_side.grants(FORM_ROLE):
                connection.exec_driver_sql(statement)
    mail = RawMessage("form", Envelope("ida@home.example", ("help@desk.example",)), b"Subject: Zoom\r\n\r\nHow?\r\n", NOW)
    try:
        for _ in range(2):
            assert store_raw(form, BlobFolder(tmp_path), 1000, [mail], NOW)
        for name, table in metadata.tables.items():
            for column in table.columns:
                if column.name in form_side.RIGHTS.reads.get(name, ()):
                    continue
                with pytest.raises((Unstorable, DatabaseAway)), form.reading() as connection:
                    connection.execute(text(f"SELECT {column.name} FROM {name}")).all()
        forbidden: Sequence[Executable] = (
            inbound.delete(),
            update(inbound).values(state="opened"),
            text("INSERT INTO internal_note (id) VALUES (1)"),
        )
        for change in forbidden:
            with pytest.raises((Unstorable, DatabaseAway)), form.writing() as connection:
                connection.execute(change)
    finally:
        form.close()
