"""Sessions of the inbox page: the platform asks for an address that signs one of its customers in."""

from fastapi import APIRouter

from helpdesk.gateway.http.callers import Desk, SessionOpener, answers
from helpdesk.gateway.http.forms import NewSessionForm, SessionForm, thread_key
from helpdesk.gateway.http.problems import NOT_FOUND, ApiRefusal
from helpdesk.gateway.http.service import accounts_of
from helpdesk.store.page_sessions import CODE_LIFE, PageVisitor, add_code

sessions = APIRouter()


@sessions.post("/sessions", status_code=201, responses=answers(400, 404, 413, 422))
def open_session(desk: Desk, key: SessionOpener, session: NewSessionForm) -> SessionForm:
    """Ask for an address that signs a customer in to the inbox page, once and within a minute. Send their browser there at once.

    Each request makes an address of its own, so that it needs no Idempotency-Key. Without `http.address` there is no page: 404.
    """
    accounts_of(key, session.account)
    if desk.page_desk is None:
        raise ApiRefusal(NOT_FOUND, "this desk has no inbox page; its operator turns it on by http.address")
    wanted = f"?thread=thr_{thread_key(session.thread)}" if session.thread is not None else ""
    now = desk.clock()
    with desk.database.writing() as connection:
        code = add_code(connection, PageVisitor(session.account, session.contact, session.language, key.id), now)
    return SessionForm(address=f"{desk.page_desk.origin}/inbox/enter/{code}{wanted}", expires_at=now + CODE_LIFE)
