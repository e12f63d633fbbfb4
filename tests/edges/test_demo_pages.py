"""The pages of `helpdesk demo`: everybody reads and writes in the browser through the real doors, and no real desk has them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.desk.outcomes import NOW
from support.desk.story import StoryDesk, configured, wired_desk
from support.servers.pages import PlainBrowser, pages_served
from support.servers.peers import free_ports, wait_for

from helpdesk.config.load import load
from helpdesk.gateway.delivery.maildir import file_name, store_letters
from helpdesk.gateway.demo.process import may_have_pages, pages_of
from helpdesk.gateway.demo.writing import DemoDraft, NotSent, compose_mail
from helpdesk.gateway.reader import Reader
from helpdesk.store.database import HTTP, Database

ROOT = Path(__file__).resolve().parents[2]
ANNA, OMAR = "anna@acme.example", "omar@desk.example"
HOSTILE = b"""From: "<b>Desk</b>" <help@support.example.com>\r
To: anna@acme.example\r
Subject: <script>alert(1)</script>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="b"\r
\r
--b\r
Content-Type: text/html\r
\r
<script>top.location='https://evil.example'</script><img src="https://evil.example/pixel">\r
<a href="mailto:help+x@support.example.com?subject=Solved%0D%0ABcc:%20eve@evil.example&amp;body=It%20is%20solved">Solved</a>\r
--b\r
Content-Type: text/html\r
Content-Disposition: attachment; filename="../page.html"\r
\r
<script>alert(2)</script>\r
--b--\r
"""


@dataclass
class Demo:
    """A desk that runs, with its pages."""

    desk: StoryDesk
    browser: PlainBrowser

    @property
    def token(self) -> str:
        return self.browser.get(f"/write?as={ANNA}").token

    def writes(self, who: str, to: str, subject: str, text: str, answers: str = "") -> int:
        fields = {"token": self.token, "as": who, "to": to, "subject": subject, "text": text, "answers": answers}
        return self.browser.post("/write", fields).status

    def letter_to(self, who: str, subject: str) -> str:
        """The address of a letter that comes to somebody."""

        def found() -> str:
            rows = self.browser.get(f"/mailbox/{who}").html.split('<a class="what" href="')[1:]
            return next((row.partition('"')[0] for row in rows if subject in row.partition("</a>")[0]), "")

        wait_for(lambda: bool(found()), f"a letter to {who}")
        return found()

    def replies(self, who: str, letter: str, text: str) -> int:
        form = self.browser.get(f"/write?as={who}&answers={letter.rpartition('/')[2]}").html
        to = form.partition('name="to" value="')[2].partition('"')[0]
        subject = form.partition('name="subject" value="')[2].partition('"')[0]
        return self.writes(who, to, subject, text, letter.rpartition("/")[2])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Iterator[Demo]:
    [port] = free_ports(1)
    config = configured(tmp_path_factory.mktemp("demo"))
    config.write_text(config.read_text().replace('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{port}"'))
    with wired_desk(config, reader) as desk:
        database = Database(desk.node.configuration.settings.database.url, role=HTTP)
        pages = pages_of(desk.node.configuration, database)
        with pages_served(pages.application()) as pages_port:
            yield Demo(desk, PlainBrowser(pages_port))
        database.close()


def test_a_newcomer_plays_everybody_s_part_in_the_browser(demo: Demo) -> None:
    assert demo.writes(ANNA, "help@support.example.com", "Cannot log in", "The page says locked.") == 303
    to_omar = demo.letter_to(OMAR, "Cannot log in")
    assert "The page says locked." in demo.browser.get(f"{to_omar}/html").html
    assert "Write an internal note" in demo.browser.get(to_omar).words
    assert demo.replies(OMAR, to_omar, "#resolve\nUnlocked, please try again.") == 303
    wait_for(
        lambda: any("Unlocked, please" in _page_of_letter(demo, name) for name in _letters(demo, ANNA)), "the answer to Anna"
    )
    demo.desk.inbox()  # gives the rows of the platform their positions
    home = demo.browser.get("/")
    for told in ("Everybody's mailbox", "Omar Haddad", "The platform's inbox", "Cannot log in"):
        assert told in home.words, told
    thread = home.html.partition('href="/platform/')[2].partition('"')[0]
    seen = demo.browser.get(f"/platform/{thread}")
    assert "Unlocked, please try again." in seen.words
    reply = {"token": demo.token, "contact": ANNA, "text": "It still does not work."}
    assert demo.browser.post(f"/platform/{thread}", reply).status == 303
    wait_for(lambda: bool(demo.desk.inbox()) and "It still does not" in _words(demo, thread), "the reply in the platform")
    [ticket] = demo.desk.tickets()
    assert ticket.subject == "Cannot log in"
    assert "Cannot log in" in demo.browser.get(f"/mailbox/{ANNA}").words.partition("Sent")[2]


def _page_of_letter(demo: Demo, name: str) -> str:
    return demo.browser.get(f"/letter/{name}/html").html


def _words(demo: Demo, thread: str) -> str:
    return demo.browser.get(f"/platform/{thread}").words


def _letters(demo: Demo, who: str) -> list[str]:
    rows = demo.browser.get(f"/mailbox/{who}").html.partition("<h2>Sent")[0].split('href="/letter/')[1:]
    return [row.partition('"')[0] for row in rows]


def test_what_the_door_refuses_is_told_in_its_words(demo: Demo) -> None:
    token = demo.token
    fields = {"token": token, "as": ANNA, "to": "nobody@support.example.com", "subject": "Hi", "text": "Kept <words>"}
    seen = demo.browser.post("/write", fields)
    assert (seen.status, "550" in seen.words, "Kept &lt;words&gt;" in seen.html) == (422, True, True)
    assert demo.browser.post("/write", {**fields, "to": "nobody"}).status == 422
    assert demo.browser.post("/write", {**fields, "as": "eve@evil.example"}).status == 404


def test_a_letter_runs_and_loads_nothing(demo: Demo) -> None:
    name = file_name(ANNA, HOSTILE)
    store_letters(Path(demo.desk.node.configuration.settings.relay.url.removeprefix("maildir:")), [(name, HOSTILE)])
    shown = demo.browser.get(f"/letter/{name}/html").headers
    assert shown["content-security-policy"].startswith("sandbox; default-src 'none'; ")
    assert "allow" not in shown["content-security-policy"]
    assert "script-src" not in shown["content-security-policy"]
    page = demo.browser.get(f"/letter/{name}")
    assert "<script>alert" not in page.html
    assert '<iframe class="letter" sandbox title' in page.html
    assert "script-src 'self'" in page.headers["content-security-policy"]
    file = demo.browser.get(f"/letter/{name}/file/0").headers
    assert (file["content-type"], file["content-disposition"].partition(";")[0]) == ("application/octet-stream", "attachment")
    assert "sandbox" in file["content-security-policy"]
    button = page.html.partition(">Solved</a>")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    form = demo.browser.get(button)
    assert "It is solved" in form.html
    for path in (
        "/letter/../../helpdesk.toml",
        f"/letter/{name}x",
        f"/letter/{name}/file/9",
        "/letter/%2e%2e%2fsecret",
        "/mailbox/eve@evil.example",
    ):
        assert demo.browser.get(path).status == 404


def test_no_other_site_writes_or_reads_here(demo: Demo) -> None:
    fields = {"as": ANNA, "to": "help@support.example.com", "subject": "Forged", "text": "Forged", "contact": ANNA}
    token = demo.token
    before = len(demo.desk.mails())
    for path in ("/write", "/platform"):
        assert demo.browser.post(path, {**fields, "token": token}, Sec_Fetch_Site="cross-site").status == 403
        assert demo.browser.post(path, {**fields, "token": "0" * 64}).status == 400
        assert demo.browser.post(path, {**fields, "token": token}, Host="evil.example:8080").status == 421
    assert demo.browser.get("/", Host="evil.example").status == 421
    assert len(demo.desk.mails()) == before


DRAFT = DemoDraft("Anna Berg", ANNA, "help@support.example.com", "Hello", "Words")


@pytest.mark.parametrize("field", ["name", "to", "subject"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\0"])
def test_no_line_of_a_field_becomes_another_field(field: str, end: str) -> None:
    more = f"{end}Bcc: eve@evil.example{end}{end}<p>"
    drafts = {
        "name": replace(DRAFT, name=DRAFT.name + more),
        "to": replace(DRAFT, to=DRAFT.to + more),
        "subject": replace(DRAFT, subject=DRAFT.subject + more),
    }
    try:
        octets = compose_mail(drafts[field], NOW).as_bytes()
    except NotSent:
        assert field == "to"  # which is no address any more; in the other fields a line end is a space
        return
    header = octets.partition(b"\r\n\r\n")[0]
    assert not [line for line in header.split(b"\r\n") if line.lower().startswith(b"bcc")]
    assert octets.partition(b"\r\n\r\n")[2].startswith(b"Words")


def test_a_mail_goes_to_somebody() -> None:
    for to in ("", "nobody", "\n", "<>"):
        with pytest.raises(NotSent):
            compose_mail(replace(DRAFT, to=to), NOW)


def test_a_real_desk_has_no_such_pages(tmp_path: Path) -> None:
    """Only the command for trying out imports them, and it shows them only where letters and door stay on this machine."""
    importers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "gateway").rglob("*.py")
        if not path.is_relative_to(ROOT / "gateway" / "demo")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpdesk.gateway.demo")
    }
    assert importers == {"gateway/cli/demo.py"}
    tree = ast.parse((ROOT / "gateway" / "cli" / "demo.py").read_text())
    assert not [node for node in tree.body if isinstance(node, ast.ImportFrom) and "gateway.demo" in (node.module or "")]
    config = configured(tmp_path)
    assert may_have_pages(load(config, {}))
    whole = config.read_text()
    for change in (("127.0.0.1:0", "0.0.0.0:25"), ("maildir:outgoing", "smtp://relay.example:25")):
        config.write_text(whole.replace(*change))
        assert not may_have_pages(load(config, {}))
