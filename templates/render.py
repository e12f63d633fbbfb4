"""Rendering by Jinja2: a notice and a view become text and HTML. The only module that knows Jinja2.

Templates are files of this package, or an operator's own. What customers and staff write comes in as values, is never
compiled, and is escaped in HTML. The words of letters to customers are in the catalogue, those of letters to staff in `en/`.

Our templates are rendered here, without a sandbox, because they are part of the program. An operator's own are rendered in
a sandbox behind `OwnTemplates`, under limits of time and memory, because one short expression can take all memory or all
time, even while it is compiled.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from traceback import extract_tb
from typing import Any, Protocol
from urllib.parse import quote

from jinja2 import (
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.templates.catalogue import Speech
from helpdesk.templates.courtesies import begins_with_greeting
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.view import CustomerView, StaffView
from helpdesk.templates.words import as_html, one_line

STAFF = Speech()
LARGEST_OUTPUT = 8 * 1024 * 1024  # characters; our templates write less than half of it for the largest view
INNER_MARK = "\x1e"  # around the inner words; values contain no control characters
PREHEADER_MARK = "\x1d"  # where the first words of the letter go, for lists of mails
LONGEST_PREHEADER = 150  # characters; lists of mails show about ninety
MOST_PREHEADER_LINES = 20
OURS = "ours"  # {% extends "ours/customer/closing.html.j2" %} in a desk's own closing.html.j2
NO_OVERRIDES = Overrides()
PARTS = ("txt", "html")
CONSTANT = re.compile(r'^{% set (\w+) = "([^"]*)" %}$', re.MULTILINE)
MOST_REPORTED = 1000  # different faults of operators' templates that are reported


class OutputTooLarge(Exception):
    """A template wrote more than `LARGEST_OUTPUT` characters. This is the template's fault, because every value of a view is
    bounded.
    """


class TemplateFailed(Exception):
    """An operator's template could not be rendered. The text is one line that names the template where it is known."""


class LimitBroken(TemplateFailed):
    """An operator's template needs more time, memory or output than is allowed, and would do so again."""


class OwnTemplates(Protocol):
    """Render an operator's templates where they can do no harm."""

    def output(self, kind: str, notice: str, view: CustomerView, tag: str, zone: str) -> str:
        """The text ("txt") or HTML ("html") of a letter. Raise TemplateFailed."""

    def close(self) -> None:
        """End the process that renders. A second call does nothing."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one letter. The inner ones lack boundary, addresses and shortcuts; the platform inbox shows them."""

    text: str
    html: str
    inner_text: str
    inner_html: str


def _ignore(fault: str) -> None:
    """Report a fault to nobody."""


class Renderer:
    """Render letters, and keep compiled templates. May be shared between threads.

    Letters that an operator's own templates affect are rendered by `own`; without it these templates are not used. If one
    fails, ours is used instead and `on_fault` gets one line, once. A template that broke a limit is not tried again.
    """

    def __init__(
        self,
        overrides: Overrides = NO_OVERRIDES,
        on_fault: Callable[[str], None] = _ignore,
        own: OwnTemplates | None = None,
    ) -> None:
        self.overrides = overrides
        self._on_fault = on_fault
        self._own = own
        self._reported: set[str] = set()
        self._given_up: set[tuple[str, ...]] = set()

    def speech(self, tag: str, zone: str = "UTC") -> Speech:
        """A language with the desk's own strings."""
        return own_speech(self.overrides, tag, zone)

    def render(self, notice: str, view: CustomerView | StaffView, speech: Speech = STAFF) -> Words:
        """The words of a letter. Raise UnknownString, OutputTooLarge, or jinja2's TemplateError for a template that is
        missing or uses an unknown value.
        """
        own = None if isinstance(view, StaffView) else self._words_by_own_templates(notice, view, speech)
        if own is not None:
            return own
        values = _values(view, speech)
        return _words_of(*(_built_in_output(kind, _paths(notice, view, speech, kind), values) for kind in PARTS))

    def close(self) -> None:
        """Render no more of an operator's templates. A second call does nothing."""
        if self._own is not None:
            self._own.close()
        self._own = None

    def _words_by_own_templates(self, notice: str, view: CustomerView, speech: Speech) -> Words | None:
        """The letter's words by an operator's templates; None where they do not affect this letter, or fail."""
        own = self._own
        if own is None:
            return None
        files = self._own_files(notice, view, speech)
        if files is None or files in self._given_up:
            return None
        try:
            return _words_of(*(own.output(kind, notice, view, speech.tag, speech.zone) for kind in PARTS))
        except TemplateFailed as fault:
            if isinstance(fault, LimitBroken):
                self._given_up.add(files)
            self._report(str(fault))
            return None

    def _own_files(self, notice: str, view: CustomerView, speech: Speech) -> tuple[str, ...] | None:
        """The operator's templates for exactly this letter.

        Empty where only templates that all letters share are the operator's; None where no template is.
        """
        files = tuple(name for kind in PARTS if (name := own_file(self.overrides, kind, notice, speech.language)))
        shares = any("customer/" not in name for name in self.overrides.templates)
        return files if files or shares else None

    def _report(self, fault: str) -> None:
        if fault not in self._reported and len(self._reported) < MOST_REPORTED:
            self._reported.add(fault)
            self._on_fault(fault)


