"""The door to Jinja2: a notice and a view become text and HTML.

Templates are files of this package, or an operator's in place of them. What customers and staff write comes in as values, is never
compiled, and is escaped in HTML. What letters to customers say stands in the catalogue; letters to staff have their words in `en/`.

Our templates are rendered here. One short expression of an operator's can take all memory or all time, already when it is compiled, so
theirs are rendered by whoever stands behind `OwnTemplates`, under limits of time and memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Protocol
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
PARTS = ("txt", "html")
MOST_REPORTED = 1000  # faults of operators' templates that are told


class OutputTooLarge(Exception):
    """A template wrote more than `LARGEST_OUTPUT`: a fault of the template, since every value of a view is bounded."""


class TemplateFailed(Exception):
    """An operator's template could not be rendered. Its text is one line and names the template where that is known."""


class LimitBroken(TemplateFailed):
    """An operator's template needs more time, memory or output than it may have, and would do so again."""


class OwnTemplates(Protocol):
    """Renders an operator's templates where they can do no harm."""

    def output(self, kind: str, notice: str, view: CustomerView, tag: str, zone: str) -> str:
        """The text ("txt") or HTML ("html") of a letter. Raises TemplateFailed."""

    def close(self) -> None:
        """End what renders. A second call does nothing."""


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
    """Holds our compiled templates; each is compiled once, when it is first needed. Safe to share between threads.

    Letters that an operator's templates concern are rendered by `own`; without it their templates are not used. One that fails gives way to
    ours, and `on_fault` hears of it once, in one line: a mistake there keeps no letter back. One that broke a limit is not tried again.
    """

    def __init__(
        self,
        overrides: Overrides = NO_OVERRIDES,
        on_fault: Callable[[str], None] = _unheard,
        own: OwnTemplates | None = None,
    ) -> None:
        self.overrides = overrides
        self._on_fault = on_fault
        self._own = own
        self._environment = _environment(PackageLoader("helpdesk.templates", ""))
        self._reported: set[str] = set()
        self._given_up: set[tuple[str, ...]] = set()

    def speech(self, tag: str, zone: str = "UTC") -> Speech:
        """A language with the desk's own strings."""
        return own_speech(self.overrides, tag, zone)

    def render(self, notice: str, view: CustomerView | StaffView, speech: Speech = STAFF) -> Words:
        """Raises jinja2's TemplateError for a template that does not exist or asks for an unknown value, UnknownString and OutputTooLarge."""
        own = None if isinstance(view, StaffView) else self._own_words(notice, view, speech)
        if own is not None:
            return own
        return _words_of(
            *(output_of(self._environment, _paths(notice, view, speech, kind), _values(view, speech)) for kind in PARTS)
        )

    def close(self) -> None:
        """Nothing of an operator's is rendered any more. A second call does nothing."""
        if self._own is not None:
            self._own.close()
        self._own = None

    def _own_words(self, notice: str, view: CustomerView, speech: Speech) -> Words | None:
        """With an operator's templates, where they concern this letter and work."""
        files = self._own_files(notice, view, speech)
        own = self._own
        if own is None or files is None or files in self._given_up:
            return None
        try:
            return _words_of(*(own.output(kind, notice, view, speech.tag, speech.zone) for kind in PARTS))
        except TemplateFailed as fault:
            if isinstance(fault, LimitBroken):
                self._given_up.add(files)
            self._report(str(fault))
            return None

    def _own_files(self, notice: str, view: CustomerView, speech: Speech) -> tuple[str, ...] | None:
        """An operator's files for exactly this letter, none where only those are theirs that all letters share; None if nothing is theirs."""
        files = tuple(name for kind in PARTS if (name := own_file(self.overrides, kind, notice, speech.language)))
        shares = any("customer/" not in name for name in self.overrides.templates)
        return files if files or shares else None

    def _report(self, fault: str) -> None:
        if fault not in self._reported and len(self._reported) < MOST_REPORTED:
            self._reported.add(fault)
            self._on_fault(fault)


class OwnRenderer:
    """An operator's templates on top of ours. Nothing limits their time and memory here: this belongs into a process that can be killed."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        package = PackageLoader("helpdesk.templates", "")
        self._environment = _environment(ChoiceLoader([FunctionLoader(self._source), package, PrefixLoader({OURS: package})]))

    def output(self, kind: str, notice: str, view: CustomerView, tag: str, zone: str) -> str:
        """Raises whatever a template can raise: jinja2's TemplateError, UnknownString, OutputTooLarge, errors of arithmetic, RecursionError…"""
        speech = own_speech(self._overrides, tag, zone)
        return output_of(self._environment, _paths(notice, view, speech, kind), _values(view, speech))

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """An operator's template under its own name, so that a fault can name it."""
        text = self._overrides.templates.get(name)
        return None if text is None else (text, name, lambda: True)


def own_file(overrides: Overrides, kind: str, notice: str, language: str) -> str:
    """An operator's template for exactly this letter; "" where there is none."""
    return next((name for name in _customer_paths(notice, language, kind) if name in overrides.templates), "")


def own_speech(overrides: Overrides, tag: str, zone: str) -> Speech:
    """A language with the desk's own strings."""
    speech = Speech(tag, zone)
    return Speech(tag, zone, overrides.strings.get(speech.language))


def output_of(environment: ImmutableSandboxedEnvironment, names: list[str], values: Mapping[str, object]) -> str:
    """What the first template that exists writes, counted as it grows. Raises OutputTooLarge."""
    pieces, size = [], 0
    template = environment.select_template(names)
    for piece in template.generate(values):
        size += len(piece)
        if size > LARGEST_OUTPUT:
            raise OutputTooLarge(f"{template.name}: more than {LARGEST_OUTPUT} characters")
        pieces.append(piece)
    return "".join(pieces)


def _words_of(text: str, html: str) -> Words:
    return Words(_whole(text), _whole(html), _inner(text), _inner(html))


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
    return _customer_paths(notice, speech.language, kind)


def _customer_paths(notice: str, language: str, kind: str) -> list[str]:
    return [f"{language}/customer/{notice}.{kind}.j2", f"customer/{notice}.{kind}.j2"]


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
