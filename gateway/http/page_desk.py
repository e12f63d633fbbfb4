"""What the pages for customers say of the desk, as its configuration has it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageDesk:
    """The desk on its pages. `origin` is its address in the browser, `embed` are the origins whose pages may show it in a frame."""

    origin: str
    name: str
    zone: str
    language: str  # of a reader whose language is not known
    embed: tuple[str, ...] = ()
