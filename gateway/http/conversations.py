"""Conversations: the feed, messages, threads and read marks."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from helpdesk.gateway.http.callers import MOST, Account, After, Desk, Follower, Limit, Reader, Writer, answers
from helpdesk.gateway.http.forms import (
    MESSAGE,
    EventsForm,
    MessageForm,
    MessagesForm,
    ReadMarkForm,
    ThreadForm,
    ThreadsForm,
    event_form,
    message_form,
    number_of,
    thread_form,
    thread_key,
)
from helpdesk.gateway.http.problems import NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.service import Service, accounts_of
from helpdesk.store.api_keys import ApiKey
from helpdesk.store.feed import list_feed
from helpdesk.store.platform_views import MessageView, find_message, find_thread, list_messages, list_threads, mark_read

Contact = Annotated[str | None, Query(max_length=320, description="Only the inbox of this contact.")]
conversations = APIRouter()


@conversations.get("/events", responses=answers(400, 404, 422))
def list_events(desk: Desk, key: Follower, account: Account = None, after: After = None, limit: Limit = MOST) -> EventsForm:
    """The feed: everything that is new, in order, once. Keep `next` and ask again."""
    about = ("events", account)
    accounts, position = accounts_of(key, account), desk.cursors().read(after, *about)
    with desk.database.reading() as connection:
        views = list_feed(connection, accounts, after=position or 0, limit=limit)
    cursor = desk.cursors().write(views[-1].position or 0, *about) if views else after
    return EventsForm(data=[event_form(view) for view in views], next=cursor)


@conversations.get("/inbox", responses=answers(400, 404, 422))
def list_inbox(
    desk: Desk, key: Reader, account: Account = None, contact: Contact = None, after: After = None, limit: Limit = MOST
) -> MessagesForm:
    """Messages in the order in which they became visible. Keep `next` and ask again."""
    about = ("inbox", account, contact)
    views, cursor = _page(desk, key, account, after, limit, about, contact=contact)
    return MessagesForm(data=[message_form(view) for view in views], next=cursor)


@conversations.get("/inbox/{message}", responses=answers(404, 422))
def get_message(desk: Desk, key: Reader, message: str) -> MessageForm:
    """One message."""
    number = number_of(message, MESSAGE)
    with desk.database.reading() as connection:
        view = find_message(connection, key.only, number)
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return message_form(view)


@conversations.get("/threads", responses=answers(400, 404, 422))
def list_conversations(
    desk: Desk, key: Reader, account: Account = None, contact: Contact = None, after: After = None, limit: Limit = 50
) -> ThreadsForm:
    """Conversations, those with the newest messages first."""
    about, accounts = ("threads", account, contact), accounts_of(key, account)
    before = desk.cursors().read(after, *about, key.id)
    with desk.database.reading() as connection:
        views = list_threads(connection, accounts, contact=contact, before=before, limit=limit)
    cursor = desk.cursors().write(views[-1].last_position, *about, key.id) if len(views) == limit else None
    return ThreadsForm(data=[thread_form(view) for view in views], next=cursor)


@conversations.get("/threads/{thread}", responses=answers(404, 422))
def get_conversation(desk: Desk, key: Reader, thread: str) -> ThreadForm:
    """One conversation."""
    with desk.database.reading() as connection:
        view = find_thread(connection, key.only, thread_key(thread))
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return thread_form(view)


@conversations.get("/threads/{thread}/messages", responses=answers(400, 404, 422))
def list_messages_of(desk: Desk, key: Reader, thread: str, after: After = None, limit: Limit = MOST) -> MessagesForm:
    """The messages of a conversation, oldest first."""
    get_conversation(desk, key, thread)
    views, cursor = _page(desk, key, None, after, limit, ("messages", thread), thread=thread_key(thread))
    return MessagesForm(data=[message_form(view) for view in views], next=cursor)


@conversations.post("/threads/{thread}/read", responses=answers(400, 404, 413, 422))
def mark_conversation_read(desk: Desk, key: Writer, thread: str, mark: ReadMarkForm) -> ThreadForm:
    """Say that a customer has read a conversation up to a message. Saying it again changes nothing."""
    number, wanted = number_of(mark.up_to, MESSAGE), thread_key(thread)
    with desk.database.writing() as connection:
        view, last = find_thread(connection, key.only, wanted), find_message(connection, key.only, number)
        if view is None or last is None or last.thread != wanted:
            raise ApiRefusal(NOT_FOUND)
        mark_read(connection, key.only, wanted, last.position, desk.clock())
        after = find_thread(connection, key.only, wanted)
    return thread_form(after or view)


def _page(
    desk: Service,
    key: ApiKey,
    account: str | None,
    after: str | None,
    limit: int,
    about: tuple[Any, ...],
    *,
    contact: str | None = None,
    thread: str | None = None,
) -> tuple[list[MessageView], str | None]:
    """Messages beyond a cursor, and the cursor for what comes after them: the old one where nothing is new."""
    accounts = accounts_of(key, account)
    position = desk.cursors().read(after, *about)
    with desk.database.reading() as connection:
        views = list_messages(connection, accounts, thread=thread, contact=contact, after=position or 0, limit=limit)
    return views, desk.cursors().write(views[-1].position, *about) if views else after
