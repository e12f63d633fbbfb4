"""Files of people and accounts, what the directory makes of them, and that each step can be taken back."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Executable, event, insert, select
from sqlalchemy.ext.compiler import compiles
from support.desk.outcomes import ANNA, blob_store, new_ticket, opening, raw_mail, stored_and_claimed

from helpdesk.config.opening_hours import Calendar
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.gateway.directory_files import WrongFile, read_file, written_csv, written_json
from helpdesk.store.account_heirs import STATES_OF_ACCOUNTS
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database
from helpdesk.store.directory.change import DirectoryOrder, DirectoryOutcome
from helpdesk.store.directory.compare import compare
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ACCOUNTS, ListedAccount, ListedStaff, list_accounts, list_staff
from helpdesk.store.directory.pages import DOMAINS_OF_ACCOUNTS, select_page
from helpdesk.store.directory.rows import SHAPES, DirectoryKind
from helpdesk.store.directory.undo import recorded_changes, undo_change
from helpdesk.store.directory.write import change_directory, write_diff
from helpdesk.store.inbound import store_raw
from helpdesk.store.migrate import migrate
from helpdesk.store.people import OF_CONTACTS, OF_DOMAINS, find_contacts
from helpdesk.store.record import record_all
from helpdesk.store.schema import IN_FILE, contact, directory_change, directory_version
from helpdesk.store.succession import ACCOUNTS_WITH_HEIR, OF_ACCOUNTS, OF_REQUESTERS, OPEN_ONES

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),), calendars={"america": Calendar()})
ACCOUNT, CONTACT, STAFF = DirectoryKind.ACCOUNT, DirectoryKind.CONTACT, DirectoryKind.STAFF


def imported(
    database: Database, kind: DirectoryKind, text: str | bytes, source: str = "import:crm", **options: Any
) -> DirectoryOutcome:
    """What `import` does with a file. `complete` and the other options are those of the command."""
    found = read_file(kind, text.encode() if isinstance(text, str) else text, POLICY)
    dry_run, now = options.pop("dry_run", False), options.pop("now", NOW)
    complete = found.names_all_of if options.pop("complete", False) else frozenset()
    order = DirectoryOrder(source, found.entries, complete, refused=found.refused, **options)
    return change_directory(database, order, now, dry_run=dry_run)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the directory."""
    with database.reading() as connection:
        return {
            kind: [tuple(row) for row in connection.execute(select(shape.table).order_by(shape.table.c[shape.key]))]
            for kind, shape in SHAPES.items()
        }


def lines(outcome: DirectoryOutcome) -> list[str]:
    return [f"{change.word} {change.kind} {change.key}" for change in outcome.diff.changes]


# What a file says, what the diff is, and which lines are refused. Each begins with the rows of FIRST.
FIRST = 'id;plan;contacts;external_id\r\nacme;business;"anna@acme.example, ben@acme.example";7\r\nglobex;starter;;8\r\n'
STAFF_FILE = """address,name,role,queues,hours,zone,language,letters,deputy
lea@desk.example,"'=Lea",senior,general|billing,09:00-13:00,Europe/Berlin,de,own,omar@desk.example
x@desk.example,X,boss,,,,,,
"""
FILES: dict[str, tuple[DirectoryKind, str | bytes, list[str], list[str]]] = {
    "the same again": (ACCOUNT, FIRST, [], []),
    "with a byte order mark and commas": (ACCOUNT, b"\xef\xbb\xbfID,Plan\nacme,custom\n", ["changed account acme"], []),
    "JSON lines with an end": (
        ACCOUNT,
        '{"id": "initech", "domains": ["INITECH.example"], "externalId": "9"}\n{"end": 1}',
        ["added account initech", "added domain initech.example"],
        [],
    ),
    "a contact that moves": (CONTACT, "address,account\nAnna@ACME.example,globex\n", ["moved contact anna@acme.example"], []),
    "a contact that leaves": (
        CONTACT,
        "address,account,active\nben@acme.example,acme,no\n",
        ["deactivated contact ben@acme.example"],
        [],
    ),
    "an account with another id": (
        ACCOUNT,
        "id,external_id\nacme-group,7\n",
        ["deactivated account acme", "renamed account acme-group"],
        [],
    ),
    "faulty lines, all at once": (
        ACCOUNT,
        "id,plan,language,active\na,gold,de,\nb,starter,xx-yy-zz,yes\nc,starter\nglobex,free,,yes\nglobex,free,,yes\n,free,,yes\n",
        ["changed account globex"],
        ["line 2", "line 3", "line 4", "line 6", "line 7"],
    ),
    "staff with all that they have": (
        STAFF,
        STAFF_FILE,
        ["added staff lea@desk.example"],
        ["line 3"],
    ),
    "a contact of an account that nobody has": (CONTACT, "address;account\nx@y.example;initech\n", [], ["line 2"]),
    "rows of the configuration": (CONTACT, "address;account\ncarl@toml.example;acme\n", [], ["line 2"]),
}


