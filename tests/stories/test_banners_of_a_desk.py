"""A desk names the banners that the mail filters of its customers add: they are nobody's words."""

from pathlib import Path

import pytest
from support.desk.story import configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

BANNER = "This message came through the Globex gateway. Think before you reply."


@pytest.mark.parametrize("known", [True, False])
def test_thanks_below_a_banner_that_the_desk_knows_confirm_a_resolution(tmp_path: Path, reader: Reader, known: bool) -> None:
    config = configured(tmp_path, more=f"[reading]\nbanners = ['{BANNER}']" if known else "")
    with direct_desk(config, reader) as desk:
        carla, omar = desk.person("carla@globex.example"), desk.person("omar@desk.example")
        carla.writes("Scanner", "It blinks.")
        omar.replies(Notice.NEW_TICKET, "#resolve\nPlease press the button.")
        carla.replies(Notice.RESOLUTION, f"{BANNER}\n\nThank you, it works again!")
        assert desk.ticket().status is (Status.CLOSED if known else Status.IN_PROGRESS)
        assert [message.text for message in desk.history().messages][-1].startswith("Thank you") is known
