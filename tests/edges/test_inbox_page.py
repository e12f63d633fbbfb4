"""The inbox page: a customer reads and writes in the browser what they could read and write by mail, and nobody else's."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.servers.api import Api, api_of
from support.servers.browser import OWN, Browser

from helpdesk.gateway.http.inbox.routes import SAID
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.api_keys import revoke_key
from helpdesk.store.page_sessions import forget_sessions
from helpdesk.store.schema import page_session, platform_inbox, platform_reply
from helpdesk.templates.catalogue import LANGUAGES, OVERLAYS, Speech
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.sorting.consent_words import Consent, choice_in
from helpdesk.threading.sorting.gratitude import is_acknowledgement, is_only_thanks

ORIGIN = "https://support.example.com"
PAGE = PageDesk(ORIGIN, "Accoraze Support", "Europe/Berlin", "en")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, reader: MailReader) -> Iterator[StoryDesk]:
    """One desk for all tests of this file; each has a conversation of its own."""
    with direct_desk(configured(tmp_path_factory.mktemp("desk")), reader) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpdesk.gateway.http.inbox.routes.WAIT", 0.0)  # in a story the desk works when it is told to
        yield made


@pytest.fixture(scope="module")
def api(desk: StoryDesk) -> Iterator[Api]:
    with api_of(desk, page_desk=PAGE) as served:
        yield served


@pytest.fixture
def anna_s(api: Api) -> Browser:
    """Anna's browser, signed in."""
    browser = Browser(api)
    assert browser.signs_in("acme", "anna@acme.example").status == 200
    return browser


@pytest.fixture(scope="module")
def path(desk: StoryDesk) -> str:
    """The address of a conversation of Anna's with a question and an answer."""
    return begin(desk, desk.person("anna@acme.example"), desk.person("omar@desk.example"), "Unlocked, please try again.")


def begin(desk: StoryDesk, anna: Person, omar: Person, answer: str) -> str:
    """Begin a conversation, and return its address."""
    anna.writes("Cannot log in", "The page says locked.")
    omar.replies(Notice.NEW_TICKET, answer)
    desk.passes(minutes=5)
    return f"/inbox/conversations/{desk.inbox()[-1].thread_key}"


def ticket_at(desk: StoryDesk, path: str) -> Ticket:
    return next(ticket for ticket in desk.tickets() if path.endswith(ticket.thread_key))


def reply_form(browser: Browser, path: str, **fields: str) -> dict[str, str]:
    return browser.opens(path).form(path, "textarea") | fields


def written(desk: StoryDesk, words: str) -> int:
    """How many replies with these words have been handed in."""
    with desk.database.reading() as connection:
        statement = select(func.count()).where(platform_reply.c.body_text == words)
        return int(connection.execute(statement).scalar_one())


def test_a_customer_reads_and_answers_in_the_browser(anna_s: Browser, desk: StoryDesk, anna: Person, omar: Person) -> None:
    path = begin(desk, anna, omar, "Unlocked, please try again.")
    listed = anna_s.opens("/inbox")
    assert "Cannot log in" in listed.text and "New: 2" in listed.text and "In progress" in listed.text
    shown = anna_s.opens(next(href for href in listed.links().values() if href == path))
    assert shown.path == path and "The page says locked." in shown.text and "please try again" in shown.text
    sent = anna_s.sends(path, shown.form(path, "textarea") | {"text": "It works now.\nThanks!"}, [("screen shot.png", PNG)])
    assert sent.path == f"{path}?sent=true" and "Your message has been sent." in sent.text and "On its way" in sent.text
    desk.settle()
    desk.inbox()
    after = anna_s.opens(path)
    assert "It works now." in after.text and "On its way" not in after.text and "New" not in after.text.split()
    assert anna_s.asks("GET", after.links()["screen shot.png"]).body == PNG
    assert omar.letter(Notice.CUSTOMER_REPLY).files["screen shot.png"] == PNG