@pytest.mark.parametrize("name", FILES)
def test_what_files_say_is_what_changes(name: str, sqlite_url: str) -> None:
    kind, text, expected, refused = FILES[name]
    database = Database(sqlite_url)
    sync_directory(database, [], [ListedAccount("toml", "free", ("carl@toml.example",))], NOW)
    imported(database, ACCOUNT, FIRST)
    before = contents(database)
    outcome = imported(database, kind, text, now=NOW + timedelta(days=1))
    assert [refusal.place for refusal in outcome.diff.refusals] == refused
    if refused:
        assert outcome.number is None
        assert contents(database) == before  # no line is taken while one is faulty
        outcome = imported(database, kind, text, skip_bad=True)
    assert lines(outcome) == expected
    assert (contents(database) == before) is not bool(expected)
    database.close()


WRONG = {
    "empty": b"",
    "a header alone": b"id,plan\n",
    "cut off in the last line": b"id,plan\nacme,busi",
    "JSON lines that end too early": b'{"id": "a"}\n{"end": 2}\n',
    "an unknown column": b"id,planet\nacme,earth\n",
    "no id": b"plan\nfree\n",
    "a column twice": b"id,id\na,a\n",
    "Latin-1": "id,plan\nmüller,free\n".encode("latin-1"),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG.keys())
def test_a_file_that_may_be_cut_off_is_refused(content: bytes) -> None:
    with pytest.raises(WrongFile):
        read_file(ACCOUNT, content, POLICY)


def test_a_source_changes_and_takes_away_only_its_own(database: Database) -> None:
    sync_directory(database, [ListedStaff("omar@desk.example", "Omar")], [ListedAccount("toml", "free")], NOW)
    many = "id,plan,external_id\n" + "".join(f"a{number},free,{number}\n" for number in range(20))
    assert imported(database, ACCOUNT, many, complete=True).number
    assert imported(database, ACCOUNT, "id\nb1\n", "import:billing", complete=True).number
    version = contents(database)
    dry = imported(database, ACCOUNT, "id,plan\na1,custom\n", dry_run=True)
    assert (lines(dry), dry.number, contents(database)) == (["changed account a1"], None, version)
    fewer = "id\n" + "".join(f"a{number}\n" for number in range(13))
    stopped = imported(database, ACCOUNT, fewer, complete=True)
    assert "7 of the 20 rows" in stopped.refused
    assert "6 are allowed" in imported(database, ACCOUNT, fewer, complete=True, allowed=6).refused
    assert contents(database) == version
    done = imported(database, ACCOUNT, fewer, complete=True, allowed=7)
    assert done.diff.counts == {"deactivated": 7}
    assert done.diff.unchanged == 13  # these were not written at all
    with database.reading() as connection:
        assert [row.id for row in list_accounts(connection) if not row.active] == [f"a{number}" for number in range(13, 20)]
        assert [member.active for member in list_staff(connection)] == [True]
    sync_directory(database, [ListedStaff("omar.h@desk.example", "Omar")], [ListedAccount("a19", "custom")], NOW)
    with database.reading() as connection:
        staff = {member.address: member for member in list_staff(connection)}
        assert staff["omar@desk.example"].settings["heir"] == "omar.h@desk.example"  # one gone and one new of the same name
        assert [row.source for row in list_accounts(connection) if row.id == "a19"] == ["toml"]  # nobody else had it in force
    conflict = sync_directory(database, [], [ListedAccount("a1", "custom")], NOW)
    assert "belongs to import:crm" in conflict.refusals[0].reason


