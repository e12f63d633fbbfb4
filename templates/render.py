"""The door to Jinja2: a notice and a view become text and HTML.

Templates are files of this package, or an operator's in place of them. What customers and staff write comes in as values, is never
compiled, and is escaped in HTML. What letters to customers say stands in the catalogue; letters to staff have their words in `en/`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import extract_tb
from urllib.parse import quote

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.templates.catalogue import Speech
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.view import CustomerView, StaffView, TargetView
from helpdesk.templates.words import as_html

STAFF = Speech()
LARGEST_OUTPUT = 8 * 1024 * 1024  # characters; a view of greatest size stays below half of it
INNER_MARK = "\x1e"  # around the inner words; cleaned values hold no control characters
OURS = "ours"  # {% extends "ours/customer/closing.html.j2" %} in a desk's own closing.html.j2
NO_OVERRIDES = Overrides()


class OutputTooLarge(Exception):
    """A template wrote more than `LARGEST_OUTPUT`: a fault of the template, since every value of a view is bounded."""


@dataclass(frozen=True, slots=True)
class Words:
    """One letter's words. The inner ones are without boundary, addresses and shortcuts: what the platform inbox shows."""

    text: str
    html: str
    inner_text: str
    inner_html: str


def _unheard(fault: str) -> None:
    """Nobody listens."""


class Renderer:
    """Holds the compiled templates; each is compiled once, when it is first needed. Safe to share between threads.

    An operator's template that fails gives way to ours, and `on_fault` hears of it in one line: a mistake there keeps no letter back.
    """

    def __init__(self, overrides: Overrides = NO_OVERRIDES, on_fault: Callable[[str], None] = _unheard) -> None:
        self.overrides = overrides
        self._on_fault = on_fault
        package = PackageLoader("helpdesk.templates", "")
        self._environment = _environment(package)
        own = ChoiceLoader([FunctionLoader(self._source), package, PrefixLoader({OURS: package})])
        self._theirs = _environment(own) if overrides.templates else None

    def speech(self, tag: str, zone: str = "UTC") -> Speech:
        """A language with the desk's own strings."""
        speech = Speech(tag, zone)
        return Speech(tag, zone, self.overrides.strings.get(speech.language))

    def render(self, notice: str, view: CustomerView | StaffView, speech: Speech = STAFF) -> Words:
        """Raises jinja2's TemplateError for a template that does not exist or asks for an unknown value, UnknownString and OutputTooLarge."""
        if self._theirs is None or isinstance(view, StaffView):
            return self._words(self._environment, notice, view, speech)
        try:
            return self._words(self._theirs, notice, view, speech)
        except Exception as fault:
            self._on_fault(fault_in_words(fault))
            return self._words(self._environment, notice, view, speech)

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """An operator's template under its own name, so that a fault can name it."""
        text = self.overrides.templates.get(name)
        return None if text is None else (text, name, lambda: True)

    def _words(
        self, environment: ImmutableSandboxedEnvironment, notice: str, view: CustomerView | StaffView, speech: Speech
    ) -> Words:
        values = _values(view, speech)
        text, html = (self._output(environment, _paths(notice, view, speech, kind), values) for kind in ("txt", "html"))
        return Words(_whole(text), _whole(html), _inner(text), _inner(html))

    def _output(self, environment: ImmutableSandboxedEnvironment, names: list[str], values: Mapping[str, object]) -> str:
        pieces, size = [], 0
        template = environment.select_template(names)
        for piece in template.generate(values):
            size += len(piece)
            if size > LARGEST_OUTPUT:
                raise OutputTooLarge(f"{template.name}: more than {LARGEST_OUTPUT} characters")
            pieces.append(piece)
        return "".join(pieces)


def fault_in_words(fault: Exception) -> str:
    """One line, with the place in the template."""
    what = " ".join(str(fault).split()) or type(fault).__name__
    if isinstance(fault, TemplateSyntaxError):
        return f"{fault.name}: line {fault.lineno}: {what}"
    places = [one for one in extract_tb(fault.__traceback__) if one.filename.endswith(".j2")]
    return f"{places[-1].filename}: line {places[-1].lineno}: {what}" if places else what


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters.update(as_html=as_html, moment=_moment, due=_due, mailto=_mailto)
    return environment


def _paths(notice: str, view: CustomerView | StaffView, speech: Speech, kind: str) -> list[str]:
    """Where a notice's template may stand, the most particular place first."""
    if isinstance(view, StaffView):
        return [f"en/staff/{notice}.{kind}.j2"]
    return [f"{speech.language}/customer/{notice}.{kind}.j2", f"customer/{notice}.{kind}.j2"]


def _values(view: CustomerView | StaffView, speech: Speech) -> dict[str, object]:
    """All that a template may ask for. What staff cannot answer asks for no answer above a line."""
    takes_reply = isinstance(view, CustomerView) or bool(view.reply_address)
    return {
        "letter": view,
        "lang": speech.language,
        "boundary": f"##- {speech.say('letter.boundary')} -##" if takes_reply else "",
        "inner": INNER_MARK,
        "say": speech.say,
        "moment": speech.moment,
        "within": speech.within,
        "category": speech.category,
    }


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
