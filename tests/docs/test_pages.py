"""Links lead somewhere, configuration loads, paths exist, and generated pages are what the program would write now.

`RENEW_DOCS=1 pytest tests/docs` writes the generated pages anew.
"""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from support.documentation.pages import FENCE, ROOT, blocks, pages
from support.documentation.reference import FOLDER, PAGES

from helpdesk.config.load import load
from helpdesk.threading.commands.words import Word

LINK = re.compile(r"(?<!\\)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6} (.+?) *$", re.MULTILINE)
PATH = re.compile(r"`((?:config|threading|templates|store|gateway|tests|docs)/[\w./-]+)`")
STANDS_FOR = re.compile(r"\b(?:XX|NAME)\b")  # a file that the reader is to write
GUARD = re.compile(r"^\| ((?:[TF]\d{2,3})(?:, [TF]\d{2,3})*) \|", re.MULTILINE)
DANGER = re.compile(r"^- \*\*([TF]\d+)\*\* [A-Z].+\.$", re.MULTILINE)
# What the examples of mailboxes and relays name, and a reader has.
SECRETS = ("portal-webhook", "bucket-secret", "certificate.pem", "mailbox-password", "client-secret", "refresh-token")


def without_code(page: str) -> str:
    """A page without its fenced blocks and code spans, in which nothing is a link."""
    return CODE.sub("", FENCE.sub("", page))


def anchors(page: str) -> set[str]:
    """The anchors that a forge makes of headings: words in small letters with hyphens, a number where one repeats."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(FENCE.sub("", page)):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        found.add(f"{words}-{seen[words]}" if seen[words] else words)
        seen[words] += 1
    return found


def broken_links(path: Path) -> Iterator[str]:
    for link in LINK.findall(without_code(path.read_text("utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.is_file():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target.read_text("utf-8")):
            yield f"{link}: no such heading"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert list(broken_links(path)) == []


def test_every_page_is_in_the_list() -> None:
    listed = {(ROOT / "docs" / link).resolve() for link in LINK.findall((ROOT / "docs" / "README.md").read_text("utf-8"))}
    parts = set((ROOT / "docs" / "decisions").glob("*.md"))  # these have a list of their own
    assert set(pages()) - listed - parts == {ROOT / "README.md", ROOT / "docs" / "README.md"}
    list_of_records = ROOT / "docs" / "decisions" / "README.md"
    records = {(list_of_records.parent / link).resolve() for link in LINK.findall(list_of_records.read_text("utf-8"))}
    assert records == parts - {list_of_records}


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(path: Path) -> None:
    named = PATH.findall(FENCE.sub("", path.read_text("utf-8")))
    assert [name for name in named if not STANDS_FOR.search(name) and not (ROOT / name).exists()] == []


EXAMPLES = [(path, block) for path in pages() for block in blocks(path.read_text("utf-8"), "toml")]


@pytest.mark.parametrize(("path", "block"), EXAMPLES, ids=[f"{path.stem}-{number}" for number, (path, _) in enumerate(EXAMPLES)])
def test_every_example_of_configuration_loads_with_the_demo(path: Path, block: str, tmp_path: Path) -> None:
    """An example takes the place of the demo's sections of the same name."""
    written = set(tomllib.loads(block))
    demo = files("helpdesk.config").joinpath("demo.toml").read_text("utf-8")
    sections = re.split(r"^(?=\[)", demo, flags=re.MULTILINE)
    kept = [section for section in sections if section.startswith("[[") or section.lstrip("[").partition("]")[0] not in written]
    (tmp_path / "secret").write_text(f"a {'0' * 64}\n")
    for name in SECRETS:
        (tmp_path / name).write_text("words\n")
    settings = tmp_path / "helpdesk.toml"
    settings.write_text("\n".join(kept) + "\n" + missing(block), "utf-8")
    load(settings, {})


def missing(block: str) -> str:
    """An example, and what it takes for granted: the plans of the demo's accounts."""
    tree = tomllib.loads(block)
    plans = {"starter", "business", "free"} - set(tree.get("plans", {"starter": 0, "business": 0, "free": 0}))
    return block + "".join(f"\n[plans.{plan}]\n" for plan in sorted(plans))


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_program_writes(name: str) -> None:
    written = PAGES[name]()
    if os.environ.get("RENEW_DOCS"):
        (FOLDER / name).write_text(written, encoding="utf-8")
    assert (FOLDER / name).read_text("utf-8") == written, "`make reference` writes it anew"


def test_every_id_of_a_danger_is_explained_once() -> None:
    guards = (ROOT / "tests" / "GUARDS.md").read_text("utf-8")
    named = {identifier for cell in GUARD.findall(guards) for identifier in cell.split(", ")}
    explained = DANGER.findall(guards)
    assert len(explained) == len(set(explained))
    assert set(explained) == named


def test_the_page_for_staff_has_every_command() -> None:
    page = (ROOT / "docs" / "staff.md").read_text("utf-8")
    assert [word for word in Word if f"`#{word}" not in page] == []


def test_the_first_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 160
