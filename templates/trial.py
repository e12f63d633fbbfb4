"""A desk's own strings and templates on trial: what they replace, and what is wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.overrides import Overrides, customer_notices, replaceable
from helpdesk.templates.render import OwnTemplates, Renderer
from helpdesk.templates.samples import sample_letter, samples
from helpdesk.threading.model.notice import Notice

EVERY_LANGUAGE = "all"


@dataclass(frozen=True, slots=True)
class Replaceable:
    """A file that a desk may replace. `own` has the languages of its own templates, or the keys of its own strings."""

    file: str
    own: tuple[str, ...]


def replacements(overrides: Overrides) -> Iterator[Replaceable]:
    """Every file that can be replaced, strings first."""
    for language in LANGUAGES:
        yield Replaceable(f"{language}.toml", tuple(sorted(overrides.strings.get(language, ()))))
    for name in sorted(replaceable()):
        everywhere = (EVERY_LANGUAGE,) if name in overrides.templates else ()
        own = tuple(language for language in LANGUAGES if f"{language}/{name}" in overrides.templates)
        yield Replaceable(name, everywhere + own)


def problems_of(overrides: Overrides, desk_name: str, zone: str, own: OwnTemplates | None) -> tuple[str, ...]:
    """One line for each problem: those of the files, and those that came up when `own` wrote every letter in every language."""
    faults: list[str] = []
    renderer = Renderer(overrides, faults.append, own)
    for language in LANGUAGES if overrides.templates else ():
        for notice in customer_notices():
            for sample in samples(Notice(notice), language):
                sample_letter(sample.order, renderer, desk_name, zone)
    return (*overrides.problems, *dict.fromkeys(faults))
