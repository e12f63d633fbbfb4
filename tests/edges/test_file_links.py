"""Links to files that are too large for a letter: for whom they were made, until when, with a button before the file."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, update
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.servers.api import Api, ApiAnswer, api_of

from helpdesk.gateway.cli.link import link_group
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.file_links import forget_link_events
from helpdesk.store.schema import file_link_event, platform_attachment, platform_inbox
from helpdesk.templates.catalogue import LANGUAGES, OVERLAYS, Speech
from helpdesk.threading.letters.file_links import read_file_token
from helpdesk.threading.model.notice import Notice

ORIGIN = "https://support.example.com"
PAGE = PageDesk(ORIGIN, "Accoraze Support", "Europe/Berlin", "en")
LARGE = b"<html><script>alert(1)</script>" + bytes(range(256)) * 100
LARGE_IN_BLOBS = b"%PDF-1.7" + bytes(range(256)) * 2000
LINK = re.compile(re.escape(ORIGIN) + r"(/file/[0-9]+-[0-9]+-[0-9]+-[0-9a-f]{32})")
MORE = '[letters]\nattachments = 10000\n[http]\nlisten = "127.0.0.1:0"\naddress = "https://support.example.com"\nlinks = "30d"\n'


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    return configured(tmp_path / "desk", database=database_url, more=MORE)


@pytest.fixture
def desk(config: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(config, reader) as made:
        yield made


@pytest.fixture
def api(desk: StoryDesk) -> Iterator[Api]:
    with api_of(desk, page_desk=PAGE) as served:
        yield served


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


def link_to(desk: StoryDesk, omar: Person, address: str, **files: bytes) -> str:
    """The link in the letter to a customer who was sent a file."""
    customer = desk.person(address, "Customer")
    customer.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Here is the plan.", files={f"{name}.html": content for name, content in files.items()})
    letter = customer.letter(Notice.ANSWER)
    assert letter.files == {}
    [link] = set(LINK.findall(letter.text))
    assert link in letter.html
    return str(link)


def presses(api: Api, link: str, **headers: str) -> ApiAnswer:
    return api.asks("POST", link, None, b"", **({"Sec_Fetch_Site": "same-origin"} | headers))


def uses(desk: StoryDesk) -> int:
    with desk.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(file_link_event)).scalar_one()


@pytest.mark.parametrize("address", ["anna@acme.example", "eve@nowhere.example"], ids=["with an account", "without one"])
def test_a_customer_gets_a_file_that_was_too_large_by_the_button_of_its_page(
    desk: StoryDesk, api: Api, omar: Person, address: str
) -> None:
    link = link_to(desk, omar, address, plan=LARGE)
    for _ in range(2):  # a scanner comes first
        page = api.asks("GET", link, None)
        assert (page.status, page.headers["cache-control"]) == (200, "no-store")
        assert b"plan.html (25 kB) comes from Accoraze Support" in page.body
        assert LARGE[:20] not in page.body
    assert uses(desk) == 0
    for other in ("cross-site", "same-site", "none"):  # a program that submits forms by itself, or another site
        assert LARGE not in presses(api, link, Sec_Fetch_Site=other).body
    assert uses(desk) == 0
    file = presses(api, link)
    assert (file.status, file.body) == (200, LARGE)
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith('attachment; filename="plan.html"')
    assert file.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert uses(desk) == 1


def test_a_link_is_worth_nothing_when_it_is_changed_over_or_revoked(
    desk: StoryDesk, api: Api, omar: Person, config: Path
) -> None:
    link = link_to(desk, omar, "anna@acme.example", plan=LARGE)
    token = read_file_token(link.removeprefix("/file/"))
    assert token is not None
    seal, until = token.seal, int(token.until.timestamp())
    changed = [
        f"{token.letter}-{token.place + 1}-{until}-{seal}", f"{token.letter + 1}-{token.place}-{until}-{seal}",
        f"{token.letter}-{token.place}-{until + 1}-{seal}", f"{token.letter}-{token.place}-{until}-{'0' * 32}",
        f"{2**63}-1-{until}-{seal}", f"{token.letter}-{token.place}-{'9' * 12}-{seal}", f"{link.removeprefix('/file/')}0", "x", "%00",
    ]  # fmt: skip
    for other in changed:
        assert api.asks("GET", f"/file/{other}", None).status == 404
        assert presses(api, f"/file/{other}").status == 404
    desk.now += timedelta(days=31)
    ended = presses(api, link)
    assert (ended.status, b"The link no longer works" in ended.body) == (410, True)
    desk.now -= timedelta(days=31)
    assert presses(api, link).status == 200
    run = CliRunner()
    refused = run.invoke(link_group, ["revoke", "att_7_1", "--config", str(config)])
    assert "no letter has a file of this id" in refused.output
    revoked = run.invoke(link_group, ["revoke", f"att_{token.letter}_{token.place}", "--config", str(config)])
    assert revoked.exit_code == 0, revoked.output
    assert (presses(api, link).status, api.asks("GET", link, None).status) == (410, 410)
    listed = run.invoke(link_group, ["list", "--json", "--config", str(config)]).output
    assert '"contact": "anna@acme.example"' in listed and '"used": 1' in listed


def test_a_link_ends_with_what_its_letter_shows(desk: StoryDesk, api: Api, omar: Person) -> None:
    """Withdrawn, erased, or somebody else's now: the link leads nowhere. Its log goes with the file."""
    link = link_to(desk, omar, "anna@acme.example", plan=LARGE)
    assert presses(api, link).body == LARGE
    with desk.database.writing() as connection:
        connection.execute(update(platform_inbox).values(contact_address="erased@invalid"))
    assert presses(api, link).status == 404
    with desk.database.writing() as connection:
        connection.execute(update(platform_inbox).values(contact_address="anna@acme.example"))
        connection.execute(delete(platform_attachment))
    assert presses(api, link).status == 410
    assert (forget_link_events(desk.database), uses(desk)) == (1, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_large_file_is_kept_once_and_comes_from_there(desk: StoryDesk, api: Api, omar: Person) -> None:
    link = link_to(desk, omar, "eve@nowhere.example", plan=LARGE_IN_BLOBS)
    assert presses(api, link).body == LARGE_IN_BLOBS
    with desk.database.reading() as connection:
        assert connection.execute(select(platform_attachment.c.content)).scalars().all() == [None]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_speaks_the_reader_s_language(desk: StoryDesk, api: Api, omar: Person) -> None:
    link = link_to(desk, omar, "anna@acme.example", plan=LARGE)
    for language in (*LANGUAGES, *OVERLAYS):
        say = Speech(language, "Europe/Berlin").say
        page = api.asks("GET", link, None, Accept_Language=language).body.decode()
        assert say("page.file.title") in page and say("page.file.button") in page
        gone = api.asks("GET", "/file/x", None, Accept_Language=language).body.decode()
        assert str(say("page.file.gone_why")) in gone.replace("&#39;", "'")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_an_address_a_letter_says_what_it_said_before(tmp_path: Path, database_url: str, reader: MailReader) -> None:
    config = configured(
        tmp_path / "plain", database=database_url, more='[letters]\nattachments = 10000\n[http]\nlisten = "127.0.0.1:0"\n'
    )
    with direct_desk(config, reader) as desk, api_of(desk) as api:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        anna.writes("Printer", "It jams.")
        omar.replies(Notice.NEW_TICKET, "Here is the plan.", files={"plan.html": LARGE})
        assert "ready for you in your support inbox: plan.html" in " ".join(anna.letter(Notice.ANSWER).text.split())
        assert api.asks("GET", "/file/1-1-1-" + "0" * 32, None).status == 404