def test_whom_the_directory_takes_for_whose_contact(database: Database) -> None:
    """An inactive contact, domain or account gives nobody an account."""
    imported(database, ACCOUNT, f"id,plan,contacts,domains\nacme,business,{ANNA},acme.example\n")

    def plan_of(address: str) -> tuple[str | None, str]:
        with database.reading() as connection:
            found = find_contacts(connection, [address], "free")[address]
        return found.account, found.plan

    other = "carl@acme.example"
    assert [plan_of(ANNA), plan_of(other)] == [("acme", "business")] * 2
    imported(database, CONTACT, f"address,account,active\n{ANNA},acme,false\n")
    assert plan_of(ANNA) == ("acme", "business")  # by the domain of the account
    elsewhere = "kim@elsewhere.example"
    imported(database, CONTACT, f"address,account\n{elsewhere},acme\n")
    assert plan_of(elsewhere) == ("acme", "business")
    imported(database, CONTACT, f"address,account,active\n{elsewhere},acme,false\n")
    assert plan_of(elsewhere) == (None, "free")
    imported(database, ACCOUNT, "id,active\nacme,false\n")
    assert [plan_of(ANNA), plan_of(other)] == [(None, "free")] * 2


def random_file(draw: random.Random) -> tuple[DirectoryKind, str, bool]:
    """A file with some accounts or contacts of few names, so that files meet each other's rows."""
    ids = draw.sample(range(8), draw.randint(1, 7))
    kind = draw.choice((ACCOUNT, CONTACT, STAFF))
    rows: list[dict[str, Any]] = []
    for number in ids:
        common = {"active": draw.random() > 0.2, "external_id": draw.choice(("", str(number), f"x{draw.randint(0, 3)}"))}
        if kind is ACCOUNT:
            rows.append(
                {
                    "id": f"a{number}",
                    "plan": draw.choice(("free", "starter")),
                    "domains": [f"d{draw.randint(0, 99)}.example"],
                    **common,
                }
            )
        elif kind is CONTACT:
            rows.append({"address": f"p{number}@example.com", "account": f"a{draw.randint(0, 7)}", **common})
        else:
            rows.append({"address": f"s{number}@desk.example", "name": f"S{draw.randint(0, 3)}", "queues": ["general"], **common})
    return kind, "".join(json.dumps(row) + "\n" for row in rows), draw.random() > 0.5


def test_what_is_undone_was_never_done(database: Database) -> None:
    """Random files of two sources, each undone once or twice: the directory is as it was before, to the last column."""
    draw = random.Random(17)
    done = 0
    for step in range(60 if database.is_sqlite else 25):
        kind, text, complete = random_file(draw)
        before = contents(database)
        outcome = imported(
            database,
            kind,
            text,
            draw.choice(("import:crm", "import:hr")),
            complete=complete,
            allowed=-1,
            skip_bad=True,
            now=NOW + timedelta(minutes=step),
        )
        if outcome.number is None:
            assert contents(database) == before
            continue
        done += 1
        after = contents(database)
        undone = undo_change(database, outcome.number, NOW)
        assert undone.refused == ""
        assert contents(database) == before
        assert undo_change(database, outcome.number, NOW).refused  # the undoing has touched these rows since
        if draw.random() > 0.3 and undone.number:
            assert undo_change(database, undone.number, NOW).refused == ""
            assert contents(database) == after
    assert done > 15


def test_an_undoing_stops_at_what_is_newer_and_keeps_what_requests_name(database: Database, tmp_path: Path) -> None:
    first = imported(database, ACCOUNT, "id,plan\nacme,free\nglobex,free\n", who="ines", file="crm.csv", sha256="f" * 64)
    second = imported(database, ACCOUNT, "id,plan\nacme,custom\n")
    assert first.number is not None and second.number is not None
    refused = undo_change(database, first.number, NOW)
    assert [refusal.place for refusal in refused.diff.refusals] == ["account acme"]
    assert undo_change(database, second.number, NOW).number
    [mail] = stored_and_claimed(database, blob_store(tmp_path))
    third = imported(database, ACCOUNT, "id\ninitech\nhooli\n")
    assert record_all(database, [opening(mail, new_ticket(account="initech"))]) == []
    assert third.number is not None
    assert undo_change(database, third.number, NOW).number
    with database.reading() as connection:
        found = {row.id: row.active for row in list_accounts(connection)}
        assert found == {"acme": True, "globex": True, "initech": False}  # a request names it, so that its row stays
        assert connection.execute(select(directory_version.c.version)).scalar() == 5
        records = recorded_changes(connection, 10)
    assert (records[-1].who, records[-1].file, records[-1].sha256) == ("ines", "crm.csv", "f" * 64)
    assert [record.undone for record in records] == [False, True, False, True, False]
    assert undo_change(database, 99, NOW).refused


