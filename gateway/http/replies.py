"""Replies of customers: handing one in, and what became of it."""

import asyncio
import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Header, Response

from helpdesk.gateway.http.callers import Desk, RequestName, Writer, answers, name_of_request
from helpdesk.gateway.http.forms import REPLY, NewReplyForm, ReplyForm, number_of, reply_form, thread_key
from helpdesk.gateway.http.problems import INVALID, KEY_USED, NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.service import Service, accounts_of
from helpdesk.store.api_keys import ApiKey
from helpdesk.store.platform_views import (
    Accounts,
    NewReply,
    OtherRequest,
    ReplyView,
    UnknownFiles,
    client_key_of,
    find_reply,
    find_thread,
    submit_reply,
)

LONGEST_WAIT = 10.0  # seconds that a request with `Prefer: wait` may last
LOOK_AGAIN = 0.1
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,4})\b", re.IGNORECASE)
Preference = Annotated[str | None, Header(max_length=300)]
replies = APIRouter()


@replies.post("/replies", status_code=202, responses=answers(400, 404, 413, 422))
async def hand_in_reply(
    desk: Desk,
    key: Writer,
    reply: NewReplyForm,
    response: Response,
    idempotency_key: RequestName = None,
    prefer: Preference = None,
) -> ReplyForm:
    """Hand in a reply, or a new request. The desk takes or refuses it within seconds: ask for its state, or say `Prefer: wait=5`."""
    return await hand_in(desk, key, reply, response, idempotency_key, prefer)


async def hand_in(
    desk: Service,
    key: ApiKey,
    reply: NewReplyForm,
    response: Response,
    given: str | None,
    prefer: str | None,
    *,
    choice: tuple[int, str] | None = None,
) -> ReplyForm:
    """Write a reply's row under the Idempotency-Key that was given, and wait for its outcome if that is preferred. Raises ApiRefusal.

    `choice` is the number of a question for permission, and the answer to it.
    """
    view = await asyncio.to_thread(_submit, desk, key, reply, given, choice)
    desk.wake()
    wanted = WAIT.search(prefer or "")
    if wanted is not None:
        view = await wait_for_outcome(desk, view, min(float(wanted[1]), LONGEST_WAIT))
    response.headers["Location"] = f"/api/v1/replies/rep_{view.id}"
    return reply_form(view)


@replies.get("/replies/{reply}", responses=answers(404, 422))
def get_reply(desk: Desk, key: Writer, reply: str) -> ReplyForm:
    """What became of a reply."""
    number = number_of(reply, REPLY)
    with desk.database.reading() as connection:
        view = find_reply(connection, key.only, number)
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return reply_form(view)


def _submit(desk: Service, key: ApiKey, reply: NewReplyForm, given: str | None, choice: tuple[int, str] | None) -> ReplyView:
    """Write the reply's row. Raises ApiRefusal for what can be seen without a decision."""
    name = name_of_request(given)
    accounts = accounts_of(key, reply.account)
    if choice is None and reply.rating is None and not reply.text.strip() and not reply.html.strip():
        raise ApiRefusal(INVALID, "text and html are empty")
    if reply.rating is not None and reply.thread is None:
        raise ApiRefusal(INVALID, "rating: name the conversation in thread")
    request = NewReply(
        account=reply.account,
        contact=reply.contact,
        thread=thread_key(reply.thread) if reply.thread is not None else None,
        subject=reply.subject,
        category=reply.category,
        rating=reply.rating or "",
        text=reply.text,
        html=reply.html,
        client_key=client_key_of(name),
        request_sha256=hashlib.sha256(f"{reply.model_dump_json()}{choice or ''}".encode()).hexdigest(),
        files=tuple(dict.fromkeys(reply.attachments)),
        permission=choice[0] if choice else None,
        answer=choice[1] if choice else None,
    )
    try:
        found = _write(desk, accounts, request)
    except UnknownFiles:
        raise ApiRefusal(NOT_FOUND) from None
    if isinstance(found, OtherRequest):
        raise ApiRefusal(KEY_USED)
    return found


def _write(desk: Service, accounts: Accounts, request: NewReply) -> ReplyView | OtherRequest:
    with desk.database.writing() as connection:
        if request.thread is not None and find_thread(connection, accounts, request.thread) is None:
            raise ApiRefusal(NOT_FOUND)
        return submit_reply(connection, request, desk.clock())


async def wait_for_outcome(desk: Service, view: ReplyView, seconds: float) -> ReplyView:
    """The reply when it has been taken or refused, or as it is after so many seconds."""

    def look(before: ReplyView) -> ReplyView:
        with desk.database.reading() as connection:
            return find_reply(connection, (before.account,), before.id) or before

    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while view.taken_at is None and view.error is None and loop.time() < end:
        await asyncio.sleep(LOOK_AGAIN)
        view = await asyncio.to_thread(look, view)
    return view