class OwnRenderer:
    """Render an operator's templates on top of ours, without limits: this belongs into a process that can be killed."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        package = PackageLoader("helpdesk.templates", "")
        loader = ChoiceLoader([FunctionLoader(self._source), package, PrefixLoader({OURS: package})])
        self._environment = ImmutableSandboxedEnvironment(loader=loader, autoescape=select_autoescape(("html.j2",)), **SYNTAX)
        self._environment.filters.update(FILTERS)

    def output(self, kind: str, notice: str, view: CustomerView, tag: str, zone: str) -> str:
        """The text or HTML of a letter. Raise whatever a template can raise: TemplateError, UnknownString, OutputTooLarge,
        ZeroDivisionError, RecursionError…
        """
        speech = own_speech(self._overrides, tag, zone)
        return output_of(self._environment, _paths(notice, view, speech, kind), _values(view, speech))

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """An operator's template under its own name, so that a fault can name it."""
        text = self._overrides.templates.get(name)
        return None if text is None else (text, name, lambda: True)


def own_file(overrides: Overrides, kind: str, notice: str, language: str) -> str:
    """The operator's template for exactly this letter; "" where there is none."""
    return next((name for name in _customer_paths(notice, language, kind) if name in overrides.templates), "")


def own_speech(overrides: Overrides, tag: str, zone: str) -> Speech:
    """A language with the desk's own strings."""
    speech = Speech(tag, zone)
    return Speech(tag, zone, overrides.strings.get(speech.language))


def output_of(environment: ImmutableSandboxedEnvironment, names: Sequence[str], values: Mapping[str, object]) -> str:
    """The output of the first template that exists, whose size is checked while it grows. Raise OutputTooLarge."""
    pieces, size = [], 0
    template = environment.select_template(names)
    for piece in template.generate(values):
        size += len(piece)
        if size > LARGEST_OUTPUT:
            raise OutputTooLarge(f"{template.name}: more than {LARGEST_OUTPUT} characters")
        pieces.append(piece)
    return "".join(pieces)


def _words_of(text: str, html: str) -> Words:
    inner = _inner(text)
    html = html.replace(PREHEADER_MARK, escape(preheader_of(inner)))
    return Words(_whole(text), _whole(html), inner, _inner(html))


def preheader_of(text: str) -> str:
    """What a list of mails shows of a letter beside its subject: its first words without greeting and quotations, on one line.

    Programs that show mails take it from the beginning of the HTML, where it stands hidden, before the line that asks to write above it.
    """
    lines = [line.strip() for line in text.split("\n", MOST_PREHEADER_LINES)[:MOST_PREHEADER_LINES] if line.strip()]
    if len(lines) > 1 and begins_with_greeting(lines[0]):
        del lines[0]
    own = [line for line in lines if not line.startswith(">")]
    return one_line(" ".join(own or lines), LONGEST_PREHEADER)


def fault_in_words(fault: Exception) -> str:
    """A fault as one line, with its place in the template."""
    what = " ".join(str(fault).split()) or type(fault).__name__
    if isinstance(fault, TemplateSyntaxError):
        return f"{fault.name}: line {fault.lineno}: {what}"
    places = [frame for frame in extract_tb(fault.__traceback__) if frame.filename.endswith(".j2")]
    return f"{places[-1].filename}: line {places[-1].lineno}: {what}" if places else what


