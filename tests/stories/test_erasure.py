"""`helpdesk erase`: nothing of a person is left, and everybody else has what they had."""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from support.desk.staff_rows import change_staff
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk, wired_desk
from support.servers.bucket import BucketServer, bucket_server

from helpdesk.gateway.backup import make_backup, restore_backup
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.node.housekeeping import keep_retention
from helpdesk.gateway.reader import Reader
from helpdesk.store.database import Database
from helpdesk.store.schema import metadata, suppression
from helpdesk.store.suppressions import suppress
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.suppression import Suppression, SuppressionReason

ANNA, PAUL = "anna@acme.example", "paul@acme.example"
SECRET = "The vault of hall seven opens with zirconium."
PDF = b"%PDF-1.4 anna@acme.example " + b"vault numbers " * 40_000  # larger than what the database holds
TRACES = ("anna@acme.example", "anna berg", "zirconium", "vault numbers")
PLAN = b"%PDF-1.4 " + b"plan of the hall " * 40_000
# Tables in which a row of somebody who is erased goes; in all others rows are emptied.
ROWS_GO = {
    *("contact", "suppression", "platform_inbox", "platform_reply", "platform_attachment", "platform_thread", "known_id"),
    *("ticket_words", "undo_step", "seen_image", "related", "search_words", "directory_change"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(tmp_path: Path, reader: Reader, request: pytest.FixtureRequest) -> Iterator[StoryDesk]:
    if request.param == "sqlite":
        with direct_desk(configured(tmp_path), reader) as made:
            yield made
    else:
        with wired_desk(configured(tmp_path, database=request.getfixturevalue("postgresql_url")), reader) as made:
            yield made


def tell_the_story(desk: StoryDesk) -> None:
    """Anna has a request of her own, one with Paul, one in the platform, and stands in what Carla and the team wrote."""
    anna, paul = desk.person(ANNA, "Anna Berg"), desk.person(PAUL, "Paul Kern")
    carla, omar = desk.person("carla@globex.example", "Carla Rossi"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes("Vault", SECRET, files={"vault.pdf": PDF})
    omar.replies(Notice.NEW_TICKET, "#note\nAnna Berg has asked for zirconium before.", quote=False)
    omar.replies(Notice.NEW_TICKET, f"#resolve\nDear Anna Berg, zirconium it is. Shall we write to {ANNA}?")
    solved = anna.letter(Notice.RESOLUTION).text.partition("It is solved: mailto:")[2].partition("?")[0]
    anna.writes("It is solved", "", solved)  # a mail without text, which is found by her name and its subject
    paul.writes("Printer", f"Anna Berg ({ANNA}) says that the printer of our office is out of order.", cc=ANNA)
    omar.replies(Notice.NEW_TICKET, "#resolve\nPlease tell Anna Berg as well.")
    paul.replies(Notice.RESOLUTION, "It is solved", quote=False)
    carla.writes("Scanner", f"Häuser: my colleague {ANNA} told me to ask you. Anna Berg is her name.")
    desk.writes_in_platform("acme", ANNA, SECRET, files={"words.txt": b"zirconium and vault numbers"})
    omar.replies(Notice.NEW_TICKET, "#resolve\nDone.")
    anna.replies(Notice.RESOLUTION, "It is solved", quote=False)
    with desk.database.writing() as connection:
        suppress(connection, Suppression(ANNA, SuppressionReason.MANUAL, f"{ANNA} asked", desk.now, None))
    for path in blob_files(desk):
        os.utime(path, (0, 0))


def blob_files(desk: StoryDesk) -> list[Path]:
    return sorted(Path(desk.node.configuration.settings.database.blobs).glob("[0-9a-f][0-9a-f]/*"))


def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in metadata.sorted_tables}


def traces_in(database: Database) -> set[tuple[str, str, str]]:
    """Where something of Anna stands, with mails read as a mail client reads them."""
    found = set()
    for table, rows in dump(database).items():
        for row in rows:
            for column, value in row.items():
                text = "\n".join(readings(value)).lower()
                found |= {(table, column, trace) for trace in TRACES if trace in text}
    return found


def readings(value: Any) -> Iterator[str]:
    if not isinstance(value, bytes):
        yield json.dumps(value, default=str, ensure_ascii=False)
        return
    yield value.decode("utf-8", "replace")
    message = message_from_bytes(value, policy=policy.default)
    yield from (f"{name}: {field}" for name, field in message.items())
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.decode("utf-8", "replace")


def counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def run(desk: StoryDesk, *words: str) -> Result:
    config = desk.node.configuration.settings.folder / "helpdesk.toml"
    return CliRunner().invoke(helpdesk, [words[0], "--config", str(config), *words[1:]])


def erase(desk: StoryDesk, *addresses: str) -> Mapping[str, Any]:
    result = run(desk, "erase", *addresses, "--yes", "--json")
    assert result.exit_code == 0, result.output
    done: Mapping[str, Any] = json.loads(result.stdout)
    return done


def test_nothing_of_a_person_is_left_and_everybody_else_has_what_they_had(kept: StoryDesk) -> None:
    tell_the_story(kept)
    with kept.database.writing() as connection:
        suppress(connection, Suppression(PAUL, SuppressionReason.MANUAL, "", kept.now, None))
    assert {trace for _, _, trace in traces_in(kept.database)} >= set(TRACES) - {"vault numbers"}
    inbox_of_paul = [row for row in kept.inbox() if row.contact_address == PAUL]  # which also numbers the rows of the inbox
    before = counts(kept.database)
    done = erase(kept, ANNA)
    assert done["erased"], done
    assert traces_in(kept.database) == set()
    assert [row for row in dump(kept.database)["search_words"] if "berg" in str(row["words"])] == []  # by single words
    after = counts(kept.database)
    assert {name: count for name, count in after.items() if name not in ROWS_GO} == {
        name: count for name, count in before.items() if name not in ROWS_GO
    }
    assert blob_files(kept) == []
    assert [row.id for row in kept.inbox() if row.contact_address == PAUL] == [row.id for row in inbox_of_paul]
    with kept.database.reading() as connection:
        assert connection.execute(select(suppression.c.address)).scalars().all() == [PAUL]
    carlas = next(row for row in kept.tickets() if row.subject == "Scanner")
    assert carlas.participants[0].address == "carla@globex.example"
    listed = (Path(kept.node.configuration.settings.database.blobs) / "erased").read_text()
    assert "anna" not in listed
    assert "acme" not in listed
    first = dump(kept.database)
    assert erase(kept, ANNA)["changed"] == {}  # gone already is done
    assert dump(kept.database) | {"heartbeat": []} == first | {"heartbeat": []}


def test_whoever_has_a_similar_address_has_what_they_had(desk: StoryDesk) -> None:
    """Their mail is counted under one key, since some hosts deliver it to one mailbox."""
    anna, alike = desk.person("anna.berg@acme.example", "Anna Berg"), desk.person("annaberg@acme.example", "Ann A. Berg")
    alike.writes("Stones", "Do you have travertine?")
    alike.replies(Notice.CONFIRMATION, "I am away until Monday.", headers={"Auto-Submitted": "auto-replied"})
    before = dump(desk.database)
    anna.mail(
        b"From: anna.berg@acme.example\r\nTo: help@support.example.com\r\nAuto-Submitted: auto-replied\r\n\r\nAway.",
        [SUPPORT],
        "",
    )
    assert erase(desk, "anna.berg@acme.example")["erased"]
    after = dump(desk.database)
    for table in ("inbound", "message", "outbox", "participant", "ticket_words"):
        assert [row for row in after[table] if row in before[table]] == before[table]
    assert b"anna.berg" not in b"".join(row["content"] for row in after["inbound"])


def test_a_content_that_was_too_young_to_go_with_them_goes_by_itself(desk: StoryDesk) -> None:
    tell_the_story(desk)
    for path in blob_files(desk):
        os.utime(path)
    assert erase(desk, ANNA)["contents_left"] == len(blob_files(desk)) > 0
    for path in blob_files(desk):
        os.utime(path, (0, 0))
    keep_retention(desk.node, lambda: False)
    assert blob_files(desk) == []


def test_the_files_of_sqlite_have_nothing_of_them(desk: StoryDesk) -> None:
    tell_the_story(desk)
    file = desk.database.file
    assert file is not None
    erase(desk, ANNA)
    octets = file.read_bytes() + Path(f"{file}-wal").read_bytes()
    assert [trace for trace in ("anna@acme.example", "zirconium", "Anna Berg") if trace.encode() in octets] == []


def test_what_would_go_is_said_first(desk: StoryDesk) -> None:
    tell_the_story(desk)
    before = dump(desk.database)
    result = run(desk, "erase", ANNA)
    assert result.exit_code == 0
    assert "Anna Berg" in result.stdout
    assert "emptied, with all mail, letters and files: 2" in result.stdout
    assert "Nothing was changed" in result.stdout
    assert dump(desk.database) == before


def test_an_open_request_forbids_it(desk: StoryDesk) -> None:
    desk.person(ANNA, "Anna Berg").writes("Vault", SECRET)
    result = run(desk, "erase", ANNA, "--yes")
    assert result.exit_code == os.EX_DATAERR
    assert desk.ticket().reference in result.stderr
    assert traces_in(desk.database)


def test_a_mail_that_is_not_decided_makes_it_wait(desk: StoryDesk) -> None:
    tell_the_story(desk)
    settle, desk.settle = desk.settle, lambda: None  # type: ignore[method-assign]  # the workers are busy
    desk.person(ANNA).writes("Another", "One more thing.")
    assert run(desk, "erase", ANNA, "--yes").exit_code == os.EX_TEMPFAIL
    settle()
    assert run(desk, "erase", ANNA, "--yes").exit_code == os.EX_DATAERR  # it has opened a request


def test_staff_are_erased_after_they_left(desk: StoryDesk) -> None:
    tell_the_story(desk)
    result = run(desk, "erase", "omar@desk.example", "--yes")
    assert result.exit_code == os.EX_DATAERR
    assert "staff deactivate" in result.stderr
    change_staff(desk, "omar@desk.example", active=False)
    words = [message.text for message in desk.history(1).messages]
    assert erase(desk, "omar@desk.example")["erased"]
    assert not [table for table, rows in dump(desk.database).items() if "omar@desk.example" in json.dumps(rows, default=str)]
    assert [message.text for message in desk.history(1).messages] == words  # the customer's conversation stays


def test_a_reply_to_an_emptied_request_opens_a_new_one(desk: StoryDesk) -> None:
    tell_the_story(desk)
    anna = desk.person(ANNA, "Anna Berg")
    letter = anna.letter(Notice.RESOLUTION)
    erase(desk, ANNA)
    anna.letter = lambda notice: letter  # type: ignore[method-assign]  # it lies in her mailbox, whatever the desk has
    count = len(desk.tickets())
    anna.replies(Notice.RESOLUTION, "The printer of the vault is broken.")
    assert len(desk.tickets()) == count + 1
    assert desk.tickets()[-1].participants[0].address == ANNA


def test_what_others_wrote_is_found_by_its_words(desk: StoryDesk) -> None:
    tell_the_story(desk)
    erase(desk, ANNA)
    omar = desk.person("ines@desk.example", "Ines Duarte")
    omar.writes("", "#find colleague told")
    assert "Scanner" in omar.letter(Notice.SEARCH_RESULT).text
    omar.writes("", "#find zirconium")
    assert "ACZ-" not in omar.letter(Notice.SEARCH_RESULT).text.partition("zirconium")[2].partition("--")[0]


def test_a_restore_of_an_older_backup_erases_them_again(kept: StoryDesk, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    tell_the_story(kept)
    settings = kept.node.configuration.settings.database
    place, _ = make_backup(settings, tmp_path / "backups", datetime.now(UTC), lambda text: None)
    erase(kept, ANNA)
    make_backup(settings, tmp_path / "backups", datetime.now(UTC), lambda text: None)  # takes the list along
    url = f"sqlite:///{tmp_path}/restored/helpdesk.db"
    if not kept.database.is_sqlite:
        url = request.getfixturevalue("postgresql_server").create()
    other = settings.model_copy(update={"url": url, "blobs": str(tmp_path / "restored" / "blobs")})
    restore_backup(other, place, datetime.now(UTC), lambda text: None, "ACZ")
    database = Database(url)
    try:
        assert traces_in(database) == set()
    finally:
        database.close()
    shutil.rmtree(tmp_path / "restored", ignore_errors=True)


# ---- contents in a bucket of S3


@pytest.fixture(scope="module")
def buckets() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


@pytest.fixture
def in_bucket(tmp_path: Path, reader: Reader, buckets: BucketServer) -> Iterator[StoryDesk]:
    """The desk with its large contents in a bucket, and with retention of closed requests."""
    config = configured(tmp_path, more='[retention]\nclosed_tickets = "30d"\n')
    bucket = f'blobs = "s3://{buckets.new_bucket()}/desk"\n[database.bucket]\nendpoint = "{buckets.endpoint}"\nkey_id = "key"\n'
    config.write_text(config.read_text().replace('blobs = "blobs"\n', f'{bucket}secret_file = "secret"\n'))
    with direct_desk(config, reader) as made:
        yield made


def brought(desk: StoryDesk) -> set[str]:
    """Whose files the contents in the bucket are, which are mails: a file stands there in base64."""
    contents = [desk.node.blobs.get(name) for name in desk.node.blobs.names()]
    return {
        name for name, file in (("Anna", PDF), ("Carla", PLAN)) if any(b64encode(file)[:60] in content for content in contents)
    }


def test_a_person_is_erased_from_a_bucket_and_a_purge_takes_the_rest(in_bucket: StoryDesk) -> None:
    desk = in_bucket
    anna, carla = desk.person(ANNA, "Anna Berg"), desk.person("carla@globex.example", "Carla Rossi")
    for person, words, file in ((anna, SECRET, PDF), (carla, "The scanner hums.", PLAN)):
        person.writes("Question", words, files={"file.pdf": file})
        desk.person("omar@desk.example", "Omar Haddad").replies(Notice.NEW_TICKET, "#resolve\nDone.")
        person.replies(Notice.RESOLUTION, "It is solved", quote=False)
    desk.person(PAUL, "Paul Kern").writes("Printer", "It hums too.")  # the request of the newest letter stays
    assert brought(desk) == {"Anna", "Carla"}

    assert erase(desk, ANNA)["contents_left"] > 0  # what was put a moment ago may belong to a mail that is being stored
    assert traces_in(desk.database) == set()
    desk.now = datetime.now(UTC) + timedelta(hours=1)
    keep_retention(desk.node, lambda: False)
    assert brought(desk) == {"Carla"}

    desk.now += timedelta(days=60)
    keep_retention(desk.node, lambda: False)
    assert list(desk.node.blobs.names()) == []
