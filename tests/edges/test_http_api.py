"""The HTTP API: the same conversations as in the platform's tables, for those who may see them, and nothing else."""

import hashlib
import json
import random
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from support.desk.story import Person, StoryDesk
from support.servers.api import EVERYTHING, Api, api_of
from support.servers.peers import wait_for

from helpdesk.gateway.http.app import document
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.store.blobs import BlobsAway, IncomingBlob
from helpdesk.store.platform_files import forget_uploads
from helpdesk.store.platform_views import upload_id
from helpdesk.threading.model.notice import Notice

PAGE = PageDesk("https://support.example.com", "Accoraze Support", "UTC", "en")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture
def api(desk: StoryDesk) -> Iterator[Api]:
    with api_of(desk, page_desk=PAGE) as served:
        yield served


def conversation(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    omar.replies(Notice.NEW_TICKET, "Unlocked, please try again.")


def test_a_platform_reads_a_conversation_and_writes_into_it(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    conversation(desk, anna, omar)
    desk.inbox()
    key = api.key("acme")
    [thread] = api.gets("/api/v1/threads?account=acme", key)["data"]
    assert thread["subject"] == "Cannot log in"
    messages = api.gets(f"/api/v1/threads/{thread['id']}/messages", key)["data"]
    assert [message["direction"] for message in messages][:1] == ["customer"]
    assert "Unlocked, please try again." in messages[-1]["text"]
    assert thread["unread"] == len([message for message in messages if message["direction"] == "support"])
    answer = api.hands_in(key, "k1", account="acme", contact="anna@acme.example", thread=thread["id"], text="It works now.")
    assert (answer.status, answer.json["state"]) == (202, "waiting")
    desk.settle()
    assert api.gets(answer.headers["location"], key)["state"] == "taken"
    desk.inbox()
    newest = api.gets(f"/api/v1/threads/{thread['id']}/messages?limit=100", key)["data"]
    assert "It works now." in [message["text"] for message in newest]


def test_a_reply_is_decided_where_rows_of_the_table_are(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    """A contact of another account is refused with the sentence that a row gets."""
    conversation(desk, anna, omar)
    desk.inbox()
    key = api.key()
    [thread] = api.gets("/api/v1/threads", key)["data"]
    answer = api.hands_in(key, "k1", account="acme", contact="eve@globex.example", thread=thread["id"], text="Hello.")
    number = desk.writes_in_platform("acme", "eve@globex.example", "Hello.", thread["id"].removeprefix("thr_"))
    with desk.database.reading() as connection:
        error = connection.execute(text("SELECT error FROM platform_reply WHERE id = :id"), {"id": number}).scalar_one()
    shown = api.gets(answer.headers["location"], key)
    assert error
    assert (shown["state"], shown["problem"]) == ("refused", error)


def test_a_repeated_request_is_one_reply(api: Api, desk: StoryDesk) -> None:
    key = api.key("acme")
    request = {"account": "acme", "contact": "anna@acme.example", "text": "Where is my invoice?"}
    first, again = (api.hands_in(key, '"same"' if quoted else "same", **request) for quoted in (True, False))
    assert first.json == again.json
    other = api.hands_in(key, "same", **request | {"text": "Something else."})
    assert (other.status, other.json["type"]) == (422, "urn:helpdesk:problem:idempotency-key-used")
    missing = api.asks("POST", "/api/v1/replies", key, request)
    assert (missing.status, missing.json["type"]) == (400, "urn:helpdesk:problem:idempotency-key-missing")
    desk.settle()
    assert len(desk.tickets()) == 1


def test_two_accounts_may_use_the_same_idempotency_key(api: Api, desk: StoryDesk) -> None:
    for account, contact in (("acme", "anna@acme.example"), ("globex", "eve@globex.example")):
        assert api.hands_in(api.key(), "same", account=account, contact=contact, text="Where is my invoice?").status == 202
    desk.settle()
    assert len(desk.tickets()) == 2


def test_whoever_waits_hears_what_became_of_the_reply(api: Api, desk: StoryDesk) -> None:
    key = api.key("acme")
    request = {"account": "acme", "contact": "anna@acme.example", "text": "Where is my invoice?"}
    answer = api.hands_in(key, "k", **request)
    desk.settle()
    waited = api.asks("POST", "/api/v1/replies", key, request, Idempotency_Key="k", Prefer="respond-async, wait=5")
    assert (waited.json["id"], waited.json["state"]) == (answer.json["id"], "taken")


def test_the_feed_is_read_to_its_end_in_pages(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    conversation(desk, anna, omar)
    desk.inbox()
    key, path = api.key("acme"), "/api/v1/events?account=acme&limit=1"
    seen, cursor = [], ""
    while (page := api.gets(path + cursor, key))["data"]:
        seen += page["data"]
        cursor = f"&after={page['next']}"
    assert [int(entry["position"]) for entry in seen] == [row.position for row in desk.inbox("acme")]
    assert all(int(one["position"]) < int(other["position"]) for one, other in pairwise(seen))
    assert set(seen[0]) == {"type", "position", "message", "reply", "thread", "account", "direction", "at"}  # no words
    anna.writes("Another", "One more.")
    desk.inbox()
    assert api.gets(path + cursor, key)["data"]


@pytest.mark.parametrize(
    "cursor", ["AAAA", "x" * 150, "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "ä"], ids=["short", "long", "nul", "forged", "not base64"]
)
def test_a_cursor_that_is_not_ours_is_refused(api: Api, cursor: str) -> None:
    for place in ("events", "inbox", "threads"):
        answer = api.asks("GET", f"/api/v1/{place}?after={quote(cursor, safe='%')}", api.key())
        assert (answer.status, answer.json["type"]) == (400, "urn:helpdesk:problem:cursor-invalid")


def test_a_cursor_belongs_to_its_list_and_filter(api: Api, desk: StoryDesk, anna: Person) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    desk.inbox()
    cursor = api.gets("/api/v1/inbox?account=acme", api.key())["next"]
    assert api.asks("GET", f"/api/v1/inbox?account=acme&after={cursor}", api.key()).status == 200
    for path in ("inbox?", "events?account=acme&", "threads?account=acme&", "inbox?account=globex&"):
        assert api.asks("GET", f"/api/v1/{path}after={cursor}", api.key()).status == 400


def test_reading_up_to_a_message_is_noted_once(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    conversation(desk, anna, omar)
    desk.inbox()
    key = api.key("acme")
    [thread] = api.gets("/api/v1/threads", key)["data"]
    messages = api.gets(f"/api/v1/threads/{thread['id']}/messages", key)["data"]
    before_last = {"up_to": messages[-2]["id"]}
    assert api.asks("POST", f"/api/v1/threads/{thread['id']}/read", key, before_last).json["unread"] == 1
    moment = desk.now
    desk.now = moment.replace(year=moment.year + 1)
    assert api.asks("POST", f"/api/v1/threads/{thread['id']}/read", key, {"up_to": messages[-1]["id"]}).json["unread"] == 0
    read = [row.read_at for row in desk.inbox("acme") if row.direction == "support"]
    assert read[-1] == desk.now
    assert set(read[:-1]) <= {moment}


def test_an_answer_that_the_asker_has_already_is_not_sent_again(api: Api, desk: StoryDesk, anna: Person) -> None:
    anna.writes("Cannot log in", "The page says locked.")
    desk.inbox()
    key = api.key("acme")
    first = api.asks("GET", "/api/v1/threads", key)
    again = api.asks("GET", "/api/v1/threads", key, If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    anna.writes("Another", "One more.")
    desk.inbox()
    assert api.asks("GET", "/api/v1/threads", key, If_None_Match=first.headers["etag"]).status == 200


def test_a_file_comes_as_a_download_and_in_one_range(api: Api, desk: StoryDesk) -> None:
    script = b"<script>alert(1)</script>" * 40
    desk.writes_in_platform("acme", "anna@acme.example", "See the file.", None, {"page.html": script})
    hostile = 'evil \u202e"\r\nSet-Cookie: a=b\n.html'
    with desk.database.writing() as connection:
        connection.execute(text("UPDATE platform_attachment SET filename = :name"), {"name": hostile})
    desk.inbox()
    key = api.key("acme")
    [file] = [file for message in api.gets("/api/v1/inbox", key)["data"] for file in message["attachments"]]
    whole = api.asks("GET", file["href"], key)
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, script, "application/octet-stream")
    assert whole.headers["content-disposition"].startswith('attachment; filename="evil ')
    assert "set-cookie" not in whole.headers
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert whole.headers["x-content-type-options"] == "nosniff"
    for asked, wanted in (("bytes=0-9", script[:10]), ("bytes=990-", script[990:]), ("bytes=-5", script[-5:])):
        part = api.asks("GET", file["href"], key, Range=asked)
        assert (part.status, part.body) == (206, wanted)
    for asked in ("bytes=0-1,5-6", "bytes=5000-", "bytes=9-3", "bytes=-", "lines=1-2"):
        assert (answer := api.asks("GET", file["href"], key, Range=asked)).status == 200
        assert answer.body == script


@pytest.mark.parametrize("octets", [0, 20, 300_000, 3_500_000])
def test_a_file_of_the_platform_reaches_staff(api: Api, desk: StoryDesk, octets: int) -> None:
    key, content = api.key("acme"), (b"%PDF-1.7 " * (octets // 9 + 1))[:octets]
    path = "/api/v1/attachments?account=acme&name=b%C3%A9ton.pdf"
    first, again = (api.asks("POST", path, key, content, Idempotency_Key="f", Content_Type="application/pdf") for _ in range(2))
    assert (first.status, first.json) == (201, again.json)
    assert (first.json["filename"], first.json["size"]) == ("béton.pdf", octets)
    assert api.asks("POST", path, key, content + b"x", Idempotency_Key="f").status == 422
    file = first.json["id"]
    assert api.asks("GET", f"/api/v1/attachments/{file}", key).status == 404  # no message shows it yet
    request = {"account": "acme", "contact": "anna@acme.example", "text": "See the file.", "attachments": [file]}
    handed = api.hands_in(key, "r", **request)
    assert handed.json == api.hands_in(key, "r", **request).json
    desk.settle()
    desk.inbox()
    assert api.gets(handed.headers["location"], key)["state"] == "taken"
    [message] = [entry for entry in api.gets("/api/v1/inbox", key)["data"] if entry["direction"] == "customer"]
    assert [(entry["id"], entry["filename"], entry["size"]) for entry in message["attachments"]] == [(file, "béton.pdf", octets)]
    assert api.asks("GET", message["attachments"][0]["href"], key).body == content
    [kept] = desk.history().messages[0].attachments
    assert kept["filename"] == "béton.pdf"


def test_a_file_that_cannot_be_read_now_is_asked_for_again(api: Api, desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    key, content = api.key("acme"), b"x" * 300_000
    file = api.asks("POST", "/api/v1/attachments?account=acme&name=a.txt", key, content, Idempotency_Key="f").json["id"]
    request = {"account": "acme", "contact": "anna@acme.example", "text": "See the file.", "attachments": [file]}
    assert api.hands_in(key, "r", **request).status == 202
    desk.settle()

    def away(digest: str) -> bytes:
        raise BlobsAway(digest)

    monkeypatch.setattr(desk.node.blobs, "get", away)
    answer = api.asks("GET", f"/api/v1/attachments/{quote(file, safe='')}", key)
    assert (answer.status, answer.json["type"]) == (503, "urn:helpdesk:problem:away")


def test_a_large_file_is_never_whole_in_memory(api: Api, desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes into the blob store piece by piece; of one that is too large, or whose sender goes away, nothing stays."""
    pieces: list[int] = []
    begin = desk.node.blobs.incoming

    def watched() -> IncomingBlob:
        blob = begin()
        write = blob.write

        def count(piece: bytes) -> None:
            pieces.append(len(piece))
            write(piece)

        monkeypatch.setattr(blob, "write", count)
        return blob

    monkeypatch.setattr(desk.node.blobs, "incoming", watched)
    key, path = api.key("acme"), "/api/v1/attachments?account=acme&name=a.bin"
    content = random.Random(1).randbytes(10_000_000)
    brought = api.asks("POST", path, key, content, Idempotency_Key="f")
    assert (brought.status, brought.json["sha256"]) == (201, hashlib.sha256(content).hexdigest())
    assert sum(pieces) == len(content)
    assert max(pieces) < 1_000_000
    names = [*desk.node.blobs.names()]
    assert api.asks("POST", path, key, b" " * (25 * 1024 * 1024 + 1), Idempotency_Key="g").status == 413
    with socket.create_connection(("127.0.0.1", api.port)) as leaving:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: h\r\nContent-Length: 9000000\r\n\r\n"
        leaving.sendall(head.encode() + content[:5_000_000])
    folder = Path(desk.node.blobs.place)
    wait_for(lambda: [*folder.glob("incoming/*")] == [], "nothing stays of what did not come whole")
    assert [*desk.node.blobs.names()] == names


def test_a_file_goes_with_one_reply_of_its_own_account(api: Api, desk: StoryDesk) -> None:
    key, request = api.key(), {"account": "acme", "contact": "anna@acme.example", "text": "See the file."}

    def brings(account: str, name: str) -> str:
        path = f"/api/v1/attachments?account={account}&name=a.txt"
        return str(api.asks("POST", path, key, b"words", Idempotency_Key=name).json["id"])

    own, foreign = brings("acme", "f"), brings("globex", "f")
    assert own != foreign
    for number, files in enumerate(([foreign], [own, foreign], ["att_1"])):
        assert api.hands_in(key, f"refused {number}", **request, attachments=files).status == 404
    assert api.hands_in(key, "taken", **request, attachments=[own]).status == 202
    assert api.hands_in(key, "another", **request, attachments=[own]).status == 404
    desk.settle()
    assert len(desk.tickets()) == 1


def test_a_file_that_no_reply_names_is_forgotten(api: Api, desk: StoryDesk) -> None:
    key = api.key("acme")
    for name in ("used", "unused"):
        api.asks("POST", "/api/v1/attachments?account=acme&name=a.txt", key, b"words", Idempotency_Key=name)
    request = {"account": "acme", "contact": "anna@acme.example", "text": "See the file."}
    assert api.hands_in(key, "r", **request, attachments=[upload_id("acme", "used")]).status == 202
    assert forget_uploads(desk.database, desk.now) == 0
    assert forget_uploads(desk.database, desk.now + timedelta(seconds=1)) == 1
    missing = api.hands_in(key, "late", **request, attachments=[upload_id("acme", "unused")])
    assert missing.status == 404


# Which request reads or changes a thing of the account acme, for each route of the document. {thread} and the like are filled in.
MATRIX = {
    ("get", "/api/v1/events"): "?account=acme",
    ("get", "/api/v1/inbox"): "?account=acme",
    ("get", "/api/v1/inbox/{message}"): "",
    ("get", "/api/v1/threads"): "?account=acme",
    ("get", "/api/v1/threads/{thread}"): "",
    ("get", "/api/v1/threads/{thread}/messages"): "",
    ("post", "/api/v1/threads/{thread}/read"): {"up_to": "{message}"},
    ("get", "/api/v1/attachments/{attachment}"): "",
    ("post", "/api/v1/attachments"): "?account=acme&name=a.txt",
    ("post", "/api/v1/replies"): {"account": "acme", "contact": "anna@acme.example", "thread": "{thread}", "text": "Me too."},
    ("get", "/api/v1/replies/{reply}"): "",
    ("get", "/api/v1/threads/{thread}/permissions"): "",
    ("get", "/api/v1/permissions/{permission}"): "",
    ("post", "/api/v1/permissions/{permission}/answer"): {"contact": "anna@acme.example", "answer": "yes"},
    ("post", "/api/v1/sessions"): {"account": "acme", "contact": "anna@acme.example"},
    ("get", "/api/v1/accounts/{account}"): "",
    ("put", "/api/v1/accounts/{account}"): {"plan": "business"},
    ("patch", "/api/v1/accounts/{account}"): {"plan": "starter"},
    ("get", "/api/v1/contacts"): "?account=acme",
    ("get", "/api/v1/contacts/{contact}"): "",
    ("put", "/api/v1/contacts/{contact}"): {"account": "acme"},
    ("patch", "/api/v1/contacts/{contact}"): {"name": "Anna"},
}
# Routes about nothing that belongs to one account, each with what a key of one account gets there.
WITHOUT_ACCOUNT = {("get", "/api/v1/accounts"): 200} | {
    (method, f"/api/v1/staff{path}"): 403
    for method, path in (("get", ""), ("get", "/{member}"), ("put", "/{member}"), ("patch", "/{member}"))
}
SCOPES = {("get", "/api/v1/events"): "events:read", ("post", "/api/v1/sessions"): "sessions:open"}


def scope_of(method: str, path: str) -> str:
    if any(f"/{part}" in path for part in ("accounts", "contacts", "staff")):
        return "directory:read" if method == "get" else "directory:write"
    return SCOPES.get((method, path), "inbox:write" if "replies" in path or method == "post" else "inbox:read")


def routes() -> list[tuple[str, str]]:
    return [(method, path) for path, methods in document()["paths"].items() for method in methods]


def test_every_route_stands_in_the_matrix() -> None:
    assert set(routes()) == set(MATRIX) | set(WITHOUT_ACCOUNT)


def test_no_key_reaches_what_belongs_to_another_account(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    """The answer about a thing of another account is the answer about a thing that does not exist, octet for octet."""
    conversation(desk, anna, omar)
    omar.replies(Notice.NEW_TICKET, "#permission\nDelete the old orders.")
    question = f"prm_{desk.ticket().thread_key}_1"
    desk.writes_in_platform("acme", "anna@acme.example", "See the file.", None, {"a.txt": b"canary"})
    desk.inbox()
    own, foreign, without = api.key("acme"), api.key("globex"), "hdk_" + "0" * 16 + "_" + "0" * 72
    message = next(entry for entry in api.gets("/api/v1/inbox", own)["data"] if entry["attachments"])
    reply = api.hands_in(own, "r", account="acme", contact="anna@acme.example", text="Once more.").json
    ids = {
        "thread": message["thread"],
        "message": message["id"],
        "attachment": quote(message["attachments"][0]["id"], safe=""),
        "reply": reply["id"],
        "permission": question,
        "account": "acme",
        "contact": "anna@acme.example",
    }
    nothing = {"thread": "thr_" + "0" * 32, "message": "msg_1", "attachment": "att_1_1", "reply": "rep_999999"}
    nothing["permission"] = f"prm_{'0' * 32}_1"
    nothing |= {"account": "nobody", "contact": "nobody@acme.example"}
    with desk.database.writing() as connection:
        for table in ("account", "contact"):
            connection.execute(text(f"UPDATE {table} SET source = 'api'"))
    for (method, path), given in MATRIX.items():
        wanted = scope_of(method, path)
        others = tuple(scope for scope in EVERYTHING if scope != wanted)
        asked = [
            (own, ids),
            (foreign, ids),
            (foreign, nothing),
            (None, ids),
            (without, ids),
            (api.key("acme", scopes=others), ids),
        ]
        found = [asks_about(api, method, path, given, *key_and_ids) for key_and_ids in asked]
        assert found[0][0] in (200, 201, 202), path
        assert found[1][0] == 404, path
        assert found[1] == found[2], path
        assert found[3] == found[4], path
        assert [status for status, _ in found[3:]] == [401, 401, 403], path


def test_a_route_about_no_account_shows_a_key_what_it_reaches(api: Api, desk: StoryDesk) -> None:
    for (method, path), status in WITHOUT_ACCOUNT.items():
        body = None if method == "get" else {"name": "Omar Haddad"}
        target = path.format(member="omar@desk.example")
        answer = api.asks(method.upper(), target, api.key("globex"), body, If_Match="*")
        assert answer.status == status, path
        assert b"acme" not in answer.body
        others = tuple(scope for scope in EVERYTHING if scope != scope_of(method, path))
        assert api.asks(method.upper(), target, api.key(scopes=others), body, If_Match="*").status == 403
        assert api.asks(method.upper(), target, None, body, If_Match="*").status == 401


def asks_about(api: Api, method: str, path: str, given: object, key: str | None, ids: dict[str, str]) -> tuple[int, bytes]:
    body = json.loads(json.dumps(given).replace("{thread}", ids["thread"]).replace("{message}", ids["message"]))
    target = path.format(**ids) + (given if isinstance(given, str) else "")
    answer = api.asks(method.upper(), target, key, None if isinstance(given, str) else body, Idempotency_Key=path, If_Match="*")
    return answer.status, answer.body


def test_a_revoked_and_an_expired_key_open_nothing(api: Api, desk: StoryDesk) -> None:
    key = api.key("acme")
    assert api.asks("GET", "/api/v1/threads", key).status == 200
    for column in ("revoked_at", "expires_at"):
        with desk.database.writing() as connection:
            values = {"revoked_at": None, "expires_at": None, column: desk.now.isoformat().replace("+00:00", "Z")}
            connection.execute(text("UPDATE api_key SET revoked_at = :revoked_at, expires_at = :expires_at"), values)
        assert api.asks("GET", "/api/v1/threads", key).status == 401


def test_a_question_never_writes(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    conversation(desk, anna, omar)
    desk.inbox()
    key = api.key("acme")
    message = api.gets("/api/v1/inbox", key)["data"][0]
    with desk.database.reading() as connection:
        before = connection.exec_driver_sql("PRAGMA data_version").scalar()
        for method, path in routes():
            if method == "get":
                filled = path.format(
                    thread=message["thread"],
                    message=message["id"],
                    attachment="att_1_1",
                    reply="rep_1",
                    permission="prm_0_1",
                    account="acme",
                    contact="anna@acme.example",
                    member="omar@desk.example",
                )
                assert api.asks("GET", filled, key).status in (200, 403, 404)
    with desk.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA data_version").scalar() == before


@pytest.mark.parametrize("words", ["\ud800", "nul \0 here"])
def test_what_no_database_holds_is_no_fault_of_ours(api: Api, words: str) -> None:
    body = json.dumps({"account": "acme", "contact": "anna@acme.example", "text": words}).encode()
    answer = api.asks("POST", "/api/v1/replies", api.key("acme"), body, Idempotency_Key="k")
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json["errors"][0]["pointer"] == "/text"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 404),
        ("GET", "/openapi.json", None, 404),
        ("DELETE", "/api/v1/threads", None, 405),
        ("GET", "/api/v1/threads?limit=101", None, 422),
        ("GET", "/api/v1/inbox/msg_99999999999999999999", None, 404),
        ("GET", "/api/v1/inbox/msg_9999999999999999999", None, 404),
        ("GET", "/api/v1/threads/thr_%00", None, 404),
        ("GET", "/api/v1/threads?contact=%00", None, 200),
        ("GET", "/api/v1/attachments/..%2f..%2fsecret", None, 404),
        ("POST", "/api/v1/replies", b"{", 400),
        ("POST", "/api/v1/replies", b"[]", 422),
        ("POST", "/api/v1/replies", b'{"account": "acme", "text": " "}', 422),
        ("POST", "/api/v1/replies", b'{"account": "acme", "text": "a", "unknown": 1}', 422),
        ("POST", "/api/v1/replies", b" " * 4_000_000, 413),
        ("POST", "/api/v1/attachments?account=acme&name=a", b" " * (25 * 1024 * 1024 + 1), 413),
        ("POST", "/api/v1/attachments?account=acme&name=%00", b"a", 422),
        ("POST", "/api/v1/attachments?account=acme", b"a", 422),
    ],
)
def test_a_bad_request_is_told_as_a_problem(api: Api, method: str, path: str, body: bytes | None, status: int) -> None:
    answer = api.asks(method, path, api.key(), body, Idempotency_Key="k")
    assert answer.status == status, answer.body
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["status"] == status
        assert re.fullmatch("urn:helpdesk:problem:[a-z-]+", answer.json["type"])
    assert answer.headers["cache-control"] == "no-store"


def test_a_wrong_method_is_told_with_all_right_ones(api: Api) -> None:
    for method, path, allowed in (("DELETE", "contacts/a@b.example", "GET, PATCH, PUT"), ("PUT", "attachments", "POST")):
        answer = api.asks(method, f"/api/v1/{path}", api.key())
        assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_too_many_requests_of_one_key_wait(desk: StoryDesk) -> None:
    with api_of(desk, requests_per_minute=3) as api:
        key, other = api.key("acme"), api.key("globex")
        assert [api.asks("GET", "/api/v1/threads", key).status for _ in range(4)] == [200, 200, 200, 429]
        refused = api.asks("GET", "/api/v1/threads", key)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert api.asks("GET", "/api/v1/threads", other).status == 200


def test_an_answer_that_has_begun_is_finished_when_the_process_ends(desk: StoryDesk) -> None:
    request = {"account": "acme", "contact": "anna@acme.example", "text": "Where is my invoice?"}

    def has_begun() -> bool:
        with desk.database.reading() as connection:
            return bool(connection.execute(text("SELECT count(*) FROM platform_reply")).scalar_one())

    with ThreadPoolExecutor() as pool:
        with api_of(desk) as api:
            given = {"Idempotency_Key": "k", "Prefer": "wait=1"}
            asked = pool.submit(lambda: api.asks("POST", "/api/v1/replies", api.key("acme"), request, **given))
            wait_for(has_begun, "the request is being answered")
        assert asked.result(30).json["state"] == "waiting"
    with pytest.raises(OSError):
        api.asks("GET", "/api/v1/threads", None)


def test_the_document_is_the_one_that_is_checked_in() -> None:
    assert json.loads(DOCUMENT.read_text()) == document()