def test_a_new_request_from_the_page_is_a_ticket_and_appears_in_the_list(anna_s: Browser, desk: StoryDesk, anna: Person) -> None:
    form = anna_s.opens("/inbox/new").form("/inbox/new", "textarea")
    sent = anna_s.sends("/inbox/new", form | {"subject": "Invoice", "text": "Where is the invoice of May?"})
    assert sent.status == 200 and "we’ve got your request" in sent.text and "Where is the invoice of May?" in sent.text
    desk.settle()
    desk.inbox()
    assert "Invoice" in [ticket.subject for ticket in desk.tickets()]
    assert "Invoice" in anna_s.opens("/inbox").links()
    assert "Invoice" in str(anna.letter(Notice.CONFIRMATION).message["Subject"])


def test_a_new_request_has_the_category_that_was_chosen_and_what_it_needs(
    anna_s: Browser, desk: StoryDesk, anna: Person, omar: Person
) -> None:
    """The words alone would say account access. An answer of another category than the chosen one is not sent."""
    page = anna_s.opens("/inbox/new")
    asked = {label.text(): str(label.attributes["for"]) for label in page.tree.css(".asks label")}
    number = asked["the number of the invoice, or its date and amount"]
    version = asked["the version, and the browser or device that you use"]
    form = page.form("/inbox/new", "textarea") | {"subject": "Log in", "text": "I cannot log in to pay the invoice."}
    form |= {"category": "billing and plans", number: "4711", version: "Not asked"}
    again = anna_s.sends("/inbox/new", form | {"subject": ""})
    assert again.status == 422
    assert {name: again.form("/inbox/new", "textarea")[name] for name in ("category", number)} == {
        "category": "billing and plans",
        number: "4711",
    }
    assert anna_s.sends("/inbox/new", form).status == 200
    desk.settle()
    [ticket] = [ticket for ticket in desk.tickets() if ticket.subject == "Log in"]
    assert ticket.category == "billing and plans"
    text = "I cannot log in to pay the invoice.\n\n- the number of the invoice, or its date and amount: 4711"
    assert text in [message.body_text for message in desk.inbox()]
    letter = omar.letter(Notice.NEW_TICKET).text
    assert "billing and plans: chosen by the customer" in letter and "we still need" not in letter


def test_a_closed_request_is_rated_by_a_button_and_stays_closed(
    anna_s: Browser, desk: StoryDesk, anna: Person, omar: Person
) -> None:
    path = begin(desk, anna, omar, "#resolve\nI have changed the roller.")
    anna_s.sends(path, anna_s.opens(path).form(path, "button[value=solved]") | {"choice": "solved"})
    desk.settle()
    desk.inbox()
    form = anna_s.opens(path).form(path, "button[value=good]")
    assert "Thank you for your rating." in anna_s.sends(path, form | {"choice": "bad"}).text
    desk.settle()
    ticket = ticket_at(desk, path)
    assert (ticket.status, ticket.rating and ticket.rating.word) == (Status.CLOSED, "bad")


def test_a_double_click_sends_once(anna_s: Browser, desk: StoryDesk, path: str) -> None:
    form = reply_form(anna_s, path, text="Once.")
    assert [anna_s.sends(path, form, [("a.txt", b"words")]).status for _ in range(2)] == [200, 200]
    assert written(desk, "Once.") == 1
    assert anna_s.sends(path, form | {"text": "Other words under the same key."}).status == 409
    assert written(desk, "Once.") == 1


def test_looking_writes_nothing(anna_s: Browser, desk: StoryDesk, anna: Person, omar: Person) -> None:
    path = begin(desk, anna, omar, "Unlocked, please try again.")
    for page in ("/inbox", path, "/inbox/new"):
        assert anna_s.opens(page).status == 200
    of_thread = platform_inbox.c.thread_key == path.rpartition("/")[2]
    unread = select(func.count()).where(of_thread, platform_inbox.c.direction == "support", platform_inbox.c.read_at.is_(None))
    with desk.database.reading() as connection:
        assert connection.execute(unread).scalar_one() == 2
    anna_s.presses(f"{path}/read", anna_s.opens(path).form(f"{path}/read"))
    with desk.database.reading() as connection:
        assert connection.execute(unread).scalar_one() == 0


