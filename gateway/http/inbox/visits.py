"""Who is visiting: the session behind a request's cookie, the language of its pages, and forms that prove to be ours."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.http.pages import cookie, page_answer
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.private_pages import form_token, is_own_form
from helpdesk.store.page_sessions import SESSION_LIFE, PageVisitor, find_session
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.locales import tag_of_reader
from helpdesk.templates.pages import page

COOKIE = "inbox"
ROOT = "/inbox"


class PageRefusal(Exception):
    """A request that is answered with a page that says why not: its name among the strings `page.refused.*`, and a status."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(name)
        self.name, self.status = name, status


SIGN_IN = ("sign_in", 401)
FOREIGN_FORM = ("form", 403)
UNKNOWN = ("unknown", 404)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a signed-in customer. `secret` is what their browser has."""

    desk: Service
    page_desk: PageDesk
    visitor: PageVisitor
    secret: str
    speech: Speech

    @property
    def accounts(self) -> tuple[str]:
        return (self.visitor.account,)

    @property
    def contact(self) -> str:
        return self.visitor.contact

    def page(self, name: str, title: str, status: int = 200, **values: object) -> Response:
        """The page `page/NAME.html.j2` of this customer."""
        common = {
            "now": self.desk.clock(),
            "root": ROOT,
            "token": form_token(self.secret),
            "contact": self.contact,
            "embedded": bool(self.page_desk.embed),
        }
        html = page(name, self.speech, title=title, desk=self.page_desk.name, **{**common, **values})
        return page_answer(html, status, embed=self.page_desk.embed)


def visit_of(request: Request) -> Visit:
    """The visit of a request. Raises PageRefusal where nobody is signed in, ApiRefusal where they ask too often."""
    desk, here = desk_of(request)
    secret = secret_in(request)
    with desk.database.reading() as connection:
        visitor = find_session(connection, secret, desk.clock()) if secret else None
    if visitor is None:
        raise PageRefusal(*SIGN_IN)
    desk.count(f"session {hashlib.sha256(secret.encode()).hexdigest()}")
    return Visit(desk, here, visitor, secret, speech_of(request.headers, here, visitor.language))


def form_visit_of(request: Request, visit: Annotated[Visit, Depends(visit_of)]) -> Visit:
    """The visit of a request that sends a form. Raises PageRefusal if a page of another site has sent it.

    The token in the form is compared later, when the form is read (`check_token`).
    """
    if not is_own_form(request.headers, (visit.page_desk.origin,)):
        raise PageRefusal(*FOREIGN_FORM)
    return visit


Visiting = Annotated[Visit, Depends(visit_of)]
Sending = Annotated[Visit, Depends(form_visit_of)]


def secret_in(request: Request) -> str:
    """What the browser holds; "" for nothing."""
    return request.cookies.get(f"__Host-{COOKIE}", "")[:200]


def session_cookie(here: PageDesk, secret: str) -> str:
    """The cookie of a session; an empty secret takes it away."""
    seconds = int(SESSION_LIFE.total_seconds()) if secret else 0
    return cookie(COOKIE, secret, seconds=seconds, embedded=bool(here.embed))


def speech_of(headers: Mapping[str, str], here: PageDesk, known: str = "") -> Speech:
    """The language of a reader: the one that the platform knows, else what the browser asks for, else the desk's."""
    return Speech(known or tag_of_reader(headers.get("accept-language", "")) or here.language, here.zone)


def refuse_visit(request: Request, name: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The page that says why a request is refused."""
    _, here = desk_of(request)
    speech = speech_of(request.headers, here)
    title = speech.say("page.refused.title")
    html = page("refused", speech, title=title, desk=here.name, why=name, root=ROOT)
    return page_answer(html, status, embed=here.embed, headers=headers)


def desk_of(request: Request) -> tuple[Service, PageDesk]:
    """The desk behind a request, and what its pages say of it."""
    desk: Service = request.app.state.service
    assert desk.page_desk is not None
    return desk, desk.page_desk
