"""Questions for permission over HTTP and by rows of the table, and the feed's events about replies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from support.desk.story import Person, StoryDesk
from support.servers.api import Api, api_of

from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.permissions import check_permissions
from helpdesk.store.schema import platform_reply
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.permission import PermissionAnswer

CHANGE = "Delete the 14 orders without a customer."


@pytest.fixture
def api(desk: StoryDesk) -> Iterator[Api]:
    with api_of(desk) as served:
        yield served


def asks(desk: StoryDesk, anna: Person, omar: Person, *changes: str) -> None:
    anna.writes("Orders", "There are orders without a customer.")
    for change in changes or (CHANGE,):
        omar.replies(Notice.NEW_TICKET, f"#permission\n{change}")
    desk.inbox()


def questions(api: Api) -> list[dict[str, Any]]:
    key = api.key("acme")
    [thread] = api.gets("/api/v1/threads", key)["data"]
    found: list[dict[str, Any]] = api.gets(f"/api/v1/threads/{thread['id']}/permissions", key)["data"]
    return found


def answers(api: Api, asked: dict[str, Any], contact: str, answer: str, words: str = "", name: str = "a") -> Any:
    body = {"contact": contact, "answer": answer, "text": words}
    given = api.asks("POST", f"/api/v1/permissions/{asked['id']}/answer", api.key("acme"), body, Idempotency_Key=name)
    assert given.status == 202, given.body
    api.desk.settle()
    api.desk.inbox()
    return api.gets(given.headers["location"], api.key("acme"))


def is_on_record(desk: StoryDesk) -> bool:
    with desk.database.reading() as connection:
        blobs = BlobFolder(Path(desk.node.configuration.settings.database.blobs))
        return all(check.faults == () for check in check_permissions(connection, blobs, desk.ticket()))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_customer_answers_a_question_in_the_platform(
    api: Api, desk: StoryDesk, anna: Person, omar: Person, answer: str
) -> None:
    """The newest of two, with other words of support below it: a plain yes in words would say nothing about it."""
    asks(desk, anna, omar, CHANGE, "Delete the account of Paul.")
    omar.replies(Notice.NEW_TICKET, "Please look at both.")
    _, asked = questions(api)
    assert (asked["question"], asked["state"], asked["contact"]) == ("Delete the account of Paul.", "open", anna.address)
    assert not {"asked_by", "proof", "record"} & set(asked)
    assert answers(api, asked, anna.address, answer)["state"] == "taken"
    after = api.gets(f"/api/v1/permissions/{asked['id']}", api.key("acme"))
    assert (after["state"], after["answered_at"] is not None) == (answer, True)
    assert [question["state"] for question in questions(api)] == ["open", answer]
    assert "by a button in the platform" in omar.letter(Notice.PERMISSION_ANSWER).text or answer == "no"
    assert is_on_record(desk)


def test_an_answer_counts_as_one_by_mail_counts(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    asks(desk, anna, omar)
    [asked] = questions(api)
    assert answers(api, asked, "paul@acme.example", "yes", name="a colleague")["state"] == "taken"
    assert answers(api, asked, anna.address, "yes", "But only those of this year.", "a condition")["state"] == "taken"
    assert answers(api, asked, "eve@globex.example", "yes", name="somebody else's contact")["state"] == "refused"
    assert questions(api)[0]["state"] == "open"
    assert answers(api, asked, anna.address, "yes", "Yes, thank you!")["state"] == "taken"
    assert answers(api, asked, anna.address, "no", name="another day")["state"] == "taken"
    [asked] = questions(api)
    assert (asked["state"], asked["contradicted_at"] is not None) == ("yes", True)
    assert is_on_record(desk)


def test_a_row_of_the_table_is_the_same_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asks(desk, anna, omar, CHANGE, "Delete the account of Paul.")
    thread = desk.ticket().thread_key

    def row(**columns: Any) -> str | None:
        number = desk.writes_in_platform("acme", anna.address, "", columns.pop("thread", thread), **columns)
        with desk.database.reading() as connection:
            error: str | None = connection.execute(
                select(platform_reply.c.error).where(platform_reply.c.id == number)
            ).scalar_one()
            return error

    assert row(answer="yes") is None  # of two open questions it means neither
    assert row(answer="yes", permission=3) is None
    assert {asked.answer for asked in desk.ticket().permissions} == {PermissionAnswer.OPEN}
    assert row(answer="no", permission=2) is None
    assert row(answer="yes") is None
    assert [asked.answer for asked in desk.ticket().permissions] == [PermissionAnswer.YES, PermissionAnswer.NO]
    assert is_on_record(desk)
    assert row(answer="perhaps") == "answer: neither yes nor no"
    assert row(permission=1) == "permission: a row that answers a question needs an answer, yes or no"
    assert row(answer="yes", thread=None) == "answer: it needs the thread_key of the conversation with the question"
    assert "thread" in str(row(answer="yes", thread="unknown"))


def test_the_feed_says_what_became_of_each_reply(api: Api, desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Orders", "There are orders without a customer.")
    desk.inbox()
    key, foreign = api.key("acme"), api.key("globex")
    [thread] = api.gets("/api/v1/threads", key)["data"]
    begin = api.gets("/api/v1/events", key)["next"]
    taken = api.hands_in(key, "1", account="acme", contact=anna.address, thread=thread["id"], text="One more.").json["id"]
    refused = api.hands_in(key, "2", account="acme", contact="eve@globex.example", thread=thread["id"], text="Hello.").json["id"]
    desk.settle()
    desk.inbox()
    events = pages(api, key, begin)
    assert [event["type"] for event in events] == ["message.created", "reply.taken", "reply.refused"]
    assert [event["reply"] for event in events] == [None, taken, refused]
    assert [event["message"] is None for event in events] == [False, True, True]
    assert pages(api, foreign, "") == []
    with desk.database.writing() as connection:
        connection.execute(
            update(platform_reply).values(error=None, contact_address=anna.address).where(text("error IS NOT NULL"))
        )
    assert [event["reply"] for event in pages(api, key, begin)] == [None, taken]  # it waits again
    desk.settle()
    desk.inbox()
    assert [(event["type"], event["reply"]) for event in pages(api, key, begin)[2:]] == [
        ("message.created", None),
        ("reply.taken", refused),
    ]


def pages(api: Api, key: str, begin: str) -> list[dict[str, Any]]:
    """All events behind a cursor, two at a time."""
    found: list[dict[str, Any]] = []
    cursor = begin
    while (page := api.gets(f"/api/v1/events?limit=2{f'&after={cursor}' if cursor else ''}", key))["data"]:
        found += page["data"]
        cursor = page["next"]
    return found
