"""The pages of the inbox: the list, a conversation, a new request, files."""

import asyncio
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Header, Query, Request, Response

from helpdesk.gateway.http.files import file_answer
from helpdesk.gateway.http.inbox.forms import SentForm, check_token, sent_form
from helpdesk.gateway.http.inbox.shown import address_of, deeds_of, shown_message, shown_thread
from helpdesk.gateway.http.inbox.sign_in import go_to, sign_in
from helpdesk.gateway.http.inbox.visits import ROOT, UNKNOWN, PageRefusal, Sending, Visit, Visiting
from helpdesk.gateway.http.inbox.writing import mark_conversation, submit_form
from helpdesk.gateway.http.replies import wait_for_outcome
from helpdesk.gateway.http.sent import MOST_FILES
from helpdesk.gateway.http.topics import topics_of, words_with_answers
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.pending_replies import list_pending_replies
from helpdesk.store.platform_views import find_file, find_thread, list_threads, newest_messages

MOST_THREADS = 30
MOST_MESSAGES = 100
WAIT = 3.0  # seconds in which the desk usually has taken a message, so that the next page shows it
SAID = {  # what a button says, in words: a string of the catalogue
    "solved": "resolution.solved",
    "unsolved": "resolution.unsolved",
    "yes": "page.permission.yes",
    "no": "page.permission.no",
}
RATINGS = ("good", "okay", "bad")  # what a button says about a closed request, which needs no words
Before = Annotated[int | None, Query(ge=1, lt=2**62)]
pages = APIRouter(prefix=ROOT, include_in_schema=False)
pages.include_router(sign_in)


@pages.get("")
def list_conversations(visit: Visiting, before: Before = None, sent: bool = False) -> Response:
    """The customer's conversations, those with the newest messages first."""
    with visit.desk.database.reading() as connection:
        views = list_threads(connection, visit.accounts, contact=visit.contact, before=before, limit=MOST_THREADS + 1)
        pending = list_pending_replies(connection, visit.visitor.account, visit.contact, visit.desk.clock())
    shown = views[:MOST_THREADS]
    return visit.page(
        "inbox",
        visit.speech.say("page.inbox.title"),
        threads=[shown_thread(view) for view in shown],
        pending=pending if before is None else [],
        older=shown[-1].last_position if len(views) > len(shown) else None,
        is_first=before is None,
        sent=sent,
    )


@pages.get("/new")
def ask_new_request(visit: Visiting) -> Response:
    return _new_request(visit)


@pages.post("/new")
async def take_new_request(request: Request, visit: Sending) -> Response:
    """Take a new request, and lead to the list, where it appears."""
    topics = topics_of(visit.desk.policy(), visit.speech)
    form = await sent_form(request, visit, needs_subject=True, topics=topics)
    if form.faults:
        return _new_request(visit, form)
    text = words_with_answers(form.text, form.topic, topics)
    async with visit.desk.uploads:
        view = await asyncio.to_thread(submit_form, visit, form, thread=None, text=text, subject=form.subject)
    await wait_for_outcome(visit.desk, view, WAIT)
    return go_to(f"{ROOT}?sent=true")


@pages.get("/conversations/{thread}")
def show_conversation(visit: Visiting, thread: str, before: Before = None, sent: bool = False, rated: bool = False) -> Response:
    """A conversation. Looking at it writes nothing: the page has a form that says what was read."""
    done = "rated" if rated else "sent" if sent else ""
    return _conversation(visit, thread, before=before, done=done)


@pages.post("/conversations/{thread}")
async def take_reply(request: Request, visit: Sending, thread: str) -> Response:
    """Take a reply, or the press of a button, which is a reply in the button's words."""
    form = await sent_form(request, visit)
    if form.choice and form.choice not in (*SAID, *RATINGS):
        raise PageRefusal(*UNKNOWN)
    if form.faults:
        return await asyncio.to_thread(_conversation, visit, thread, form=form)
    text = visit.speech.say(SAID[form.choice]) if form.choice in SAID else form.text
    rating = form.choice if form.choice in RATINGS else ""
    async with visit.desk.uploads:
        view = await asyncio.to_thread(submit_form, visit, form, thread=thread, text=text, rating=rating)
    await wait_for_outcome(visit.desk, view, WAIT)
    return go_to(f"{address_of(thread)}?{'rated' if rating else 'sent'}=true")


@pages.post("/conversations/{thread}/read")
def mark_read_to(visit: Sending, thread: str, token: Annotated[str, Form()] = "", up_to: Annotated[str, Form()] = "") -> Response:
    check_token(visit, token)
    mark_conversation(visit, thread, up_to)
    return go_to(address_of(thread))


@pages.get("/files/{file:path}")
def get_file(visit: Visiting, file: str, requested: Annotated[str | None, Header(alias="Range")] = None) -> Response:
    """A file of a message in this customer's inbox, as a download."""
    with visit.desk.database.reading() as connection:
        try:
            found = (
                find_file(connection, visit.accounts, visit.desk.blobs, file, contact=visit.contact) if "\0" not in file else None
            )
        except FilesAway:
            raise PageRefusal("away", 503) from None
    if found is None:
        raise PageRefusal(*UNKNOWN)
    return file_answer(found, requested)


def _new_request(visit: Visit, form: SentForm | None = None) -> Response:
    say = visit.speech.say
    title = say("page.new.title")
    return visit.page(
        "new_request",
        say("page.fault.of", title=title) if form else title,
        422 if form else 200,
        form=form,
        key=secrets.token_urlsafe(16),
        most_files=MOST_FILES,
        topics=topics_of(visit.desk.policy(), visit.speech),
    )


def _conversation(
    visit: Visit, thread: str, *, before: int | None = None, done: str = "", form: SentForm | None = None
) -> Response:
    with visit.desk.database.reading() as connection:
        view = find_thread(connection, visit.accounts, thread, contact=visit.contact)
        if view is None:
            raise PageRefusal(*UNKNOWN)
        messages = newest_messages(
            connection, visit.accounts, thread=thread, contact=visit.contact, before=before, limit=MOST_MESSAGES + 1
        )
        pending = list_pending_replies(connection, visit.visitor.account, visit.contact, visit.desk.clock(), thread=thread)
    shown = messages[-MOST_MESSAGES:]
    say = visit.speech.say
    return visit.page(
        "conversation",
        say("page.fault.of", title=view.subject) if form else view.subject,
        422 if form else 200,
        thread=shown_thread(view),
        messages=[shown_message(message) for message in shown],
        up_to=shown[-1].id if shown else 0,
        older=shown[0].position if len(messages) > len(shown) else None,
        is_newest=before is None,
        pending=pending,
        deeds=deeds_of(view, shown[-1] if shown and before is None else None, pending),
        done=done,
        form=form,
        key=secrets.token_urlsafe(16),
        most_files=MOST_FILES,
    )
