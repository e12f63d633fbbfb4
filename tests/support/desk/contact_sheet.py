"""All letters as Chromium shows them: `make contact-sheet` → build/contact-sheet/*.png, and what sticks out of its width.

A sheet for each notice and width: languages side by side, light above, dark below. Letters to staff have sheets of their own. Colours are forced by the letter's own media query, so that both stand on one page. Exit code 65 where something is
wider than its window.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from support.desk.letter_orders import CONTENTS, LETTERHEAD, NOW, OMAR, TO_STAFF, order
from support.desk.shaped_letters import PAGES, shaped_letter
from support.mails.composed_mail import html_of, read

from helpdesk.templates.appearance import Appearance
from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.compose import compose
from helpdesk.templates.letterhead import StaffReader
from helpdesk.templates.overrides import customer_notices
from helpdesk.templates.render import Renderer
from helpdesk.templates.samples import EVERYTHING, sample_letter, sample_order
from helpdesk.threading.model.notice import Notice

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
DARK = "@media (prefers-color-scheme: dark)"
THEMES = {"light": "@media not all", "dark": "@media all"}
WIDTHS = (360, 800)
NARROWEST = 320  # CSS pixels
GAP = 16
ACCENTS = ("#8a1538", "#123456", "#f06000", "#808080")
# Each frame gets the height of its letter; the title says how high the page is, and which frames are too narrow.
FITTING = """<script>
addEventListener("load", () => {
  const wide = []
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument.documentElement
    frame.style.height = page.scrollHeight + "px"
    const inside = [...frame.contentDocument.querySelectorAll("body *")]
    const edge = Math.max(...inside.map(one => one.getBoundingClientRect().right))
    if (page.scrollWidth > frame.clientWidth || edge > frame.clientWidth + 0.5) wide.push(frame.name)
  }
  document.title = document.documentElement.scrollHeight + "|" + wide.join(",")
})
</script>"""


def letter_page(notice: Notice, language: str, theme: str, renderer: Renderer) -> str:
    """The HTML part of a sample as a reader with that theme has it."""
    letter = sample_letter(sample_order(notice, language), renderer, "Accoraze Support", "Europe/Berlin")
    return shown(letter.content, theme)


def staff_page(notice: Notice, language: str, theme: str) -> str:
    """The HTML part of a letter to a staff member who reads that language."""
    letterhead = replace(LETTERHEAD, readers={OMAR.address: StaffReader(language)})
    return shown(compose(order("staff", notice), letterhead, CONTENTS, NOW).content, theme)


def shown(content: bytes, theme: str) -> str:
    """The HTML part, with its pictures in it."""
    mail = read(content)
    page = html_of(mail)
    assert page.count(DARK) == 1
    for part in mail.walk():
        if part.get_content_maintype() == "image" and part["Content-ID"]:
            data = "".join(str(part.get_payload()).split())
            page = page.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}")
    return page.replace(DARK, THEMES[theme])


def sheet(rows: list[list[tuple[str, str]]], width: int) -> str:
    """A page of frames: each has a name and a letter."""
    frames = "".join(
        "<div>"
        + "".join(f'<iframe name="{name}" srcdoc="{escape(page)}" width="{width}"></iframe>' for name, page in row)
        + "</div>"
        for row in rows
    )
    style = f"body{{margin:0;background:#777}}div{{display:flex;gap:{GAP}px;padding:{GAP // 2}px}}iframe{{border:0;flex:none}}"
    return f"<!doctype html><meta charset=utf-8><title></title><style>{style}</style>{frames}{FITTING}"


def shoot(page: str, columns: int, width: int, picture: Path) -> list[str]:
    """One picture of a whole page; the names of frames whose letter is wider than they are."""
    window = columns * (width + GAP)
    with TemporaryDirectory() as folder:
        file = Path(folder, "sheet.html")
        file.write_text(page, encoding="utf-8")
        common = (*CHROMIUM, f"--user-data-dir={folder}/profile", "--virtual-time-budget=10000")
        dom = _ran(*common, f"--window-size={window},600", "--dump-dom", file.as_uri())
        found = re.search(r"<title>(\d+)\|([^<]*)</title>", dom)
        assert found is not None, "the page has not said how high it is"
        _ran(*common, f"--window-size={window},{found[1]}", f"--screenshot={picture}", file.as_uri())
    return [name for name in found[2].split(",") if name]


def _ran(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout


def sheets(folder: Path) -> Iterator[str]:
    """Writes every sheet; says which letters stick out."""
    renderer = Renderer()
    for name in customer_notices():
        notice = Notice(name)
        for width in (NARROWEST, *WIDTHS):
            rows = [
                [(f"{name}-{language}-{theme}-{width}", letter_page(notice, language, theme, renderer)) for language in LANGUAGES]
                for theme in THEMES
            ]
            yield from shoot(sheet(rows, width), len(LANGUAGES), width, folder / f"{name}-{width}.png")
    for notice in TO_STAFF:
        for width in (NARROWEST, *WIDTHS):
            rows = [
                [(f"{notice}-{language}-{theme}-{width}", staff_page(notice, language, theme)) for language in LANGUAGES]
                for theme in THEMES
            ]
            yield from shoot(sheet(rows, width), len(LANGUAGES), width, folder / f"staff-{notice}-{width}.png")
    for width in WIDTHS:
        yield from shoot(sheet(dressed_rows(width), width), len(ACCENTS), width, folder / f"accents-{width}.png")
    for audience in ("customer", "staff"):
        for width in WIDTHS:
            yield from shoot(
                sheet(shaped_rows(audience, width), width), len(PAGES), width, folder / f"shaped-{audience}-{width}.png"
            )


def dressed_rows(width: int) -> list[list[tuple[str, str]]]:
    """A letter with buttons from addresses of other colours, light above and dark below."""
    renderer = Renderer()

    def page(accent: str, theme: str) -> str:
        look = Appearance(
            "Example Billing", "Example Billing\n+49 30 123456", "Example GmbH · 1 High Street · Berlin\nHRB 12345", accent
        )
        sample = sample_order(Notice.RESOLUTION, "de")
        order_ = replace(sample, words=replace(sample.words, signature="Support Engineer"))
        return shown(
            sample_letter(order_, renderer, "Accoraze Support", "Europe/Berlin", replace(EVERYTHING, look=look)).content, theme
        )

    return [[(f"accent-{accent[1:]}-{theme}-{width}", page(accent, theme)) for accent in ACCENTS] for theme in THEMES]


def shaped_rows(audience: str, width: int) -> list[list[tuple[str, str]]]:
    """Letters whose words have a shape, light above and dark below."""
    return [
        [(f"{name}-{theme}-{width}", shown(shaped_letter(audience, name).content, theme)) for name in PAGES] for theme in THEMES
    ]


def side_by_side(notice: Notice, language: str, picture: Path) -> None:
    """One letter, light and dark."""
    renderer = Renderer()
    row = [(theme, letter_page(notice, language, theme, renderer)) for theme in THEMES]
    shoot(sheet([row], 520), len(row), 520, picture)


def main() -> int:
    folder = ROOT / "build" / "contact-sheet"
    folder.mkdir(parents=True, exist_ok=True)
    wide = list(sheets(folder))
    side_by_side(Notice.CONFIRMATION, "de", folder / "letter.png")
    print(f"{len(list(folder.glob('*.png')))} pictures are in {folder}")
    for name in wide:
        print(f"wider than its window: {name}")
    return os.EX_DATAERR if wide else os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
