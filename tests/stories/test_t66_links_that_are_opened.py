"""Whoever opens every link of every letter, as scanners of mail do, changes nothing: there is nothing of ours behind any."""

import ast
import re
from pathlib import Path

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

ROOT = Path(__file__).resolve().parents[2]
URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
SERVERS = {
    ROOT / "gateway" / "web_pages.py",
    ROOT / "gateway" / "node" / "operating.py",
    ROOT / "gateway" / "demo" / "process.py",  # for trying out alone: `test_demo_pages`
}
SERVING = {"http.server", "wsgiref", "flask", "fastapi", "aiohttp", "starlette", "uvicorn", "xmlrpc.server", "socketserver"}


def test_no_letter_names_a_place_of_ours(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note Seen.")
    omar.replies(Notice.NEW_TICKET, "#escalate")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "It jams again.")
    desk.passes(days=10)
    letters = [
        letter
        for address in ("anna@acme.example", "omar@desk.example", "ines@desk.example")
        for letter in desk.person(address).letters()
    ]
    assert len(letters) >= 8
    for letter in letters:
        assert not URL.findall(letter.text + letter.html), letter.notice
        assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & set(letter.message.keys())


def test_nothing_serves_pages_but_the_api_and_the_operator_s_page_which_ask_for_a_key() -> None:
    """They answer nobody without a key, and their questions change nothing: `test_http_api`, `test_operator_page`."""
    paths = {path for room in ("gateway", "store", "threading", "templates") for path in (ROOT / room).rglob("*.py")}
    for path in paths - {*(ROOT / "gateway" / "http").rglob("*.py"), ROOT / "gateway" / "web_server.py"}:
        for node in ast.walk(ast.parse(path.read_text())):
            named = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not SERVING & set(named), path
            assert "helpdesk.gateway.web_server" not in named or path in SERVERS, path