@pytest.mark.parametrize(
    ("language", "choice", "status"),
    [("de", "solved", Status.CLOSED), ("en", "unsolved", Status.IN_PROGRESS)],
)
def test_a_button_says_whether_it_is_solved(
    api: Api, desk: StoryDesk, anna: Person, omar: Person, language: str, choice: str, status: Status
) -> None:
    path = begin(desk, anna, omar, "#resolve\nI have changed the roller.")
    browser = Browser(api)
    browser.signs_in("acme", "anna@acme.example", language=language)
    form = browser.opens(path).form(path, "button[name=choice]")
    assert browser.sends(path, form | {"choice": "never"}).status == 404
    assert browser.sends(path, form | {"choice": choice}).status == 200
    desk.settle()
    assert ticket_at(desk, path).status is status


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_permission_is_given_or_refused_by_a_button(api: Api, desk: StoryDesk, anna: Person, omar: Person, choice: str) -> None:
    path = begin(desk, anna, omar, "#permission Delete 14 orders.")
    browser = Browser(api)
    browser.signs_in("acme", "anna@acme.example", language="fr")
    browser.sends(path, browser.opens(path).form(path, "button[name=choice]") | {"choice": choice})
    desk.settle()
    [permission] = ticket_at(desk, path).permissions
    assert str(permission.answer) == choice
    desk.inbox()
    assert not browser.opens(path).tree.css("button[name=choice]")


@pytest.mark.parametrize("language", [*LANGUAGES, *OVERLAYS])
def test_what_a_button_says_is_understood_in_every_language(language: str) -> None:
    say = Speech(language).say
    assert is_only_thanks(say(SAID["solved"]))
    assert not is_only_thanks(say(SAID["unsolved"])) and not is_acknowledgement(say(SAID["unsolved"]))
    assert [choice_in(say(SAID[name])) for name in ("yes", "no")] == [Consent.ONCE, Consent.NEVER]


# --- whose page it is


def test_another_account_s_conversation_and_file_are_unknown(api: Api, anna_s: Browser, desk: StoryDesk, path: str) -> None:
    anna_s.sends(path, reply_form(anna_s, path, text="See the picture."), [("secret.png", PNG)])
    desk.settle()
    desk.inbox()
    file = anna_s.opens(path).links()["secret.png"]
    assert anna_s.asks("GET", file).status == 200
    for account, contact in (("globex", "eve@globex.example"), ("acme", "paul@acme.example"), ("globex", "anna@acme.example")):
        stranger = Browser(api)
        assert "Cannot log in" not in stranger.signs_in(account, contact).text
        unknown = stranger.opens("/inbox/conversations/0000000000")
        for page in (path, file, f"{file}?x"):
            assert (stranger.opens(page).status, stranger.opens(page).text) == (404, unknown.text)
        fields = stranger.opens("/inbox/new").form("/inbox/new", "textarea") | {"text": "Let me in.", "up_to": "1"}
        assert stranger.sends(path, fields).status == 404
        assert stranger.presses(f"{path}/read", fields).status == 404
    assert written(desk, "Let me in.") == 0


def test_without_a_session_there_is_no_page(api: Api, desk: StoryDesk, path: str) -> None:
    nobody = Browser(api)
    for page in ("/inbox", path, "/inbox/new", "/inbox/files/att_1_1", "/inbox/enter/nothing", "/inbox/enter/%00"):
        assert nobody.opens(page).status == 401
    assert nobody.presses("/inbox/leave", {"token": "x"}).status == 401
    assert nobody.asks("GET", "/inbox/nothing/here").status == 404


def test_without_an_address_there_are_no_pages(desk: StoryDesk) -> None:
    with api_of(desk) as served:
        assert served.asks("GET", "/inbox", None).status == 404
        asked = served.asks("POST", "/api/v1/sessions", served.key(), {"account": "acme", "contact": "anna@acme.example"})
        assert asked.status == 404


def code_for(api: Api, contact: str = "anna@acme.example") -> str:
    asked = api.asks("POST", "/api/v1/sessions", api.key(), {"account": "acme", "contact": contact})
    return urlsplit(str(asked.json["address"])).path


