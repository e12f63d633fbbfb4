"""The pages as people use them in Chromium: by the keyboard alone, without script, from right to left, narrow and wide, light and dark.

axe looks at each page. `make browser` installs what this needs; `python tests/campaign.py --only browser`.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from support.desk.story import StoryDesk, configured, direct_desk, wired_desk
from support.servers.api import Api, api_of
from support.servers.chromium import NARROW, WIDE, Chromium, chromium, is_within, tab_to
from support.servers.pages import pages_served
from support.servers.peers import free_ports

from helpdesk.gateway.demo.process import pages_of
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.node.operating import page_of_node
from helpdesk.gateway.reader import Reader
from helpdesk.store.api_keys import add_operator_key
from helpdesk.store.database import HTTP, Database
from helpdesk.threading.model.notice import Notice

ORIGIN = "https://support.example.com"
PAGE = PageDesk(ORIGIN, "Accoraze Support", "Europe/Berlin", "en")
LINKS = f'[letters]\nattachments = 10000\n[http]\nlisten = "127.0.0.1:0"\naddress = "{ORIGIN}"\nlinks = "30d"\n'
ANNA, OMAR = "anna@acme.example", "omar@desk.example"
ARABIC = "لا أستطيع تسجيل الدخول"
LOOKS = [(size, dark) for size in (NARROW, WIDE) for dark in (False, True)]
DIRECTION = "node => getComputedStyle(node).direction"


@dataclass
class Site:
    """The pages of a desk and of a demo, and the browser in which they are looked at."""

    desk: StoryDesk
    api: Api
    demo: str  # address of the pages of a demo
    browsers: list[Chromium] = field(default_factory=list)

    @property
    def browser(self) -> Chromium:
        return self.browsers[-1]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.api.port}"

    def signs_in(self, page: Any, contact: str = ANNA) -> None:
        """As the platform sends a customer to their inbox."""
        body = {"account": "acme", "contact": contact, "language": "en"}
        address = self.api.asks("POST", "/api/v1/sessions", self.api.key("acme"), body).json["address"]
        page.goto(self.root + address.removeprefix(ORIGIN))
        assert page.url == f"{self.root}/inbox", page.url

    def settles(self, before: Callable[[], object] = lambda: None) -> None:
        """Let the desk work, in another thread: that of the browser has an event loop already."""

        def work() -> None:
            before()
            self.desk.passes(seconds=1)
            self.desk.settle()
            self.desk.inbox()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()


def look(browser: Chromium, page: Any) -> None:
    """Raises AssertionError where axe finds something, or where the page is wider than its window."""
    assert (found := browser.findings(page)) == [], found
    is_within(page)


@contextmanager
def site(folder: Path, reader: Reader) -> Iterator[Site]:
    """Everything but the browser."""
    with (
        patch("helpdesk.gateway.http.inbox.routes.WAIT", 0.0),
        direct_desk(configured(folder / "desk", more=LINKS), reader) as desk,
        api_of(desk, page_desk=PAGE) as api,
        demo(folder / "demo", reader) as address,
    ):
        yield Site(desk, api, address)


@contextmanager
def demo(folder: Path, reader: Reader) -> Iterator[str]:
    """The address of the pages of a demo with one request."""
    [port] = free_ports(1)
    config = configured(folder)
    config.write_text(config.read_text().replace('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{port}"'))
    with wired_desk(config, reader) as desk:
        desk.person(ANNA, "Anna Berg").writes("Cannot log in", "The page says locked.")
        database = Database(desk.node.configuration.settings.database.url, role=HTTP)
        try:
            with pages_served(pages_of(desk.node.configuration, database).application()) as pages_port:
                yield f"http://127.0.0.1:{pages_port}"
        finally:
            database.close()


def begin(site: Site) -> None:
    """A conversation with a question for permission, a large file, and one from right to left."""
    anna, omar = site.desk.person(ANNA, "Anna Berg"), site.desk.person(OMAR, "Omar Haddad")
    anna.writes("Orders without a customer", "There are orders without a customer.")
    omar.replies(Notice.NEW_TICKET, "Here is the list.", files={"list.html": b"<p>x</p>" * 5000})
    omar.replies(Notice.NEW_TICKET, "#permission\nDelete the 14 orders without a customer.")
    anna.writes(ARABIC, f"{ARABIC}. {ARABIC}.")
    site.desk.inbox()


def by_keyboard(site: Site) -> None:
    """From the list to the conversation, a reply, a new request, and out, with no mouse."""
    with site.browser.person() as page:
        site.signs_in(page)
        tab_to(page, "Orders without a customer")
        page.keyboard.press("Enter")
        page.wait_for_url("**/inbox/conversations/*")
        tab_to(page, "text")
        page.keyboard.type("It is the list that I mean.")
        tab_to(page, "Send")
        page.keyboard.press("Enter")
        page.wait_for_url("**sent=true")
        site.settles()
        page.reload()
        assert "It is the list that I mean." in page.inner_text("main")
        page.goto(f"{site.root}/inbox/new")
        tab_to(page, "subject")
        page.keyboard.type("Printer")
        tab_to(page, "text")
        page.keyboard.type("It jams.")
        tab_to(page, "Send request")
        page.keyboard.press("Enter")
        page.wait_for_url("**sent=true")
    site.settles()
    assert "Printer" in [ticket.subject for ticket in site.desk.tickets()]


def without_script(site: Site) -> None:
    """A reply and the answer to a question for permission, in a browser that runs nothing."""
    with site.browser.person(NARROW, script=False) as page:
        site.signs_in(page)
        page.click("text=Orders without a customer")
        page.fill("#text", "Without script.")
        page.click("button:has-text('Send')")
        page.wait_for_url("**sent=true")
        site.settles()
        page.reload()
        assert "Without script." in page.inner_text("main")
        question = "#permission\nDelete the other 3 orders too."
        site.settles(lambda: site.desk.person(OMAR).replies(Notice.CUSTOMER_REPLY, question))
        page.reload()
        page.click("button:has-text('Yes')")
        page.wait_for_url("**sent=true")
    site.settles()
    answers = [permission.answer.value for ticket in site.desk.tickets() for permission in ticket.permissions]
    assert answers == ["open", "yes"], answers


def from_right_to_left(site: Site) -> None:
    """Arabic words run from the right on a page that does not, and the page stays within its window."""
    for size in (NARROW, WIDE):
        with site.browser.person(size) as page:
            site.signs_in(page)
            of_list = page.locator(f"text={ARABIC}").first.evaluate(DIRECTION)
            page.click(f"text={ARABIC}")
            places = ("h1", f".words >> text={ARABIC}", "html")
            found = (of_list, *(page.locator(place).first.evaluate(DIRECTION) for place in places))
            assert found == ("rtl", "rtl", "rtl", "ltr"), found
            look(site.browser, page)


def looks_of_inbox(site: Site) -> None:
    link = re.search(rf"{ORIGIN}(/file/\S+)", site.desk.person(ANNA).letter(Notice.ANSWER).text)
    assert link is not None
    for size, dark in LOOKS:
        with site.browser.person(size, dark=dark) as page:
            page.goto(f"{site.root}/inbox")  # nobody is signed in
            look(site.browser, page)
            page.goto(site.root + link[1])
            look(site.browser, page)
            site.signs_in(page)
            look(site.browser, page)
            page.click("text=Orders without a customer")
            look(site.browser, page)
            page.goto(f"{site.root}/inbox/new")
            look(site.browser, page)
            page.evaluate("() => document.querySelectorAll('[required]').forEach(field => field.removeAttribute('required'))")
            page.click("button:has-text('Send')")
            assert page.title().startswith("Error"), page.title()
            look(site.browser, page)
    with site.browser.person(script=False) as page:  # the button of a link, by the keyboard of a browser without script
        page.goto(site.root + link[1])
        with page.expect_download() as loading:
            page.focus("main button")
            page.keyboard.press("Enter")
        assert loading.value.suggested_filename == "list.html"


def looks_of_operator(site: Site) -> None:
    """Every page of the operator's to which a link of the first one leads, after a sign-in by the keyboard."""
    desk, browser = site.desk, site.browser
    desk.node.clock = lambda: desk.now
    with desk.database.writing() as connection:
        key = add_operator_key(connection, "ops on call", desk.now, None)
    with pages_served(page_of_node(desk.node).application()) as port:
        root = f"http://127.0.0.1:{port}"
        for size, dark in LOOKS:
            with browser.person(size, dark=dark) as page:
                page.goto(f"{root}/operator")
                look(browser, page)
                tab_to(page, "key")
                page.keyboard.type(key)
                page.keyboard.press("Enter")
                page.wait_for_selector("nav")
                for address in sorted({link for link in hrefs(page) if link.startswith("/operator")}):
                    page.goto(root + address)
                    look(browser, page)


