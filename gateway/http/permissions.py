"""Questions whether support may change a customer's data, and the customer's answer: a reply like any other, decided by the desk."""

import asyncio
import re

from fastapi import APIRouter, Response

from helpdesk.gateway.http.callers import Desk, Reader, RequestName, Writer, answers
from helpdesk.gateway.http.forms import (
    NewAnswerForm,
    NewReplyForm,
    PermissionForm,
    PermissionsForm,
    ReplyForm,
    permission_form,
    thread_key,
)
from helpdesk.gateway.http.problems import NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.replies import Preference, hand_in
from helpdesk.gateway.http.service import Service
from helpdesk.store.api_keys import ApiKey
from helpdesk.store.permission_views import PermissionView, find_permission, list_permissions

PERMISSION = re.compile(r"prm_([0-9a-zA-Z]{1,32})_([0-9]{1,4})")
permissions = APIRouter()


@permissions.get("/threads/{thread}/permissions", responses=answers(404, 422))
def list_permissions_of(desk: Desk, key: Reader, thread: str) -> PermissionsForm:
    """The questions of a conversation whether support may change the customer's data, oldest first."""
    with desk.database.reading() as connection:
        views = list_permissions(connection, key.only, thread_key(thread))
    if views is None:
        raise ApiRefusal(NOT_FOUND)
    return PermissionsForm(data=[permission_form(view) for view in views])


@permissions.get("/permissions/{permission}", responses=answers(404, 422))
def get_permission(desk: Desk, key: Reader, permission: str) -> PermissionForm:
    """One question, with its answer."""
    return permission_form(_find_or_refuse(desk, key, permission))


@permissions.post("/permissions/{permission}/answer", status_code=202, responses=answers(400, 404, 413, 422))
async def answer_permission(
    desk: Desk,
    key: Writer,
    permission: str,
    answer: NewAnswerForm,
    response: Response,
    idempotency_key: RequestName = None,
    prefer: Preference = None,
) -> ReplyForm:
    """Hand in the customer's answer. It is a reply: ask for its state. Whether it counts is decided by the desk, as for an answer by mail."""
    asked = await asyncio.to_thread(_find_or_refuse, desk, key, permission)
    reply = NewReplyForm(account=asked.thread.account, contact=answer.contact, thread=f"thr_{asked.thread.key}", text=answer.text)
    return await hand_in(desk, key, reply, response, idempotency_key, prefer, choice=(asked.number, answer.answer))


def _find_or_refuse(desk: Service, key: ApiKey, permission: str) -> PermissionView:
    found = PERMISSION.fullmatch(permission)
    if found is None:
        raise ApiRefusal(NOT_FOUND)
    with desk.database.reading() as connection:
        view = find_permission(connection, key.only, found[1], int(found[2]))
    if view is None:
        raise ApiRefusal(NOT_FOUND)
    return view
