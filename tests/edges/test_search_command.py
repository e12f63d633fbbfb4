"""`helpdesk search rebuild`: what was not found is found again."""

import json
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import delete
from support.desk.story import StoryDesk

from helpdesk.gateway.cli.search import search_group
from helpdesk.store.schema import search_words
from helpdesk.threading.model.notice import Notice


def test_a_request_without_its_words_is_found_after_a_rebuild(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "The gearbox jams.")
    with desk.database.writing() as connection:
        connection.execute(delete(search_words))
    omar.writes("", "#find gearbox")
    assert desk.ticket().reference not in omar.letter(Notice.SEARCH_RESULT).text
    config = str(Path(desk.node.configuration.settings.folder) / "helpdesk.toml")
    result = CliRunner().invoke(search_group, ["rebuild", "--json", "--config", config], catch_exceptions=False)
    assert json.loads(result.stdout.splitlines()[-1])["written"] == 1
    omar.writes("", "#find gearbox")
    assert desk.ticket().reference in omar.letter(Notice.SEARCH_RESULT).text
