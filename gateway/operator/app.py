"""The routes of the operator's page: who may look, what each address shows, and what each form does.

Every address but that of signing in asks for a session. A GET changes nothing. A POST is taken from a page of this origin alone, with the token
of its session, and leads on to a page that says what became of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from helpdesk.gateway.observe import Log
from helpdesk.gateway.operator.deeds import DEEDS, SAID
from helpdesk.gateway.operator.look import DeskLook
from helpdesk.gateway.operator.plots import report_view
from helpdesk.gateway.operator.sessions import LIFE, Session, Sessions
from helpdesk.gateway.operator_acts import Operator
from helpdesk.gateway.private_pages import FOR_EVER, form_token, is_token_of
from helpdesk.gateway.terminal import time_text
from helpdesk.gateway.web_pages import (
    PageAnswer,
    PageApplication,
    PageRequest,
    page_of,
    see_other,
)
from helpdesk.store.database import Database, DatabaseAway, StaleTicket
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.pages import page, page_files

ROOT = "/operator"
SIGN_IN, SIGN_OUT = f"{ROOT}/sign-in", f"{ROOT}/sign-out"
COOKIE = "helpdesk_operator"
ENGLISH = Speech()
FAULTS = {
    400: "This form is not one of this page, or the session in which it was made is over. Go back, load the page again, and repeat what you did.",
    403: "This request came from a page of another site, so nothing was done.",
    404: "There is no such page.",
    405: "This page takes no such request.",
    413: "The form is too large.",
    500: "Something went wrong. The log of the gateway says what.",
    503: "The database does not answer. Mail waits at its senders meanwhile; this page works again when the database does.",
}

log = Log("helpdesk.operator")


@dataclass(slots=True)
class OperatorPage:
    """Answers the requests of one listener."""

    database: Database
    look: DeskLook
    sessions: Sessions
    clock: Callable[[], datetime]
    desk_name: Callable[[], str]

    def application(self) -> PageApplication:
        return PageApplication(self.answer, lambda status: self._fault(status))

    def answer(self, request: PageRequest) -> PageAnswer:
        """The answer to one request."""
        if request.method == "GET" and (file := page_files().get(request.path)) is not None:
            return PageAnswer(200, file.content, file.media_type, {"Cache-Control": FOR_EVER})
        try:
            return self._post(request) if request.method == "POST" else self._get(request)
        except (DatabaseAway, StaleTicket) as fault:
            log.warning("store.away", reason=str(fault))
            return self._fault(503)

    def _get(self, request: PageRequest) -> PageAnswer:
        if request.path == "/":
            return see_other(ROOT)
        session = self._session(request)
        if request.path == SIGN_IN:
            return see_other(ROOT) if session else self._show("sign_in", None, "Sign in")
        show = PAGES.get(request.path)
        if session is None:
            return see_other(SIGN_IN)
        return show(self, session, request) if show else self._fault(404, session)

    def _post(self, request: PageRequest) -> PageAnswer:
        if not request.is_own_form:
            return self._fault(403)
        if request.path == SIGN_IN:
            return self._sign_in(request)
        session = self._session(request)
        if session is None:
            return see_other(SIGN_IN)
        if not is_token_of(session.secret, request.form.get("token", "")):
            return self._fault(400, session)
        if request.path == SIGN_OUT:
            self.sessions.end(session.secret)
            return see_other(SIGN_IN, Set_Cookie=_cookie("", request, seconds=0))
        deed = DEEDS.get((request.path.removeprefix(f"{ROOT}/"), request.form.get("do", "")))
        if deed is None:
            return self._fault(404, session)
        said = deed(Operator(self.database, session.key.name, self.clock()), request.form)
        log.info("operator.acted", page=request.path, did=request.form.get("do", ""), said=said)
        return see_other(f"{request.path}?said={said}")

    def _sign_in(self, request: PageRequest) -> PageAnswer:
        """Begin a new session, never one that the browser has named. The key is neither shown again nor logged."""
        session = self.sessions.begin(request.form.get("key", ""))
        if session is None:
            log.warning("operator.not_signed_in")
            return self._show("sign_in", None, "Error: Sign in", 401, fault=True)
        return see_other(ROOT, Set_Cookie=_cookie(session.secret, request, seconds=int(LIFE.total_seconds())))

    def _session(self, request: PageRequest) -> Session | None:
        secret = request.cookies.get(COOKIE, "")
        return self.sessions.find(secret) if secret else None

    # ---- pages

    def _overview(self, session: Session, request: PageRequest) -> PageAnswer:
        return self._show("desk", session, "Now", now=self.look.now())

    def _mail(self, session: Session, request: PageRequest) -> PageAnswer:
        key = request.query.get("id", "").strip()
        return self._show("mail", session, "Where is this mail?", key=key, mails=self.look.where_is(key) if key else ())

    def _quarantine(self, session: Session, request: PageRequest) -> PageAnswer:
        return self._show("quarantine", session, "Quarantine", said=_said(request), mails=self.look.set_aside())

    def _letters(self, session: Session, request: PageRequest) -> PageAnswer:
        return self._show("letters", session, "Letters", said=_said(request), view=self.look.letters())

    def _addresses(self, session: Session, request: PageRequest) -> PageAnswer:
        return self._show("addresses", session, "Suppressed addresses", said=_said(request), addresses=self.look.addresses())

    def _promises(self, session: Session, request: PageRequest) -> PageAnswer:
        report = self.look.report()
        return self._show("promises", session, "Promises", report=report, view=report_view(report))

    def _show(self, name: str, session: Session | None, title: str, status: int = 200, **values: object) -> PageAnswer:
        given: Mapping[str, object] = {
            "session": session,
            "token": form_token(session.secret) if session else "",
            "pages": NAVIGATION,
            "root": ROOT,
            "at": time_text,
            "here": name,
            "said": None,
            "fault": "",
        }
        return page_of(page(f"operator/{name}", ENGLISH, title=title, desk=self.desk_name(), **{**given, **values}), status)

    def _fault(self, status: int, session: Session | None = None) -> PageAnswer:
        return self._show("fault", session, "Error", status, fault=FAULTS[status])


PAGES: Mapping[str, Callable[[OperatorPage, Session, PageRequest], PageAnswer]] = {
    ROOT: OperatorPage._overview,
    f"{ROOT}/mail": OperatorPage._mail,
    f"{ROOT}/quarantine": OperatorPage._quarantine,
    f"{ROOT}/letters": OperatorPage._letters,
    f"{ROOT}/addresses": OperatorPage._addresses,
    f"{ROOT}/promises": OperatorPage._promises,
}
NAVIGATION = (
    (ROOT, "Now", "desk"),
    (f"{ROOT}/mail", "Find a mail", "mail"),
    (f"{ROOT}/quarantine", "Quarantine", "quarantine"),
    (f"{ROOT}/letters", "Letters", "letters"),
    (f"{ROOT}/addresses", "Addresses", "addresses"),
    (f"{ROOT}/promises", "Promises", "promises"),
)


def _said(request: PageRequest) -> tuple[str, str] | None:
    """The level and the sentence for what became of the form before; None for a word that is not in the table."""
    return SAID.get(request.query.get("said", ""))


def _cookie(value: str, request: PageRequest, *, seconds: int) -> str:
    """A cookie for the operator's pages alone: its path keeps it from other servers of the same host, which share its cookies."""
    secure = "; Secure" if request.is_by_tls else ""
    return f"{COOKIE}={value}; Path={ROOT}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
