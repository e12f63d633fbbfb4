"""Chromium as a person uses it, by Playwright, with axe: from an environment of its own in build/peers, which `make browser` makes."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parents[3] / "build" / "peers" / "browser"
PROGRAM = Path("/usr/bin/chromium")
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}
MOST_TABS = 60  # presses of Tab until a thing that can be reached must have been reached
# A row of a list shows the focus of its link.
FOCUS = """() => {
    const node = document.activeElement;
    const shows = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const seen = [node, node.closest('li')].some(place => place && shows(getComputedStyle(place)));
    return {name: (node.innerText || node.name || '').trim(), tag: node.tagName, id: node.id, seen};
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Chromium:
    """A browser that runs. Its contexts are people who share nothing."""

    browser: Any
    axe: Any

    @contextmanager
    def person(self, size: Mapping[str, int] = WIDE, *, script: bool = True, dark: bool = False) -> Iterator[Any]:
        """A page of a browser without cookies, which raises AssertionError where it has logged an error of a page of ours."""
        scheme = "dark" if dark else "light"
        context = self.browser.new_context(
            viewport=dict(size), java_script_enabled=script, color_scheme=scheme, reduced_motion="reduce"
        )
        faults: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        try:
            yield page
        finally:
            context.close()
        assert faults == []

    def findings(self, page: Any) -> list[str]:
        """What axe finds on a page, by rule and place."""
        report = self.axe.run(page).response
        return [f"{page.url}: {entry['id']}: {entry['nodes'][0]['html'][:200]}" for entry in report["violations"]]


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Chromium, for the time being. Raises RuntimeError where it is not there."""
    packages = next(PLACE.glob("lib/python3.*/site-packages"), None)
    if packages is None or not PROGRAM.exists():
        raise RuntimeError(f"install {PROGRAM}, and its driver by `make browser`")
    sys.path.append(str(packages))
    try:
        playwright, axe = import_module("playwright.sync_api"), import_module("axe_playwright_python.sync_playwright")
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(PROGRAM), args=["--no-sandbox"])
            try:
                yield Chromium(browser, axe.Axe())
            finally:
                browser.close()
    finally:
        sys.path.remove(str(packages))


def tab_to(page: Any, name: str) -> None:
    """Go by the keyboard to what has this name, text or id. Raises AssertionError where no Tab leads there, or where its focus is not seen."""
    met = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        met.append((focus["name"] or focus["id"])[:40])
        assert focus["seen"] or focus["tag"] == "BODY", f"{page.url}: nothing shows that {focus} has the focus"
        if name in (focus["name"], focus["id"]):
            return
    raise AssertionError(f"{page.url}: the keyboard does not reach {name}, only {sorted(set(met))}")


def is_within(page: Any) -> None:
    """Raises AssertionError where a page is wider than its window."""
    assert page.evaluate(OVERFLOW) <= 0, f"{page.url} is {page.evaluate(OVERFLOW)} pixels wider than its window"
