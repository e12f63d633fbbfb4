"""What a manager reads of a week: counted from the conversations themselves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.story import StoryDesk

from helpdesk.gateway.cli.main import helpdesk
from helpdesk.threading.model.notice import Notice

PNG = b"\x89PNG\r\n\x1a\n"
DAY = ("--since", "2026-11-23", "--until", "2026-11-24")


@pytest.fixture
def monday(desk: StoryDesk) -> StoryDesk:
    """Anna is answered within an hour and helped; her thanks come, and then it breaks again. Carl waits for too long."""
    anna, carl, omar = (desk.person(one) for one in ("anna@acme.example", "carl@globex.example", "omar@desk.example"))
    anna.writes("Printer", "It jams.")
    desk.passes(hours=1)
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    anna.replies(Notice.RESOLUTION, "It still jams. What now?")
    carl.writes("Scanner", "It blinks.")
    return desk


def told(desk: StoryDesk, tmp_path: Path, *words: str) -> str:
    config = str(tmp_path / "helpdesk.toml")
    result = CliRunner().invoke(helpdesk, ["report", *words, "--config", config], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_report_counts_what_happened(monday: StoryDesk, tmp_path: Path) -> None:
    report = json.loads(told(monday, tmp_path, *DAY, "--json"))
    volumes = report["volumes"]
    assert (volumes["opened"], volumes["resolved"], volumes["reopened"], volumes["customer_messages"]) == (2, 1, 1, 3)
    assert report["answer_times"]["first_response"] == {
        "count": 1,
        "median": pytest.approx(3600, abs=5),
        "p90": pytest.approx(3600, abs=5),
    }
    assert report["promises"]["first_response"] == {"kept": 1, "missed": 0, "open": 1, "rate": 1.0}
    assert (report["backlog"]["open"], report["reopen_rate"], report["bounce_rate"]) == (2, 1.0, 0.0)
    assert [one["name"] for one in report["plans"]] == ["business", "starter"]


def test_people_read_sentences(monday: StoryDesk, tmp_path: Path) -> None:
    text = told(monday, tmp_path, *DAY)
    assert "2 opened, 1 resolved, 0 escalated, 1 reopened" in text
    assert "1 of 1 in time (100%)" in text
    assert "2 open, 2 waiting on support, the oldest since 2026-11-23 09:00" in text


def test_pictures_stand_in_the_folder(monday: StoryDesk, tmp_path: Path) -> None:
    told(monday, tmp_path, *DAY, "--plots", str(tmp_path / "plots"))
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "plots").iterdir()}
    assert set(drawn) == {"volumes.png", "answer-times.png", "promises.png"}
    assert all(content.startswith(PNG) for content in drawn.values())


def test_an_empty_span_is_one_line(desk: StoryDesk, tmp_path: Path) -> None:
    words = ["report", "--since", "2026-11-24", "--until", "2026-11-23", "--config", str(tmp_path / "helpdesk.toml")]
    result = CliRunner().invoke(helpdesk, words)
    assert (result.exit_code, "--since must be before --until" in result.output) == (2, True)
