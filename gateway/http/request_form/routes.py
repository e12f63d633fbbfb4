"""The pages of the form: the form itself, and what follows it."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from helpdesk.config.request_form import PATH
from helpdesk.config.values import LETTER_LANGUAGES
from helpdesk.gateway.counts import counts
from helpdesk.gateway.http.form_desk import RequestForm
from helpdesk.gateway.http.form_limits import network_of
from helpdesk.gateway.http.form_seal import Freshness
from helpdesk.gateway.http.inbox.sign_in import go_to
from helpdesk.gateway.http.inbox.visits import desk_of, speech_of
from helpdesk.gateway.http.pages import page_answer
from helpdesk.gateway.http.problems import AWAY, ApiRefusal
from helpdesk.gateway.http.request_form.mail import mail_of
from helpdesk.gateway.http.request_form.sent import TRAP, SentRequest, sent_request
from helpdesk.gateway.http.request_form.shown import LANGUAGE_NAMES, shown_plans
from helpdesk.gateway.http.sent import LONGEST_FIELD, MOST_FIELDS, MOST_FILES
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.http.topics import topics_of, words_with_answers
from helpdesk.gateway.observe import Log
from helpdesk.gateway.private_pages import is_own_form
from helpdesk.store.inbound import store_raw
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.pages import page
from helpdesk.threading.trust.addresses import domain_of, rate_key

COUNTED_AS = "request form"  # the form knows no visitor by name, so all visitors share one limit of requests
SEND_AGAIN = {Freshness.EARLY: "early", Freshness.LATE: "late", Freshness.FOREIGN: "late"}
Wish = Annotated[str, Query(max_length=10)]
request_pages = APIRouter(prefix=PATH, include_in_schema=False)
log = Log("helpdesk.http")


@request_pages.get("")
def show_form(request: Request, language: Wish = "") -> Response:
    """The empty form."""
    desk, _ = desk_of(request)
    desk.count(COUNTED_AS)
    return _form(request, language)


@request_pages.get("/sent")
def show_sent(request: Request, language: Wish = "") -> Response:
    """What follows: the same page for everybody, so that it tells nothing about any address."""
    _, here = desk_of(request)
    speech = _speech(request, language)
    html = page("request_sent", speech, title=speech.say("page.request.sent"), desk=here.name, root=PATH, language=language)
    return page_answer(html, embed=here.embed)


@request_pages.post("")
async def take_form(request: Request) -> Response:
    """Take a request. What was sent is not read before it is known that it may be sent."""
    desk, here = desk_of(request)
    form = form_of(desk)
    if not is_own_form(request.headers, (here.origin,)):
        return _refuse("foreign", request, "form", 403)
    peer = request.client.host if request.client else ""
    if not form.limits.allow_network(network_of(peer, request.headers.getlist("x-forwarded-for"), form.proxies)):
        return _refuse("limited", request, "often", 429)
    policy = desk.policy()
    topics = topics_of(policy, _speech(request, ""))
    ours = {entry.address.lower() for entry in policy.addresses}
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as fields:
        sent = await sent_request(
            fields, topics, form.settings.files, lambda address: address in ours or domain_of(address) == form.domain
        )
    freshness = form.seal.freshness(sent.mark, desk.clock())
    if freshness in SEND_AGAIN and not sent.faults:  # a form with faults is shown again in any case, and gets a new mark then
        sent.faults["send"] = SEND_AGAIN[freshness]
    if sent.faults:
        return _form(request, sent.language, sent)
    if sent.is_trapped:
        counts.add("form_requests_total", "trapped")
        return _go_on(sent)
    if not form.limits.allow_request(rate_key(sent.address)):
        return _refuse("limited", request, "often", 429, sent.language)
    async with desk.uploads:
        await asyncio.to_thread(_store, desk, form, sent, words_with_answers(sent.text, sent.topic, topics))
    return _go_on(sent)


def form_of(desk: Service) -> RequestForm:
    """The form of a desk that has one."""
    assert desk.request_form is not None
    return desk.request_form


def refuse_request(
    request: Request, name: str, status: int, headers: Mapping[str, str] | None = None, language: str = ""
) -> Response:
    """The page that says why a request is not taken, and to which address a mail can be written instead."""
    desk, here = desk_of(request)
    speech = _speech(request, language)
    values = {"why": name, "root": PATH, "address": desk.policy().addresses[0].address}
    html = page("request_refused", speech, title=speech.say("page.request.title"), desk=here.name, **values)
    return page_answer(html, status, embed=here.embed, headers=headers)


def _refuse(counted: str, request: Request, name: str, status: int, language: str = "") -> Response:
    counts.add("form_requests_total", counted)
    return refuse_request(request, name, status, {"Retry-After": "3600"} if status == 429 else None, language)


def _store(desk: Service, form: RequestForm, sent: SentRequest, text: str) -> None:
    """Store the request as a mail. Raises ApiRefusal where the disk takes none."""
    if form.trouble() is not None:
        raise ApiRefusal(AWAY)
    now = desk.clock()
    mail = mail_of(sent, text, desk.policy().addresses[0].address, form.domain, now)
    try:
        store_raw(form.database, desk.blobs, form.blob_threshold, [mail], now)
    except OSError as fault:
        raise ApiRefusal(AWAY) from fault
    counts.add("form_requests_total", "taken")
    log.info("form.taken", size=len(mail.content))
    desk.wake()


def _go_on(sent: SentRequest) -> Response:
    return go_to(f"{PATH}/sent?language={sent.language}")


def _speech(request: Request, language: str) -> Speech:
    """The language that was chosen, else that of the browser."""
    _, here = desk_of(request)
    return speech_of(request.headers, here, language if language in LETTER_LANGUAGES else "")


def _form(request: Request, language: str, sent: SentRequest | None = None) -> Response:
    desk, here = desk_of(request)
    form, policy, speech = form_of(desk), desk.policy(), _speech(request, language)
    now = desk.clock()
    # A form that comes back keeps its mark where it can, so that the next press of the button is late enough.
    keeps = sent is not None and form.seal.freshness(sent.mark, now) in (Freshness.GOOD, Freshness.EARLY)
    title = speech.say("page.request.title")
    html = page(
        "request",
        speech,
        title=speech.say("page.fault.of", title=title) if sent else title,
        desk=here.name,
        root=PATH,
        form=sent,
        mark=sent.mark if sent is not None and keeps else form.seal.mark(now),
        topics=topics_of(policy, speech),
        plans=shown_plans(policy),
        languages=LANGUAGE_NAMES,
        trap=TRAP,
        most_files=MOST_FILES,
        megabytes=form.settings.files // (1024 * 1024),
    )
    return page_answer(html, 422 if sent else 200, embed=here.embed)