def page_by(name: str, values: Mapping[str, object]) -> str:
    """A page for a browser by our own template `page/NAME.html.j2`. Raise OutputTooLarge."""
    return _built_in_output("html", (f"page/{name}.html.j2",), values)


def _built_in_output(kind: str, names: tuple[str, ...], values: Mapping[str, object]) -> str:
    """The text or HTML of a letter by our own template. Raise OutputTooLarge."""
    template = _built_in_template(kind, names)
    output = template.render(values)
    if len(output) > LARGEST_OUTPUT:
        raise OutputTooLarge(f"{template.name}: more than {LARGEST_OUTPUT} characters")
    return output


@cache
def _built_in_template(kind: str, names: tuple[str, ...]) -> Template:
    """The first of our own templates that exists. A process looks for it and compiles it once."""
    return _built_in_environment(kind).select_template(names)


@cache
def _built_in_environment(kind: str) -> Environment:
    """The environment of our own templates of one kind. Whether they escape is known when they are compiled."""
    environment = Environment(
        loader=PackageLoader("helpdesk.templates", ""), autoescape=kind == "html", extensions=[_Constants], **SYNTAX
    )
    environment.context_class = _PlainContext
    environment.globals.clear()  # each import of a template compares them
    environment.filters.update(FILTERS)
    return environment


class _Constants(Extension):
    """Write the texts that a file sets at its beginning where the file uses them, so that no letter escapes them anew."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        escape = self.environment.filters["escape"] if self.environment.autoescape else str
        for constant, text in CONSTANT.findall(source):
            source = source.replace(f"{{{{ {constant} }}}}", str(escape(text)))
        return source


class _PlainContext(Context):
    """Call functions without the search for Jinja2's decorators of functions that want the context: none of ours wants it."""

    def call(
        self, function: Callable[..., Any], /, *args: Any, _loop_vars: object = None, _block_vars: object = None, **words: Any
    ) -> Any:
        return function(*args, **words)


def _paths(notice: str, view: CustomerView | StaffView, speech: Speech, kind: str) -> tuple[str, ...]:
    """The paths where a notice's template may be, the most specific one first."""
    if isinstance(view, StaffView):
        return (f"en/staff/{notice}.{kind}.j2",)
    return _customer_paths(notice, speech.language, kind)


def _customer_paths(notice: str, language: str, kind: str) -> tuple[str, ...]:
    return (f"{language}/customer/{notice}.{kind}.j2", f"customer/{notice}.{kind}.j2")


def _values(view: CustomerView | StaffView, speech: Speech) -> dict[str, object]:
    """The values that a template may use. A letter that takes no reply has no boundary that asks for one."""
    takes_reply = isinstance(view, CustomerView) or bool(view.reply_address)
    return {
        "letter": view,
        "lang": speech.language,
        "boundary": f"##- {speech.say('letter.boundary')} -##" if takes_reply else "",
        "inner": INNER_MARK,
        "preheader": PREHEADER_MARK,
        "say": speech.say,
        "moment": speech.short_moment if isinstance(view, StaffView) else speech.moment,
        "day": speech.day,
        "category": speech.category,
    }


def _whole(output: str) -> str:
    return output.replace(INNER_MARK, "").strip() + "\n"


def _inner(output: str) -> str:
    return output.partition(INNER_MARK)[2].rpartition(INNER_MARK)[0].strip() + "\n"


def _sentence(text: str) -> str:
    """A string of the catalogue that follows another sentence. Those that follow a greeting begin with a small letter in some languages."""
    return text[:1].upper() + text[1:]


def _mailto(address: str, subject: str = "", body: str = "") -> str:
    """A mailto URL (RFC 6068). Following it only opens a new mail; nothing changes until a person sends that mail."""
    target = "mailto:" + quote(address, safe="@+")
    fields = {"subject": subject, "body": body.replace("\n", "\r\n")}
    written = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items() if value)
    return f"{target}?{written}" if written else target


SYNTAX: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
    "cache_size": -1,
}
FILTERS: dict[str, Callable[..., str]] = {"as_html": as_html, "mailto": _mailto, "sentence": _sentence}