def looks_of_demo(site: Site) -> None:
    """Everybody's mailbox, a letter, and the form in which somebody answers."""
    for size, dark in LOOKS:
        with site.browser.person(size, dark=dark) as page:
            walk_demo(site.browser, page, site.demo)


def walk_demo(browser: Chromium, page: Any, root: str) -> None:
    page.goto(root)
    look(browser, page)
    for place in (f"/mailbox/{OMAR}", f"/mailbox/{ANNA}", f"/write?as={ANNA}"):
        page.goto(root + place)
        look(browser, page)
    page.goto(f"{root}/mailbox/{OMAR}")
    page.locator("a.what").first.click()
    look(browser, page)


def hrefs(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    return found


WALKS: tuple[Callable[[Site], None], ...] = (
    *(by_keyboard, without_script, from_right_to_left),
    *(looks_of_inbox, looks_of_operator, looks_of_demo),
)


def run(seed: int, count: int) -> str:
    """Raises AssertionError where a walk does not come to its end, or where axe finds something. Seed and count change nothing."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="desk-browser-") as folder, Reader() as reader, site(Path(folder), reader) as pages:
        begin(pages)
        with chromium() as browser:
            pages.browsers.append(browser)
            for walk in WALKS:
                try:
                    walk(pages)
                except Exception as fault:
                    faults.append(f"{walk.__name__}: {fault}")
    assert not faults, "\n\n".join(faults)
    return f"{len(WALKS)} walks"
