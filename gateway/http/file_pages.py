"""The page of a link to a file that was too large for a letter: what it is, and a button. Opening the page changes nothing; the button gives the file."""

import asyncio

from fastapi import APIRouter, Request, Response

from helpdesk.gateway.http.files import file_answer
from helpdesk.gateway.http.inbox.visits import desk_of, speech_of
from helpdesk.gateway.http.pages import page_answer
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.observe import Log
from helpdesk.gateway.private_pages import is_own_form
from helpdesk.store.file_links import LinkedFile, LinkState, find_linked, take_linked
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.platform_views import FileView
from helpdesk.templates.pages import page
from helpdesk.threading.letters.carried import as_people_say
from helpdesk.threading.letters.file_links import PATH, FileToken, read_file_token

STATUS = {LinkState.UNKNOWN: 404, LinkState.EXPIRED: 410, LinkState.GONE: 410}
AWAY = 503
COUNTED_AS = "links"  # a proxy stands before this server, so that all links have one number of requests
file_pages = APIRouter()
log = Log("helpdesk.http")


@file_pages.get(PATH + "{link}", include_in_schema=False)
def show_linked_file(request: Request, link: str) -> Response:
    """The page, for people and for programs that look into links before people do."""
    desk, here = desk_of(request)
    desk.count(COUNTED_AS)
    token, file = _find(desk, link)
    if token is None or not isinstance(file, LinkedFile):
        return _say_gone(request, file)
    speech = speech_of(request.headers, here)
    title = speech.say("page.file.title")
    values = {"file": file.filename, "size": as_people_say(file.size), "until": token.until}
    return page_answer(page("file", speech, title=title, desk=here.name, **values))


@file_pages.post(PATH + "{link}", include_in_schema=False)
async def give_linked_file(request: Request, link: str) -> Response:
    """The file itself. Only the button of our own page asks for it."""
    desk, here = desk_of(request)
    desk.count(COUNTED_AS)
    if not is_own_form(request.headers, (here.origin,)):
        return await asyncio.to_thread(show_linked_file, request, link)
    async with desk.uploads:
        return await asyncio.to_thread(_give, request, desk, link)


def _give(request: Request, desk: Service, link: str) -> Response:
    _, file = _find(desk, link)
    if not isinstance(file, LinkedFile):
        return _say_gone(request, file)
    try:
        with desk.database.writing() as connection:
            content = take_linked(connection, desk.blobs, file, desk.clock())
    except FilesAway:
        return _say_gone(request, None)
    log.info("link.used", file=file.id)
    return file_answer(FileView(file.filename, "application/octet-stream", "", content), None)


def _find(desk: Service, link: str) -> tuple[FileToken | None, LinkedFile | LinkState]:
    token = read_file_token(link)
    if token is None:
        return None, LinkState.UNKNOWN
    with desk.database.reading() as connection:
        return token, find_linked(connection, token, desk.clock())


def _say_gone(request: Request, state: LinkedFile | LinkState | None) -> Response:
    """The page without a file: the same words for all links that lead nowhere; None for a file that cannot be read now."""
    _, here = desk_of(request)
    speech = speech_of(request.headers, here)
    title = speech.say("page.file.gone" if state else "page.file.title")
    why = speech.say("page.file.gone_why" if state else "page.file.away")
    status = STATUS[state] if isinstance(state, LinkState) else AWAY
    return page_answer(page("file_gone", speech, title=title, desk=here.name, why=why), status)
