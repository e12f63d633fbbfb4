"""The routes of the demo: everybody's mailbox, each letter as its reader sees it, a form to write with, and the platform's inbox.

The demo has no sign-in: a newcomer writes as any of its people. Therefore its pages answer only under a name of this machine, which a page of
another site cannot take on (DNS rebinding), and a form is taken only from a page of this origin. Letters are shown in a sandbox that runs and loads nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from helpdesk.gateway.demo.letters import CaughtLetter, LetterCatcher
from helpdesk.gateway.demo.platform import DemoPlatform
from helpdesk.gateway.demo.writing import DemoDraft, NotSent, compose_mail, send_mail
from helpdesk.gateway.private_pages import form_token, is_token_of
from helpdesk.gateway.terminal import time_text
from helpdesk.gateway.web_pages import PageAnswer, PageApplication, PageRequest, page_of, see_other
from helpdesk.store.database import DatabaseAway
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.pages import page, page_files

ENGLISH = Speech()
HOSTS = ("127.0.0.1", "localhost")
SHOWN_FIRST = 4  # letters of each person on the first page
IN_A_FRAME = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
}
FILE = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Disposition": "attachment"}
FAULTS = {
    400: "This form is not one of these pages. Go back, load the page again, and repeat what you did.",
    403: "This request came from a page of another site, so nothing was done.",
    404: "There is no such page.",
    405: "This page takes no such request.",
    413: "The form is too large.",
    421: "These pages answer only under the address that the demo has printed.",
    500: "Something went wrong. The terminal of the demo says what.",
    503: "The database does not answer yet. Load the page again in a moment.",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whose mailbox the demo shows. `account` is that of a customer; "" for staff."""

    address: str
    name: str
    what: str
    account: str = ""

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class DemoMailbox:
    """A person with the newest letters to them."""

    person: DemoPerson
    letters: Sequence[CaughtLetter]
    count: int


