"""The door to Jinja2: a notice and a view become text and HTML.

Templates are files of this package. What customers and staff write comes in as values, is never compiled, and is escaped in HTML.
Layouts and macros without words stand in `layout/`, words in a folder for each language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from jinja2 import PackageLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.templates.view import CustomerView, StaffView, TargetView
from helpdesk.templates.words import as_html

BOUNDARY_LINE = "##- Please type your reply above this line -##"
LANGUAGES = ("en",)
LARGEST_OUTPUT = 8 * 1024 * 1024  # characters; a view of greatest size stays below half of it
INNER_MARK = "\x1e"  # around the inner words; cleaned values hold no control characters


class OutputTooLarge(Exception):
    """A template wrote more than `LARGEST_OUTPUT`: a fault of the template, since every value of a view is bounded."""


@dataclass(frozen=True, slots=True)
class Words:
    """One letter's words. The inner ones are without boundary, addresses and shortcuts: what the platform inbox shows."""

    text: str
    html: str
    inner_text: str
    inner_html: str


class Renderer:
    """Holds the compiled templates; each is compiled once, when it is first needed. Safe to share between threads."""

    def __init__(self) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=PackageLoader("helpdesk.templates", ""),
            autoescape=select_autoescape(("html.j2",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.filters.update(as_html=as_html, moment=_moment, due=_due, mailto=_mailto)

    def render(self, notice: str, view: CustomerView | StaffView, language: str = "en") -> Words:
        """Raises jinja2's TemplateError for a template that does not exist or asks for an unknown value, and OutputTooLarge."""
        folder = language if language in LANGUAGES else LANGUAGES[0]
        values = {"letter": view, "lang": folder, "boundary": BOUNDARY_LINE, "inner": INNER_MARK}
        text, html = (self._output(f"{folder}/{view.audience}/{notice}.{kind}.j2", values) for kind in ("txt", "html"))
        return Words(_whole(text), _whole(html), _inner(text), _inner(html))

    def _output(self, template: str, values: Mapping[str, object]) -> str:
        pieces, size = [], 0
        for piece in self._environment.get_template(template).generate(values):
            size += len(piece)
            if size > LARGEST_OUTPUT:
                raise OutputTooLarge(f"{template}: more than {LARGEST_OUTPUT} characters")
            pieces.append(piece)
        return "".join(pieces)


def _whole(output: str) -> str:
    return output.replace(INNER_MARK, "").strip() + "\n"


def _inner(output: str) -> str:
    return output.partition(INNER_MARK)[2].rpartition(INNER_MARK)[0].strip() + "\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _due(targets: Sequence[TargetView], name: str) -> str:
    """When the target of that name is due, how it stands where it does not simply run; "" without such a target."""
    found = next((one for one in targets if one.name == name), None)
    if found is None:
        return ""
    at = _moment(found.due_at) if found.due_at else ""
    return at if at and found.state == "running" else ", ".join(part for part in (at, found.state) if part)


def _mailto(address: str, subject: str = "", body: str = "") -> str:
    """RFC 6068. A mail is written only when a person sends it; following the address changes nothing."""
    target = "mailto:" + quote(address, safe="@+")
    fields = {"subject": subject, "body": body.replace("\n", "\r\n")}
    written = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items() if value)
    return f"{target}?{written}" if written else target
