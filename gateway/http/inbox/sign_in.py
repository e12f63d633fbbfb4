"""Coming in and leaving: a code of the platform becomes a session of the browser.

The exchange is the one GET that writes. It changes nothing but the visit itself, a code works once and for a minute, and it is never mailed,
so that no scanner of mail meets it.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from helpdesk.gateway.http.inbox.forms import check_token
from helpdesk.gateway.http.inbox.shown import address_of
from helpdesk.gateway.http.inbox.visits import (
    ROOT,
    SIGN_IN,
    PageRefusal,
    Sending,
    desk_of,
    refuse_visit,
    secret_in,
    session_cookie,
)
from helpdesk.store.page_sessions import add_code, end_session, exchange_code

THREAD = re.compile(r"thr_([0-9a-zA-Z]{1,32})")
sign_in = APIRouter()


@sign_in.get("/enter/{code}")
def enter(request: Request, code: str, thread: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Exchange a code. The session has a new secret; what the browser held before opens nothing more here."""
    desk, here = desk_of(request)
    with desk.database.writing() as connection:
        secret = exchange_code(connection, code, secret_in(request), desk.clock())
    if secret is None:
        raise PageRefusal(*SIGN_IN)
    wanted = THREAD.fullmatch(thread)
    return go_to(address_of(wanted[1]) if wanted else ROOT, cookie=session_cookie(here, secret))


@sign_in.post("/leave")
def leave(request: Request, visit: Sending, token: Annotated[str, Form()] = "") -> Response:
    check_token(visit, token)
    with visit.desk.database.writing() as connection:
        end_session(connection, visit.secret, visit.desk.clock())
    answer = refuse_visit(request, "left", 200)
    answer.headers["set-cookie"] = session_cookie(visit.page_desk, "")
    return answer


@sign_in.post("/window")
def open_window(visit: Sending, token: Annotated[str, Form()] = "") -> Response:
    """Open the inbox in a window of its own: a frame's cookie stays in the frame, so that the window gets a code."""
    check_token(visit, token)
    with visit.desk.database.writing() as connection:
        code = add_code(connection, visit.visitor, visit.desk.clock())
    return go_to(f"{ROOT}/enter/{code}")


def go_to(path: str, *, cookie: str = "") -> Response:
    """Lead to a path of this server (RFC 9110 §15.4.4); never to an address that came with a request."""
    # Without `frame-ancestors`: a browser may ask that of a redirect as well, and a frame would stay empty.
    headers = {"Location": path, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return Response(status_code=303, headers=headers | ({"Set-Cookie": cookie} if cookie else {}))