def test_an_undoing_keeps_what_a_request_names_since_it_has_looked(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail comes between the comparison and the transaction that writes."""
    [mail] = stored_and_claimed(database, blob_store(tmp_path))
    change = imported(database, ACCOUNT, "id\ninitech\nhooli\n")
    assert change.number is not None
    mails = iter([mail])

    def write(*given: Any, **more: Any) -> int | None:
        for waiting in mails:
            assert record_all(database, [opening(waiting, new_ticket(account="initech"))]) == []
        return write_diff(*given, **more)

    monkeypatch.setattr("helpdesk.store.directory.undo.write_diff", write)
    assert undo_change(database, change.number, NOW).number
    with database.reading() as connection:
        assert {row.id: row.active for row in list_accounts(connection)} == {"initech": False}


def test_a_file_that_was_exported_changes_nothing(sqlite_url: str) -> None:
    """Cells that a spreadsheet would calculate go out as text, and come back as they were."""
    names = ("=1+1", "+49 30 1", "-", "@home", "'quoted'", "'=odd", "Müller, Jörg; (IT)", "")
    database = Database(sqlite_url)
    imported(database, ACCOUNT, "id\nacme\n")
    rows = [{"address": f"p{number}@acme.example", "name": name, "account": "acme"} for number, name in enumerate(names)]
    imported(database, CONTACT, "".join(written_json(rows)))
    full = [{**row, "external_id": None, "active": True} for row in rows]
    as_csv, as_json = "".join(written_csv(CONTACT, full)), "".join(written_json(full))
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in as_csv.splitlines() for cell in line.split(","))
    for text in (as_csv, as_json):
        again = imported(database, CONTACT, text, complete=True)
        assert (again.diff.unchanged, again.diff.changes, again.refused) == (len(names), (), "")
    database.close()


def test_unchanged_rows_are_not_written(sqlite_url: str) -> None:
    """Of 3,000 accounts of which 30 change, 30 are written, in statements that do not grow with the file."""
    database = Database(sqlite_url)
    rows = [f"a{number},{number}\n" for number in range(3000)]
    imported(database, ACCOUNT, "id,external_id\n" + "".join(rows))
    changed = "id,external_id,plan\n" + "".join(
        f"a{number},{number},{'custom' if number < 30 else 'starter'}\n" for number in range(3000)
    )
    written: list[int] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Sequence[Any], _context: Any, many: bool) -> None:
        if statement.startswith("INSERT INTO account "):
            written.append(len(values) if many else 1)

    event.listen(database._engine, "before_cursor_execute", note)
    outcome = imported(database, ACCOUNT, changed, now=NOW + timedelta(days=1))
    assert (outcome.diff.counts, sum(written)) == ({"changed": 30}, 30)
    with database.reading() as connection:
        [table] = [SHAPES[ACCOUNT].table]
        moments = connection.execute(select(table.c.updated_at)).scalars()
        assert sum(moment > NOW for moment in moments) == 30
    database.close()


def test_many_rows_are_made_ready_while_others_write(sqlite_url: str, tmp_path: Path) -> None:
    """2,500 rows hold up no mail while they are put together, and are then written by as many statements as any other number."""
    database, mail = Database(sqlite_url), Database(sqlite_url, busy_timeout=timedelta(milliseconds=1))
    blobs, told, locked = BlobFolder(tmp_path / "blobs"), list[int](), list[str]()

    def mail_comes(done: int, total: int) -> None:
        told.append(done)
        store_raw(mail, blobs, 65536, [raw_mail()], NOW)  # would raise if somebody else were writing

    def note(_connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, many: bool) -> None:
        if locked or statement == "BEGIN IMMEDIATE":
            assert not many
            locked.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    rows = "".join(f"a{number},a{number}.example,o{number}@a.example\n" for number in range(2500))
    found = read_file(ACCOUNT, f"id,domains,contacts\n{rows}".encode(), POLICY)
    outcome = change_directory(database, DirectoryOrder("import:crm", found.entries), NOW, tell=mail_comes)
    assert (outcome.diff.counts, max(told)) == ({"added": 7500}, 7500)
    assert len(locked) < 12
    database.close()
    mail.close()


@pytest.mark.parametrize("undoes", [False, True])
def test_many_rows_are_written_as_few_are(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undoes: bool) -> None:
    """The same changes with and without temporary tables leave the same rows and the same journal."""
    pictures = []
    for name, portion in (("few", 1000), ("many", 0)):
        monkeypatch.setattr("helpdesk.store.directory.write.PORTION", portion)
        database = Database(f"sqlite:///{tmp_path}/{name}.db")
        migrate(database)
        imported(database, ACCOUNT, FIRST)
        imported(database, STAFF, STAFF_FILE, skip_bad=True)
        outcome = imported(database, ACCOUNT, "id;plan;domains\nacme;custom;acme.example\ninitech;free;\n")
        assert imported(database, ACCOUNT, "id;plan\nacme;free\n", dry_run=True).number is None
        if undoes and outcome.number:
            assert undo_change(database, outcome.number, NOW).number
        with database.reading() as connection:
            journal = connection.execute(select(directory_change).order_by(*directory_change.primary_key.columns)).all()
            left = connection.exec_driver_sql("SELECT name FROM sqlite_temp_master").all()
        pictures.append((contents(database), [tuple(row) for row in journal]))
        assert left == []
        database.close()
    assert pictures[0] == pictures[1]


def test_a_change_in_between_is_seen(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever compares and then finds that somebody else was faster compares again."""
    database, other = Database(sqlite_url), Database(sqlite_url)
    imported(database, ACCOUNT, "id\nacme\n")
    raced = list[bool]()

    def slow(*arguments: Any) -> Any:
        found = compare(*arguments)
        if not raced:
            raced.append(True)
            imported(other, ACCOUNT, "id,plan\nacme,custom\n", "import:crm")
        return found

    monkeypatch.setattr("helpdesk.store.directory.write.compare", slow)
    outcome = imported(database, ACCOUNT, "id,plan\nacme,business\n")
    assert [change.differences["plan"] for change in outcome.diff.changes] == [("custom", "business")]
    with database.writing() as connection:
        connection.execute(insert(contact).values(address=ANNA))  # a row that no source has written
    assert imported(database, CONTACT, f"address,account\n{ANNA},acme\n").diff.refusals
    database.close()
    other.close()


def plans(database: Database, statements: dict[str, Any]) -> dict[str, list[str]]:
    """How each statement is carried out, with 3,000 rows in the directory."""
    found = {}
    with database.reading() as connection:
        for name, (statement, values) in statements.items():
            word = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            if not database.is_sqlite:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = connection.execute(_Explained(word, statement), values)
            found[name] = [str(row[-1]) for row in rows]
    return found


class _Explained(Executable, ClauseElement):
    """A statement whose plan is asked for."""

    inherit_cache = False

    def __init__(self, word: str, statement: Any) -> None:
        self.word, self.statement = word, statement


@compiles(_Explained)
def _explain(element: _Explained, compiler: Any, **options: Any) -> str:
    return element.word + str(compiler.process(element.statement, **options))


def test_no_look_up_reads_the_whole_directory(database: Database) -> None:
    imported(database, ACCOUNT, "id,contacts,domains\n" + "".join(f"a{n},p@a{n}.example,a{n}.example\n" for n in range(1000)))
    one = {"values": ["a1"]}
    asked = {
        "contacts": (OF_CONTACTS, {"values": ["p@a1.example"]}),
        "domains": (OF_DOMAINS, {"values": ["a1.example"]}),
        "accounts": (ACCOUNTS, one),
        "states": (STATES_OF_ACCOUNTS, one),
        "tickets of accounts": (OF_ACCOUNTS, one),
        "accounts with an heir": (ACCOUNTS_WITH_HEIR, {}),
        "open tickets": (OPEN_ONES, {}),
        "requesters": (OF_REQUESTERS, {"values": [1]}),
        "domains of accounts": (DOMAINS_OF_ACCOUNTS, one),
        "a page": (select_page(CONTACT, None, "p@a1.example", 100), {}),
        "a page of one account": (select_page(CONTACT, ("a1",), "", 100), {}),
        "a page of accounts": (select_page(ACCOUNT, ("a1", "a2"), "", 100), {}),
        "contacts of the file": (select(contact.c.address).where(IN_FILE), {}),
    }
    if not database.is_sqlite:
        with database._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    for name, lines_of_plan in plans(database, asked).items():
        for line in lines_of_plan:
            scans = line.startswith("SCAN ") and "json_each" not in line if database.is_sqlite else "Seq Scan" in line
            partial = any(index in line for index in ("ticket_load", "account_with_heir", "contact_in_file"))
            assert partial or not scans, (name, lines_of_plan)