def test_a_code_works_once_within_a_minute_and_may_be_repeated_by_its_browser(api: Api, desk: StoryDesk) -> None:
    path = code_for(api)
    mine, other = Browser(api), Browser(api)
    assert mine.opens(path).status == 200
    held = dict(mine.cookies)
    assert mine.opens(path).status == 200 and mine.cookies == held
    assert other.opens(path).status == 401 and not other.cookies
    desk.passes(seconds=61)
    assert mine.opens(path).status == 401
    assert mine.opens("/inbox").status == 200
    late = code_for(api)
    desk.passes(seconds=61)
    assert other.opens(late).status == 401


def test_a_session_s_secret_is_new_at_sign_in_whatever_the_browser_held(api: Api) -> None:
    """Session fixation: a secret that somebody else has put into the browser opens nothing."""
    victim, attacker = Browser(api), Browser(api)
    attacker.signs_in("acme", "paul@acme.example")
    planted = attacker.cookies["__Host-inbox"]
    for value in (planted, "chosen-by-somebody"):
        victim.cookies["__Host-inbox"] = value
        victim.signs_in("acme", "anna@acme.example")
        assert victim.cookies["__Host-inbox"] not in (planted, value)
    assert "paul@acme.example" in str(attacker.opens("/inbox").answer.body)


def test_a_session_ends_by_leaving_by_time_and_with_its_key(api: Api, desk: StoryDesk) -> None:
    browser = Browser(api)
    page = browser.signs_in("acme", "anna@acme.example")
    held = dict(browser.cookies)
    assert "You are signed out." in browser.presses("/inbox/leave", page.form("/inbox/leave")).text
    assert not browser.cookies
    browser.cookies = held
    assert browser.opens("/inbox").status == 401
    browser.signs_in("acme", "anna@acme.example")
    desk.passes(hours=12)
    assert browser.opens("/inbox").status == 401
    browser.signs_in("acme", "anna@acme.example")
    assert browser.opens("/inbox").status == 200
    with desk.database.writing() as connection:
        assert revoke_key(connection, api.key().split("_")[1], desk.now)
    assert browser.opens("/inbox").status == 401
    assert forget_sessions(desk.database, desk.now + timedelta(seconds=1)) >= 3
    api.keys.clear()


def test_the_database_has_no_secret(api: Api, desk: StoryDesk) -> None:
    path, browser = code_for(api), Browser(api)
    browser.opens(path)
    with desk.database.reading() as connection:
        rows = str(connection.execute(select(page_session)).all())
    for secret in (path.rpartition("/")[2], browser.cookies["__Host-inbox"]):
        assert len(secret) >= 43 and secret not in rows


def test_a_session_needs_the_scope_and_an_account_of_the_key(api: Api) -> None:
    wanted = {"account": "acme", "contact": "anna@acme.example"}
    assert api.asks("POST", "/api/v1/sessions", api.key(scopes=("inbox:read", "inbox:write")), wanted).status == 403
    assert api.asks("POST", "/api/v1/sessions", api.key("globex"), wanted).status == 404
    assert api.asks("POST", "/api/v1/sessions", api.key("acme"), wanted | {"thread": "//evil.example"}).status == 404


# --- what others may try


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_does_nothing(anna_s: Browser, desk: StoryDesk, path: str, headers: dict[str, str]) -> None:
    form = reply_form(anna_s, path, text="Forged from another site.")
    for action in (path, "/inbox/new"):
        assert anna_s.sends(action, form | {"subject": "x"}, headers=headers).status == 403
    for action in (f"{path}/read", "/inbox/leave", "/inbox/window"):
        assert anna_s.presses(action, form, headers=headers).status == 403
    assert written(desk, "Forged from another site.") == 0 and anna_s.opens("/inbox").status == 200


def test_a_form_without_the_session_s_token_does_nothing(api: Api, anna_s: Browser, desk: StoryDesk, path: str) -> None:
    paul = Browser(api)
    foreign = paul.signs_in("acme", "paul@acme.example").form("/inbox/leave")["token"]
    form = reply_form(anna_s, path, text="Forged without a token.")
    for token in ("", foreign, "ä"):
        assert anna_s.sends(path, form | {"token": token}).status == 403
        assert anna_s.presses("/inbox/leave", {"token": token}).status == 403
    assert written(desk, "Forged without a token.") == 0


