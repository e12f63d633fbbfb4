"""Fixtures for every test: a reader shared by all, and desks to tell stories about."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk, wired_desk
from support.mails.checked_origins import zone
from support.oracles.plain_counts import drift
from support.oracles.plain_threads import lagging_threads
from support.servers.compiled_statements import share_compiled_statements
from support.servers.databases import (
    database,
    database_url,
    open_database,
    postgresql_server,
    postgresql_url,
    sqlite_template,
    sqlite_url,
)

from helpdesk.gateway.reader import Reader
from helpdesk.threading.reading.language import language_of

__all__ = [
    "database",
    "database_url",
    "open_database",
    "postgresql_server",
    "postgresql_url",
    "sqlite_template",
    "sqlite_url",
    "zone",
]


share_compiled_statements()


@pytest.fixture(scope="session", autouse=True)
def language_models() -> None:
    """The first question for a language loads models for a third of a second, which is no time of the test that asks it."""
    language_of("Where is my order?")


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as shared:
        yield shared


def assert_exact_counters(made: StoryDesk) -> None:
    """Whatever a story told, its counters are what a count of all rows finds, and the platform's conversations say what the tickets say."""
    with made.node.database.reading() as connection:
        assert drift(connection, made.now) == {}
        assert lagging_threads(connection) == []


@pytest.fixture
def desk(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path), reader) as made:
        yield made
        assert_exact_counters(made)


@pytest.fixture
def wire(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    """The same desk behind its SMTP door."""
    with wired_desk(configured(tmp_path), reader) as made:
        yield made
        assert_exact_counters(made)


@pytest.fixture
def postgresql_desk(tmp_path: Path, reader: Reader, postgresql_url: str) -> Iterator[StoryDesk]:
    """The same desk on PostgreSQL, behind its SMTP door."""
    with wired_desk(configured(tmp_path, database=postgresql_url), reader) as made:
        yield made
        assert_exact_counters(made)


# The people of most stories, on whatever desk a test has: two customers of one account, and three of the team.


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example")


@pytest.fixture
def ines(desk: StoryDesk) -> Person:
    return desk.person("ines@desk.example")


@pytest.fixture
def paul(desk: StoryDesk) -> Person:
    return desk.person("paul@acme.example")


@pytest.fixture
def bela(desk: StoryDesk) -> Person:
    return desk.person("bela@desk.example")
