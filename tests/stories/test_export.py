"""`helpdesk export`: all that the desk has about a person, for them, and no word of anybody else."""

import hashlib
import json
import mailbox
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.config.conduct import Retention
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.retention import purge
from helpdesk.store.schema import internal_note, metadata
from helpdesk.threading.model.notice import Notice

ANNA, PAUL = "anna.berg@acme.example", "paul@acme.example"
ALIKE = "annaberg@acme.example"  # one key for counting, and another person
PDF = b"%PDF-1.4 " + b"vault numbers " * 40_000  # larger than what the database holds
TEXT = b"The numbers of hall seven."
# What other people wrote, or the team among themselves about other people.
OF_OTHERS = (
    "marble",
    "granite",
    "basalt",
    "limestone",
    "travertine",
    "@globex.example",
    "paul@",
    "omar@",
    "ines@",
    "Carla",
    ALIKE,
)


@dataclass
class Told:
    """The desk, and what was exported of Anna from it."""

    desk: StoryDesk
    place: Path
    result: Result


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(tmp_path_factory: pytest.TempPathFactory, reader: Reader, request: pytest.FixtureRequest) -> Iterator[Told]:
    """One story on each database, which all tests read."""
    folder = tmp_path_factory.mktemp("export")
    url = "sqlite:///helpdesk.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_server").create()
    with direct_desk(configured(folder, database=url), reader) as made:
        tell_the_story(made)
        before = dump(made)
        result = export(made, folder / "anna", ANNA)
        assert result.exit_code == 0, result.output
        assert dump(made) == before
        yield Told(made, folder / "anna", result)


