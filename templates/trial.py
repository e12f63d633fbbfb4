"""A desk's own words and templates, tried: what they replace, and what is wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.overrides import Overrides, notices, replaceable
from helpdesk.templates.render import OwnTemplates, Renderer
from helpdesk.templates.samples import sample_letter, samples
from helpdesk.threading.model.notice import Notice

EVERY_LANGUAGE = "all"


@dataclass(frozen=True, slots=True)
class Replaceable:
    """A file that a desk may have of its own. `own` are its languages for a template, its keys for a file of strings."""

    file: str
    own: tuple[str, ...]


def replaced(overrides: Overrides) -> Iterator[Replaceable]:
    """Every file that there is, strings first."""
    for language in LANGUAGES:
        yield Replaceable(f"{language}.toml", tuple(sorted(overrides.strings.get(language, ()))))
    for name in sorted(replaceable()):
        everywhere = (EVERY_LANGUAGE,) if name in overrides.templates else ()
        own = tuple(language for language in LANGUAGES if f"{language}/{name}" in overrides.templates)
        yield Replaceable(name, everywhere + own)


def problems_of(overrides: Overrides, desk_name: str, zone: str, own: OwnTemplates | None) -> tuple[str, ...]:
    """One line each: what was wrong in the files, and what failed when every letter was written in every language by `own`."""
    faults: list[str] = []
    renderer = Renderer(overrides, faults.append, own)
    for language in LANGUAGES if overrides.templates else ():
        for notice in notices():
            for sample in samples(Notice(notice), language):
                sample_letter(sample.order, renderer, desk_name, zone)
    return (*overrides.problems, *dict.fromkeys(faults))
