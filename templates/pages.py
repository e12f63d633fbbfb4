"""Pages for a browser, by our own templates in `page/`: their frame, their one stylesheet and their one script.

A page needs no script: what the script adds is comfort. Nothing in a page comes from another server.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from helpdesk.templates.catalogue import Speech
from helpdesk.templates.render import page_by

STYLE, SCRIPT = "style.css", "script.js"
MEDIA_TYPES = {STYLE: "text/css; charset=utf-8", SCRIPT: "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that every page loads. Its address names its content, so that a browser may keep it for ever."""

    name: str
    media_type: str
    content: bytes

    @property
    def address(self) -> str:
        return f"/assets/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.name}"


@cache
def page_files() -> Mapping[str, PageFile]:
    """The stylesheet and the script, by their addresses."""
    folder = files("helpdesk.templates").joinpath("page")
    made = (PageFile(name, kind, folder.joinpath(name).read_bytes()) for name, kind in MEDIA_TYPES.items())
    return {file.address: file for file in made}


def page(name: str, speech: Speech, *, title: str, desk: str, **values: object) -> str:
    """The HTML of the page `page/NAME.html.j2`. `title` names it in the browser, and `desk` is the name in its header."""
    address = {file.name: file.address for file in page_files().values()}
    given = {
        "lang": speech.language,
        "say": speech.say,
        "moment": speech.moment,
        "short_moment": speech.short_moment,
        "day": speech.day,
    }
    return page_by(
        name,
        {
            **given,
            "category": speech.category,
            "title": title,
            "desk": desk,
            "style": address[STYLE],
            "script": address[SCRIPT],
            **values,
        },
    )