def tell_the_story(desk: StoryDesk) -> None:
    """Anna has a request of her own with a note, writes on one of Paul's, and in the platform. Carla and the team name her."""
    anna, paul = desk.person(ANNA, "Anna Berg"), desk.person(PAUL, "Paul Kern")
    carla, omar = desk.person("carla@globex.example", "Carla Rossi"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes(
        "<b>Vault</b>", "From here on it says: zirconium <script>alert(1)</script>", files={"vault.pdf": PDF, "n.txt": TEXT}
    )
    omar.replies(Notice.NEW_TICKET, "#note\nShe asked before, as carla@globex.example did.", quote=False)
    omar.replies(Notice.NEW_TICKET, "#resolve\nDear Anna Berg, it is feldspar.")  # quotes the letter to the team
    paul.writes("Printer", f"Anna Berg ({ANNA}) says that the printer prints marble.", cc=ANNA)
    omar.replies(Notice.NEW_TICKET, "#note\nAnna Berg has no idea of granite.", quote=False)
    anna.writes("Re: Printer", "It prints pumice.", headers=answer_to(paul.letter(Notice.CONFIRMATION).header("Message-ID")))
    carla.writes("Scanner", f"My colleague {ANNA} told me of basalt.")
    omar.replies(Notice.NEW_TICKET, "#note\nShe wants limestone.", quote=False)
    desk.person(ALIKE, "Ann A. Berg").writes("Stones", "Do you have travertine?")
    desk.writes_in_platform("acme", ANNA, "I like obsidian.", files={"words.txt": b"obsidian"})
    history = desk.history(1)
    with desk.database.writing() as connection:  # what a third person answered who was asked about it
        answer = {"id": 1, "ticket_id": history.ticket.id, "author": "carla@globex.example", "text": "granite", "cause": ""}
        connection.execute(
            insert(internal_note).values(**answer, at=desk.now, unasked=False, attachments=[], file_words="", shapes=None)
        )


def answer_to(message_id: str) -> dict[str, str]:
    return {"In-Reply-To": message_id, "References": message_id}


def export(desk: StoryDesk, place: Path, *words: str) -> Result:
    return CliRunner().invoke(
        helpdesk,
        ["export", "--config", str(desk.node.configuration.settings.folder / "helpdesk.toml"), *words, "--to", str(place)],
    )


def rows_in(place: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (place / "data" / f"{table}.jsonl").read_text().splitlines()]


def mails_in(file: Path) -> list[mailbox.mboxMessage]:
    with closing(mailbox.mbox(file, create=False)) as box:
        return list(box)


def everything(place: Path) -> str:
    """All that stands in the folder, mails as a mail client reads them."""
    texts = [path.read_text() for path in (*place.rglob("*.json*"), place / "index.html")]
    for mail in (mail for path in place.rglob("*.mbox") for mail in mails_in(path)):
        texts += [f"{name}: {value}" for name, value in mail.items()]
        contents = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        texts += [content.decode("utf-8", "replace") for content in contents if isinstance(content, bytes)]
    return "\n".join(texts)


def test_it_has_all_of_a_person_and_no_word_of_others(told: Told) -> None:
    text = everything(told.place)
    assert [word for word in ("zirconium", "feldspar", "pumice", "obsidian", "She asked before") if word not in text] == []
    assert [word for word in OF_OTHERS if word in text] == []
    files = {path.name.partition("-")[2]: path.read_bytes() for path in (told.place / "files").iterdir()}
    assert files == {"vault.pdf": PDF, "n.txt": TEXT, "words.txt": b"obsidian"}
    mails = mails_in(told.place / "mail" / "from-them.mbox")
    assert len(mails) == 2
    assert PDF in [part.get_payload(decode=True) for part in mails[0].walk()]
    assert len(rows_in(told.place, "outbox")) == len(mails_in(told.place / "mail" / "to-them.mbox")) > 0
    assert [row["text"] for row in rows_in(told.place, "internal_note")] == ["She asked before, as [somebody else] did."]
    answers = [row for row in rows_in(told.place, "message") if row["direction"] == "support"]
    assert [row["elided_text"] for row in answers] == [""]  # it quotes a letter to the team
    assert "not given: internal notes with words of other people: 1" in told.result.output


def test_the_manifest_lists_every_file_with_its_hash_and_nobody_else_may_read_them(told: Told) -> None:
    listed = {entry["path"]: entry["sha256"] for entry in json.loads((told.place / "manifest.json").read_text())["files"]}
    found = {
        str(path.relative_to(told.place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in told.place.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert listed == found
    assert {stat.S_IMODE(path.stat().st_mode) for path in told.place.rglob("*")} == {0o600, 0o700}


def test_the_page_fetches_nothing_and_shows_markup_as_text(told: Told) -> None:
    page = (told.place / "index.html").read_text()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Vault&lt;/b&gt;" in page


def test_notes_stay_out_on_demand(told: Told, tmp_path: Path) -> None:
    assert "limestone" in everything(_export(told, tmp_path / "all", "carla@globex.example"))
    assert "limestone" not in everything(_export(told, tmp_path / "less", "carla@globex.example", "--without-notes"))


def test_of_somebody_who_is_not_known_it_says_so(told: Told, tmp_path: Path) -> None:
    place = _export(told, tmp_path / "nobody", "nobody@elsewhere.example")
    assert "The desk has nothing about these addresses." in (place / "index.html").read_text()


def test_of_a_colleague_it_has_their_entry_and_no_word_of_customers(told: Told, tmp_path: Path) -> None:
    place = _export(told, tmp_path / "omar", "omar@desk.example")
    assert [row["name"] for row in rows_in(place, "staff")] == ["Omar Haddad"]
    assert [path.name for path in (place / "data").iterdir()] == ["staff.jsonl"]


def test_a_folder_that_is_there_is_left_alone(told: Told, tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    result = export(told.desk, tmp_path / "anna", ANNA)
    assert result.exit_code == os.EX_CANTCREAT
    assert f"{tmp_path / 'anna'}: there is something already; name a folder that is not there yet" in result.stderr
    assert os.listdir(tmp_path / "anna") == []


def test_what_retention_has_taken_is_named(desk: StoryDesk, tmp_path: Path) -> None:
    anna, omar = desk.person(ANNA, "Anna Berg"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes("Vault", "zirconium")
    omar.replies(Notice.NEW_TICKET, "#resolve\nIt is feldspar.")
    anna.replies(Notice.RESOLUTION, "It is solved", quote=False)
    desk.passes(days=60)
    purge(desk.database, desk.node.blobs, Retention(raw_mail="1d", letters="1d"), desk.now)  # type: ignore[arg-type]  # as the file has it
    result = export(desk, place := tmp_path / "anna", ANNA)
    assert "not given: letters whose octets retention has taken" in result.output
    assert "not given: mails whose octets retention has taken: 2" in result.output
    assert "feldspar" in (place / "data" / "outbox.jsonl").read_text()


def _export(told: Told, place: Path, *words: str) -> Path:
    result = export(told.desk, place, *words)
    assert result.exit_code == 0, result.output
    return place


def dump(desk: StoryDesk) -> dict[str, list[dict[str, Any]]]:
    with desk.database.reading() as connection:
        return {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in metadata.sorted_tables}