def test_a_browser_that_says_its_origin_alone_is_believed(anna_s: Browser, desk: StoryDesk, path: str) -> None:
    assert anna_s.sends(path, reply_form(anna_s, path, text="By origin alone."), headers={"Origin": ORIGIN}).status == 200
    assert written(desk, "By origin alone.") == 1


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "thr_x/../../y", "thr_x%0d%0aSet-Cookie:a=b", "thr_" + "x" * 40]
)
def test_no_redirect_leads_elsewhere(api: Api, wanted: str) -> None:
    answer = Browser(api).asks("GET", f"{code_for(api)}?thread={wanted}", headers={"Host": "evil.example"})
    assert (answer.status, answer.headers["location"]) == (303, "/inbox")
    assert answer.headers["set-cookie"].startswith("__Host-inbox=")


@pytest.mark.parametrize(
    "path", ["..%2f..%2fsecret", "../secret", "%2e%2e/%2e%2e/etc/passwd", "att_1_1/../../secret", "%00", "a" * 500]
)
def test_no_path_leads_out(anna_s: Browser, path: str) -> None:
    for place in ("/inbox/files/", "/inbox/conversations/", "/assets/x/"):
        assert anna_s.asks("GET", place + path).status == 404


NAMES = {
    'a";\r\nSet-Cookie: evil=1; x="': None,
    "../../etc/passwd": "passwd",
    "C:\\temp\\report.html": "report.html",
    "Zoë €.png": "Zoë €.png",
    "<script>.svg": "<script>.svg",
}
CONTENTS = {
    b"<html><script>alert(1)</script>": "application/octet-stream",
    b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>": "application/octet-stream",
    b"GIF90a<script>": "application/octet-stream",
    PNG: "image/png",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ": "image/webp",
}


