"""The directory over HTTP: the change that an import makes, with the ETag of what it changes, and never beyond the accounts of the key."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.desk.story import Person, StoryDesk
from support.servers.api import Api, ApiAnswer, api_of

from helpdesk.store.directory.change import DirectoryOrder
from helpdesk.store.directory.renames import entries_of_rename
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.store.directory.undo import recorded_changes
from helpdesk.store.directory.write import change_directory


@pytest.fixture
def api(desk: StoryDesk) -> Iterator[Api]:
    with desk.database.writing() as connection:
        for table in ("account", "contact", "account_domain"):
            connection.execute(text(f"UPDATE {table} SET source = 'api'"))
    with api_of(desk) as served:
        yield served


def kind_of(answer: ApiAnswer) -> tuple[int, str]:
    return answer.status, answer.json["type"].rpartition(":")[2]


def test_a_new_customer_is_known_at_once(api: Api, desk: StoryDesk) -> None:
    key = api.key()
    made = api.asks(
        "PUT", "/api/v1/accounts/initech", key, {"plan": "business", "domains": ["initech.example"]}, If_None_Match="*"
    )
    assert (made.status, made.json["plan"], made.json["domains"]) == (201, "business", ["initech.example"])
    written = api.asks(
        "PUT", "/api/v1/contacts/Bob@Initech.example", key, {"account": "initech", "name": "Bob"}, If_None_Match="*"
    )
    assert (written.status, written.json["address"]) == (201, "bob@initech.example")
    desk.person("bob@initech.example").writes("Printer", "It jams.")
    assert desk.ticket().account == "initech"
    with desk.database.reading() as connection:
        record = recorded_changes(connection, 1)[0]
    assert (record.source, record.who) == ("api", f"key {key.split('_')[1]}")


def test_a_change_needs_the_etag_of_what_it_changes(api: Api) -> None:
    key, path = api.key("acme"), "/api/v1/contacts/anna@acme.example"
    shown = api.asks("GET", path, key)
    blind = [api.asks("PATCH", path, key, {"name": "Anna"}), api.asks("PUT", path, key, {"account": "acme"})]
    assert [kind_of(answer) for answer in blind] == [(428, "precondition-missing")] * 2
    first = api.asks("PATCH", path, key, {"name": "Anna"}, If_Match=shown.headers["etag"])
    assert (first.status, first.json["name"], first.json["account"]) == (200, "Anna", "acme")
    late = api.asks("PATCH", path, key, {"name": "Somebody"}, If_Match=shown.headers["etag"])
    assert kind_of(late) == (412, "precondition-failed")
    assert kind_of(api.asks("PUT", path, key, {"account": "acme"}, If_None_Match="*")) == (412, "precondition-failed")
    assert api.asks("GET", path, key, If_None_Match=first.headers["etag"]).status == 304


def test_what_a_change_does_not_name_stays_or_becomes_ordinary(api: Api) -> None:
    """PATCH leaves it, PUT writes the ordinary value; a row out of force stays so until somebody says otherwise."""
    key, path = api.key(), "/api/v1/accounts/initech"
    api.asks(
        "PUT", path, key, {"plan": "business", "zone": "Europe/Vienna", "domains": ["a.example", "b.example"]}, If_None_Match="*"
    )
    changed = api.asks("PATCH", path, key, {"domains": ["b.example"], "active": False}, If_Match="*").json
    assert (changed["plan"], changed["zone"], changed["domains"], changed["active"]) == ("business", "Europe/Vienna", [], False)
    assert api.asks("PATCH", path, key, {"zone": ""}, If_Match="*").json["active"] is False
    whole = api.asks("PUT", path, key, {}, If_Match="*").json
    assert (whole["plan"], whole["active"], whole["domains"]) == ("starter", True, [])


# What a key of acme must not do, and what it is told.
BEYOND: list[tuple[str, str, dict[str, object], dict[str, str], object]] = [
    ("PUT", "accounts/new", {}, {"If_None_Match": "*"}, (404, "not-found")),
    ("PUT", "accounts/globex", {"plan": "custom"}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PATCH", "accounts/acme", {"heir": "globex"}, {"If_Match": "*"}, (409, "conflict")),
    ("PATCH", "accounts/acme", {"domains": ["globex.example"]}, {"If_Match": "*"}, (409, "conflict")),
    ("PATCH", "accounts/acme", {"external_id": "theirs"}, {"If_Match": "*"}, 200),
    ("PUT", "contacts/eve@globex.example", {"account": "acme"}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PUT", "contacts/eve@globex.example", {"account": "acme"}, {"If_Match": "*"}, (404, "not-found")),
    ("PUT", "contacts/ceo@globex.example", {"account": "acme"}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PUT", "contacts/new@acme.example", {"account": "globex"}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PUT", "contacts/new@acme.example", {}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PUT", "contacts/new@acme.example", {"account": "acme", "external_id": "theirs"}, {"If_None_Match": "*"}, (409, "conflict")),
    ("PATCH", "contacts/anna@acme.example", {"account": "globex"}, {"If_Match": "*"}, (409, "conflict")),
]


def test_a_key_changes_nothing_beyond_its_accounts(api: Api) -> None:
    everything, own, theirs = api.key(), api.key("acme"), api.key("globex")
    foreign = {"account": "globex", "external_id": "theirs"}
    assert api.asks("PUT", "/api/v1/contacts/eve@globex.example", everything, foreign, If_None_Match="*").status == 201
    before = [api.gets(f"/api/v1/{place}", theirs)["data"] for place in ("accounts", "contacts")]
    assert before[0][0]["domains"] == ["globex.example"]
    for method, path, body, headers, wanted in BEYOND:
        answer = api.asks(method, f"/api/v1/{path}", own, body, **headers)
        assert wanted == (kind_of(answer) if answer.status != 200 else 200), (path, body, answer.body)
        assert b"globex" not in answer.body
        assert before == [api.gets(f"/api/v1/{place}", theirs)["data"] for place in ("accounts", "contacts")]


def test_the_row_of_another_source_is_left_to_it(api: Api, desk: StoryDesk) -> None:
    with desk.database.writing() as connection:
        connection.execute(text("UPDATE contact SET source = 'import:crm'"))
    answer = api.asks("PATCH", "/api/v1/contacts/anna@acme.example", api.key("acme"), {"name": "Anna"}, If_Match="*")
    assert kind_of(answer) == (409, "conflict")
    assert "import:crm" in answer.json["detail"]


UNSOUND: list[tuple[str, dict[str, object], str]] = [
    ("accounts/new", {"plan": "golden"}, "golden"),
    ("accounts/new", {"zone": "Mars/Olympus"}, "zone"),
    ("accounts/new", {"domains": ["no domain"]}, "domains"),
    ("staff/new@desk.example", {"role": "boss", "name": "New"}, "role"),
    ("staff/new@desk.example", {}, "name"),
    ("contacts/new@acme.example", {"name": "two\nlines"}, "name"),
]


def test_what_an_import_refuses_is_refused_here(api: Api) -> None:
    for path, body, said in UNSOUND:
        answer = api.asks("PUT", f"/api/v1/{path}", api.key(), body, If_None_Match="*")
        assert kind_of(answer) == (422, "invalid")
        assert said in answer.json["detail"]


def test_the_directory_is_read_to_its_end_in_pages(api: Api) -> None:
    key, seen, after = api.key(), [], ""
    for number in range(5):
        api.asks("PUT", f"/api/v1/contacts/p{number}@new.example", key, {"account": "acme"}, If_None_Match="*")
    while after is not None:
        page = api.gets(f"/api/v1/contacts?limit=2{after and '&after=' + after}", key)
        seen += [entry["address"] for entry in page["data"]]
        after = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) >= 6
    cursor = api.gets("/api/v1/contacts?limit=2", key)["next"]
    for path in ("accounts?", "staff?", "contacts?account=acme&"):
        assert api.asks("GET", f"/api/v1/{path}after={cursor}", key).status == 400


def test_staff_come_and_go_over_http(api: Api, desk: StoryDesk) -> None:
    key, path = api.key(), "/api/v1/staff/zoe@desk.example"
    assert api.asks("PUT", path, key, {"name": "Zoe", "queues": ["general"]}, If_None_Match="*").status == 201
    assert api.asks("PATCH", path, key, {"active": False, "heir": "omar@desk.example"}, If_Match="*").json["active"] is False
    clash = {"name": "Zoe", "addresses": ["omar@desk.example"]}
    assert kind_of(api.asks("PUT", path, key, clash, If_Match="*")) == (409, "conflict")


def test_a_key_follows_its_account_under_another_name(api: Api, desk: StoryDesk, anna: Person) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    desk.inbox()
    key, foreign = api.key("acme"), api.key("globex")
    [thread] = api.gets("/api/v1/threads?account=acme", key)["data"]
    with desk.database.reading() as connection:
        source, entries = entries_of_rename(connection, DirectoryKind.ACCOUNT, "acme", "acme-group")
    change_directory(desk.database, DirectoryOrder(source, entries), desk.now)
    desk.now += timedelta(minutes=1)
    desk.settle()
    desk.inbox()
    for account in ("acme", "acme-group"):
        [moved] = api.gets(f"/api/v1/threads?account={account}", key)["data"]
        assert (moved["id"], moved["account"]) == (thread["id"], "acme-group")
        reply = {"account": account, "contact": "anna@acme.example", "thread": thread["id"], "text": f"To {account}."}
        assert api.hands_in(key, account, **reply).status == 202
    desk.settle()
    assert [api.gets(f"/api/v1/replies/rep_{number}", key)["state"] for number in (1, 2)] == ["taken", "taken"]
    assert api.gets("/api/v1/threads", foreign)["data"] == []
    assert api.asks("GET", "/api/v1/threads?account=acme-group", foreign).status == 404
