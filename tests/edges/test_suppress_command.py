"""`helpdesk suppress`: what is kept back, by hand and back again."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import StoryDesk
from support.mails.reports import letters_to, returns

from helpdesk.gateway.cli.suppress import suppress_group
from helpdesk.threading.model.notice import Notice


def run(desk: StoryDesk, *words: str) -> Result:
    config = Path(desk.node.configuration.settings.folder) / "helpdesk.toml"
    return CliRunner().invoke(suppress_group, [*words, "--config", str(config)])


def test_what_reports_have_brought_about_is_listed_and_lifted(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    desk.now = desk.now.replace(year=2060)  # the command lists what is in force by its own clock
    anna.writes("Scanner", "It blinks.")
    returns(desk, letters_to(desk, anna, Notice.CONFIRMATION)[-1])
    [row] = [json.loads(line) for line in run(desk, "list", "--json").output.splitlines()]
    assert (row["address"], row["reason"]) == (anna.address, "hard_bounce")
    assert row["letter"] == letters_to(desk, anna, Notice.CONFIRMATION)[-1].id
    assert anna.address in run(desk, "list").output
    assert run(desk, "lift", "Anna@Acme.Example").output == "letters go to anna@acme.example again\n"
    assert run(desk, "list", "--json").output == ""


def test_an_operator_may_keep_back_everything(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    assert run(desk, "add", "ANNA@acme.example", "--reason", "asked for it by telephone").exit_code == os.EX_OK
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert [letter.state for letter in letters_to(desk, anna)] == ["suppressed"] * 2
    assert "stopped by hand (asked for it by telephone), until somebody lifts it" in omar.letter(Notice.NEW_TICKET).text
    assert [entry.notice for entry in desk.inbox("acme") if entry.direction == "support"] == ["confirmation", "answer"]


def test_a_span_ends_by_itself(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    assert "until 20" in run(desk, "add", anna.address, "--for", "1d").output
    desk.now = desk.now.replace(year=2060)
    anna.writes("Printer", "It jams.")
    assert letters_to(desk, anna)[0].state == "sent"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lift", "carl@other.example"), "this address is not suppressed"),
        (("lift", "carl"), "not a mail address"),
        (("add", "<carl@other.example> x"), "not a mail address"),
        (("add", "carl@other.example", "--for", "soon"), "write a span"),
    ],
)
def test_a_wrong_word_is_one_line(desk: StoryDesk, words: tuple[str, ...], said: str) -> None:
    done = run(desk, *words)
    assert done.exit_code != os.EX_OK
    assert said in done.output