def test_a_file_is_a_download_whatever_it_is_and_is_called(anna_s: Browser, desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Content sniffing and header injection by the names of files."""
    path = begin(desk, anna, omar, "Please send the files.")
    names = [name.replace('"', "%22").replace("\r\n", "%0D%0A") for name in NAMES]
    files = list(zip(names, CONTENTS, strict=True))
    assert anna_s.sends(path, reply_form(anna_s, path, text="Files."), files).status == 200
    desk.settle()
    desk.inbox()
    page = anna_s.opens(path)
    links = {name: href for name, href in page.links().items() if href.startswith("/inbox/files/")}
    assert len(links) == len(files)
    kinds = set()
    for href in links.values():
        answer = anna_s.asks("GET", href)
        kinds.add(answer.headers["content-type"])
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "evil" not in answer.headers.get("set-cookie", "")
        assert CONTENTS[answer.body] == answer.headers["content-type"]
    assert kinds == set(CONTENTS.values())
    assert "<script>" not in page.answer.body.decode()
    assert not any("/" in name or "\\" in name for name in links)


def test_private_pages_are_in_no_cache_and_in_no_frame(anna_s: Browser, desk: StoryDesk, path: str) -> None:
    for page in ("/inbox", path, "/inbox/new", "/inbox/conversations/unknown", "/inbox/enter/wrong"):
        headers = anna_s.asks("GET", page).headers
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "unsafe" not in headers["content-security-policy"]


def test_only_named_sites_show_it_in_a_frame_and_there_its_cookie_is_partitioned(desk: StoryDesk) -> None:
    embedded = PageDesk(ORIGIN, "Accoraze Support", "UTC", "en", ("https://app.example", "https://other.example"))
    with api_of(desk, page_desk=embedded) as served:
        browser = Browser(served)
        page = browser.signs_in("acme", "anna@acme.example")
        assert "frame-ancestors https://app.example https://other.example" in page.answer.headers["content-security-policy"]
        entered = browser.answers[0]
        assert "content-security-policy" not in entered.headers and entered.headers["cache-control"] == "no-store"
        assert entered.headers["set-cookie"].endswith("; Secure; HttpOnly; SameSite=None; Partitioned")
        window = Browser(served)  # a window has no cookie of the frame
        kind = {"Content-Type": "application/x-www-form-urlencoded", **OWN}
        opened = browser.asks("POST", "/inbox/window", f"token={page.form('/inbox/window')['token']}".encode(), kind)
        assert opened.status == 303
        assert window.opens(opened.headers["location"]).status == 200
        assert window.cookies != browser.cookies


def test_no_cookie_opens_the_api_and_no_key_a_page(api: Api, anna_s: Browser) -> None:
    assert anna_s.asks("GET", "/api/v1/threads").status == 401
    for headers in ({"Authorization": f"Bearer {api.key()}"}, {"Cookie": f"__Host-inbox={api.key()}"}):
        assert Browser(api).asks("GET", "/inbox", headers=headers).status == 401


# --- mistakes


def test_a_form_with_a_mistake_comes_back_with_what_was_written(anna_s: Browser, desk: StoryDesk) -> None:
    form = anna_s.opens("/inbox/new").form("/inbox/new", "textarea")
    page = anna_s.sends("/inbox/new", form | {"text": "Words & <b>more</b>"})
    assert page.status == 422 and "Write a subject" in page.text
    assert page.tree.css_first("title").text().startswith("Error: New request")  # type: ignore[union-attr]  # every page has one
    assert page.form("/inbox/new", "textarea")["text"].strip() == "Words & <b>more</b>"
    fault = page.tree.css_first("#subject")
    assert fault is not None and fault.attributes["aria-invalid"] == "true"
    described = str(fault.attributes["aria-describedby"]).split()
    assert described == ["subject-fault"] and all(page.tree.css_first(f"#{name}") for name in described)
    assert page.links()["Write a subject"] == "#subject"
    assert written(desk, "Words & <b>more</b>") == 0


def test_too_much_is_refused_before_it_is_read(anna_s: Browser, desk: StoryDesk) -> None:
    form = anna_s.opens("/inbox/new").form("/inbox/new", "textarea") | {"subject": "Big", "text": "Too many files."}
    half = bytes(13 * 1024 * 1024)
    assert "at most 25 MB" in anna_s.sends("/inbox/new", form, [("a", half), ("b", half[: 12 * 1024 * 1024 + 100])]).text
    assert anna_s.sends("/inbox/new", form, [("a", half), ("b", half + half)]).status == 413
    assert anna_s.sends("/inbox/new", form, [(str(number), b"") for number in range(30)]).status == 400
    assert written(desk, "Too many files.") == 0


def test_a_customer_who_asks_too_often_is_told_so_on_a_page(desk: StoryDesk) -> None:
    with api_of(desk, requests_per_minute=3, page_desk=PAGE) as served:
        browser = Browser(served)
        browser.signs_in("acme", "anna@acme.example")
        pages = [browser.opens("/inbox") for _ in range(4)]
    assert pages[-1].status == 429 and "Please wait a minute" in pages[-1].text
    assert "retry-after" in pages[-1].answer.headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_reader_s_language_and_has_one_heading(desk: StoryDesk, api: Api, path: str, language: str) -> None:
    browser = Browser(api, language=f"xx,{language};q=0.9,en;q=0.1")
    refused = browser.opens("/inbox")
    pages = [refused, browser.signs_in("acme", "anna@acme.example"), browser.opens(path), browser.opens("/inbox/new")]
    for page in pages:
        html = page.tree.css_first("html")
        assert html is not None and html.attributes["lang"] == language
        assert len(page.tree.css("h1")) == len(page.tree.css("main")) == len(page.tree.css("header.top")) == 1
        assert not page.tree.css("[style], style, script:not([src])")  # the policy would not let them work
        assert not [
            src for node in page.tree.css("[src]") if not re.match(r"/(assets|inbox)/", src := str(node.attributes["src"]))
        ]
        labelled = {node.attributes["for"] for node in page.tree.css("label")}
        assert {node.attributes["id"] for node in page.tree.css("textarea, input:not([type=hidden])")} <= labelled
