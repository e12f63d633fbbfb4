"""`helpdesk replay --since … --diff` tells what today's program and policy would decide differently, and changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.cli.quarantine import replay_command
from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

RULE = """
[[rule]]
name = "parcels"
words = ["parcel"]
tag = "parcel"
"""
NO_OFFERS = """
[[rule]]
name = "no offers"
words = ["job offer"]
refuse = true
"""


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "replay"), reader) as made:
        yield made


def talk(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """A conversation, a stranger's mail, and two more requests."""
    anna.writes("My parcel", "Where is it?")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    anna.replies(Notice.INFORMATION_REQUEST, "The red one.")
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve\nIt comes today.")
    anna.replies(Notice.RESOLUTION, "Thank you very much!")
    desk.person("eve@elsewhere.example").writes("Hello", "A job offer for you.", peer="192.0.2.7")
    anna.writes("Invoice", "Please send the invoice again.")


def differences(desk: StoryDesk, since: str = "2026-11-23T08:00:00Z", more: str = "") -> list[dict[str, object]]:
    """What replay says with `more` in the desk's policy of today."""
    config = desk.node.configuration.settings.folder / "helpdesk.toml"
    today = config.with_name("today.toml")
    today.write_text(config.read_text() + more)
    done = CliRunner().invoke(
        replay_command, ["--since", since, "--diff", "--json", "--config", str(today)], catch_exceptions=False
    )
    assert done.exit_code == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(desk: StoryDesk) -> dict[str, list[object]]:
    with desk.database.reading() as connection:
        names = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%'")
            .scalars()
            .all()
        )
        return {name: list(connection.exec_driver_sql(f"SELECT * FROM {name}")) for name in names}


def test_the_same_program_and_policy_decide_the_same_and_nothing_is_changed_or_sent(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    talk(desk, anna, omar)
    before, letters = rows(desk), sorted(path.name for path in desk.node.configuration.settings.folder.rglob("outgoing/*/*"))
    assert differences(desk) == []
    assert rows(desk) == before
    assert sorted(path.name for path in desk.node.configuration.settings.folder.rglob("outgoing/*/*")) == letters


def test_a_new_rule_shows_what_it_would_have_done(desk: StoryDesk, anna: Person, omar: Person) -> None:
    talk(desk, anna, omar)
    found = differences(desk, more=RULE + NO_OFFERS)
    by_field = {field: entry for entry in found for field in entry["fields"]}  # type: ignore[attr-defined]  # a list of JSON
    assert len(found) == 2
    stopped = by_field["stopped_by"]
    assert (stopped["before"]["disposition"], stopped["after"]["disposition"]) == (Disposition.OPENED, Disposition.REFUSED)  # type: ignore[index]  # likewise
    sorted_anew = next(entry for entry in found if entry is not stopped)
    assert any("parcels" in line for line in sorted_anew["after"]["triage"])  # type: ignore[index]  # likewise


def test_a_reply_to_a_request_from_before_finds_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("My parcel", "Where is it?")
    desk.passes(hours=2)
    omar.replies(Notice.NEW_TICKET, "It is here.")
    anna.replies(Notice.ANSWER, "No, it is not.")
    assert differences(desk, since="2026-11-23T10:00:00Z") == []