@dataclass(slots=True)
class DemoPages:
    """Answers the requests of a demo. `door` is where the gateway listens for mail; `secret` makes the token of the forms."""

    people: Mapping[str, DemoPerson]
    support: str
    catcher: LetterCatcher
    platform: DemoPlatform
    door: tuple[str, int]
    secret: str
    undo_seconds: int  # for which an answer of staff waits, so that it can be taken back
    clock: Callable[[], datetime]

    def application(self) -> PageApplication:
        return PageApplication(self.answer, lambda status: self._fault(status))

    def answer(self, request: PageRequest) -> PageAnswer:
        """The answer to one request."""
        if request.headers.get("host", "").partition(":")[0] not in HOSTS:
            return self._fault(421)
        if (file := page_files().get(request.path)) is not None:
            return PageAnswer(200, file.content, file.media_type)
        place, _, rest = request.path.strip("/").partition("/")
        routes = POSTS if request.method == "POST" else GETS
        route = routes.get(place)
        if route is None:
            return self._fault(404)
        if request.method == "POST":
            if not request.is_own_form:
                return self._fault(403)
            if not is_token_of(self.secret, request.form.get("token", "")):
                return self._fault(400)
        try:
            return route(self, rest, request)
        except DatabaseAway:
            return self._fault(503)

    # ---- what is shown

    def _home(self, rest: str, request: PageRequest) -> PageAnswer:
        mailboxes = []
        for person in self.people.values():
            letters = self.catcher.letters_to(person.address)
            mailboxes.append(DemoMailbox(person, letters[:SHOWN_FIRST], len(letters)))
        return self._show(
            "home", "Everybody's mailbox", here="everybody", mailboxes=mailboxes, threads=self.platform.threads()[:SHOWN_FIRST]
        )

    def _mailbox(self, rest: str, request: PageRequest) -> PageAnswer:
        person = self.people.get(rest)
        if person is None:
            return self._fault(404)
        letters, sent = self.catcher.letters_to(person.address), self.catcher.mails_from(person.address)
        return self._show(
            "mailbox",
            f"Mailbox of {person.name}",
            here=person.address,
            person=person,
            letters=letters,
            sent=sent,
            is_sent="sent" in request.query,
        )

    def _letter(self, rest: str, request: PageRequest) -> PageAnswer:
        name, _, part = rest.partition("/")
        letter = self.catcher.find(name)
        if letter is None:
            return self._fault(404)
        if part == "html":
            return PageAnswer(200, letter.html.encode("utf-8", "replace"), headers=IN_A_FRAME)
        if part == "raw":
            return PageAnswer(200, letter.message.as_bytes(), "text/plain; charset=utf-8", IN_A_FRAME)
        if part.startswith("file/"):
            return self._file(letter, part.removeprefix("file/"))
        person = next((self.people[address] for address in letter.to if address in self.people), None)
        return self._show(
            "letter",
            letter.subject or "A letter",
            here=person.address if person else "",
            letter=letter,
            person=person,
            buttons=letter.buttons if person else (),
        )

    def _file(self, letter: CaughtLetter, place: str) -> PageAnswer:
        files = letter.files
        if not (place.isascii() and place.isdigit() and len(place) < 4 and int(place) < len(files)):
            return self._fault(404)
        file = files[int(place)]
        headers = FILE | {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename, safe='', errors='replace')}"
        }
        return PageAnswer(200, file.content, "application/octet-stream", headers)

    def _write(self, rest: str, request: PageRequest) -> PageAnswer:
        """The form for a mail: a new one, an answer to a letter, or what a button of a letter begins."""
        person = self.people.get(request.query.get("as", ""))
        if person is None:
            return self._fault(404)
        letter = self.catcher.find(request.query.get("answers", ""))
        subject = request.query.get("subject", "")
        if not subject and letter is not None:
            subject = letter.subject if letter.subject.lower().startswith("re:") else f"Re: {letter.subject}"
        to = request.query.get("to") or (letter.reply_to if letter else self.support)
        return self._form(person, to, subject, request.query.get("body", ""), letter)

    def _form(
        self, person: DemoPerson, to: str, subject: str, text: str, letter: CaughtLetter | None, fault: str = ""
    ) -> PageAnswer:
        title = f"{'Error: ' if fault else ''}Write as {person.name}"
        values = {
            "here": person.address,
            "person": person,
            "to": to,
            "subject": subject,
            "text": text,
            "letter": letter,
            "fault": fault,
        }
        return self._show("write", title, 422 if fault else 200, **values)

    def _platform(self, rest: str, request: PageRequest) -> PageAnswer:
        contacts = [person for person in self.people.values() if person.account]
        if not rest:
            return self._show(
                "platform", "The platform's inbox", here="platform", threads=self.platform.threads(), contacts=contacts
            )
        found = self.platform.thread(rest)
        if found is None:
            return self._fault(404)
        thread, messages = found
        contact = next(
            (message.contact for message in reversed(messages) if message.direction == "customer"), messages[-1].contact
        )
        return self._show(
            "thread",
            thread.subject,
            here="platform",
            thread=thread,
            messages=messages,
            contact=contact,
            is_sent="sent" in request.query,
        )

    # ---- what is written

    def _send(self, rest: str, request: PageRequest) -> PageAnswer:
        form = request.form
        person, letter = self.people.get(form.get("as", "")), self.catcher.find(form.get("answers", ""))
        if person is None:
            return self._fault(404)
        to, subject, text = (form.get(name, "") for name in ("to", "subject", "text"))
        try:
            mail = compose_mail(DemoDraft(person.name, person.address, to, subject, text, letter), self.clock())
            send_mail(mail, person.address, self.door)
        except NotSent as fault:
            return self._form(person, to, subject, text, letter, str(fault))
        self.catcher.keep_sent(person.address, mail.as_bytes())
        return see_other(f"/mailbox/{quote(person.address, safe='@')}?sent")

    def _reply(self, rest: str, request: PageRequest) -> PageAnswer:
        """A reply or a new request of a customer in the platform. The account is that of the conversation, or of the contact."""
        form, text = request.form, request.form.get("text", "").strip()
        found = self.platform.thread(rest) if rest else None
        person = self.people.get(form.get("contact", ""))
        account = found[0].account if found else person.account if person else ""
        if not account or not text or (rest and not found):
            return self._fault(404)
        self.platform.write(account, form.get("contact", ""), rest or None, form.get("subject", "").strip()[:200], text)
        return see_other(f"/platform/{quote(rest)}?sent" if rest else "/platform?sent")

    def _show(self, name: str, title: str, status: int = 200, **values: object) -> PageAnswer:
        given = {
            "people": list(self.people.values()),
            "support": self.support,
            "undo_seconds": self.undo_seconds,
            "token": form_token(self.secret),
            "at": time_text,
            "query": urlencode,
            "here": "",
            "is_sent": False,
            "fault": "",
        }
        return page_of(page(f"demo/{name}", ENGLISH, title=title, desk="Helpdesk demo", **{**given, **values}), status)

    def _fault(self, status: int) -> PageAnswer:
        return self._show("fault", "Error", status, fault=FAULTS[status])


Route = Callable[[DemoPages, str, PageRequest], PageAnswer]
GETS: Mapping[str, Route] = {
    "": DemoPages._home,
    "mailbox": DemoPages._mailbox,
    "letter": DemoPages._letter,
    "write": DemoPages._write,
    "platform": DemoPages._platform,
}
POSTS: Mapping[str, Route] = {"write": DemoPages._send, "platform": DemoPages._reply}
