"""`helpdesk check --round-trip`: a letter leaves by the relay and comes back, and a report about one that fails comes back too."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.story import SUPPORT, StoryDesk, configured
from support.mails.reports import report

from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.monitor.round_trip import RoundTrip
from helpdesk.gateway.monitor.tell import Letterbox

LETTERBOX = Letterbox("Support", SUPPORT, "support.example.com", "one", None)
TAKEN, REFUSED, LATER = RelayReply(250, "2.0.0 ok"), RelayReply(550, "5.1.1 nobody"), RelayReply(451, "4.3.0 later")
Nowhere = Callable[[StoryDesk, str], RelayReply]


class Loop:
    """A relay that brings letters to the desk back to it, and knows a way with a letter to nobody."""

    def __init__(self, desk: StoryDesk, reply: RelayReply, nowhere: Nowhere) -> None:
        self.desk, self.reply, self.nowhere = desk, reply, nowhere

    async def send(self, reverse_path: str, recipient: str, content: bytes, **options: object) -> RelayReply:
        if recipient != SUPPORT:
            return await asyncio.to_thread(self.nowhere, self.desk, str(message_from_bytes(content)["Message-ID"]).strip("<>"))
        if self.reply is TAKEN:
            self.desk.deliver(reverse_path, [SUPPORT], content, "192.0.2.1")
            await asyncio.to_thread(self.desk.settle)
        return self.reply


def reported(desk: StoryDesk, message_id: str) -> RelayReply:
    """The relay takes the letter, and reports later that it failed."""
    desk.deliver("", [SUPPORT], report(SUPPORT, "nobody@support.example.com", returned_id=message_id), "192.0.2.1")
    desk.settle()
    return TAKEN


WAYS: list[tuple[str, RelayReply, Nowhere, list[str]]] = [
    ("all is well", TAKEN, reported, ["came back after", "a report about a wrong address came back"]),
    ("refused at once", TAKEN, lambda desk, message_id: REFUSED, ["came back after", "with 550, so that no report is needed"]),
    ("no report", TAKEN, lambda desk, message_id: TAKEN, ["came back after", "no report of its failure came back within 0 s"]),
    ("neither", TAKEN, lambda desk, message_id: LATER, ["came back after", "neither takes nor refuses it: 451 4.3.0 later"]),
    ("the relay is away", LATER, reported, ["the relay does not take it: 451 4.3.0 later"]),
]


@pytest.mark.parametrize(("reply", "nowhere", "words"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_what_became_of_each_letter_is_said(desk: StoryDesk, reply: RelayReply, nowhere: Nowhere, words: list[str]) -> None:
    async def go() -> list[str]:
        trip = RoundTrip(desk.database, Loop(desk, reply, nowhere), LETTERBOX, timedelta(0))  # type: ignore[arg-type]
        return [f"{way.what}: {way.fault}" async for way in trip.run(SUPPORT)]

    said = asyncio.run(go())
    assert len(said) == len(words) and all(word in line for word, line in zip(words, said, strict=True)), said
    assert desk.tickets() == []  # neither letter opens a request


def test_a_letter_that_is_lost_is_told(desk: StoryDesk) -> None:
    class Hole(Loop):
        async def send(self, reverse_path: str, recipient: str, content: bytes, **options: object) -> RelayReply:
            return TAKEN

    async def go() -> list[str]:
        trip = RoundTrip(desk.database, Hole(desk, TAKEN, reported), LETTERBOX, timedelta(0))  # type: ignore[arg-type]
        return [way.fault async for way in trip.run(SUPPORT)]

    assert "is a node running" in asyncio.run(go())[0]


def test_a_desk_whose_letters_stay_here_has_no_round_trip(tmp_path: Path) -> None:
    config = configured(tmp_path / "desk")
    assert CliRunner().invoke(helpdesk, ["migrate", "--config", str(config)]).exit_code == 0
    checked = CliRunner().invoke(helpdesk, ["check", "--round-trip", "--config", str(config)])
    assert checked.exit_code == os.EX_UNAVAILABLE and "problem: round trip: no letter leaves this machine" in checked.output
