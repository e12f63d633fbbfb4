"""Sentences of letters to staff that the letter says in its reader's language, with moments and days in the reader's zone.

Every sentence that staff can read in a letter is made here, so that a test finds all of them in the code and the tables of all languages
have each. Facts of `StaffFacts` take nothing else.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BETWEEN = ", "  # between the values of a list
PACKED = '{"say": '  # how a stored sentence begins


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a moment, in the reader's zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """A moment of a record: with its year and in figures, in the reader's zone."""

    at: datetime


class Sentence(str):
    """A sentence with its template and values. As a text it is English, and its moments are in UTC."""

    template: str
    values: Mapping[str, object]


def sentence(template: str, /, **values: object) -> Sentence:
    """A sentence whose `{names}` are the values. A value may be a moment, a `Day`, a `Recorded` moment, a sentence itself, or a tuple of such."""
    said = Sentence(PLACEHOLDER.sub(lambda found: _in_english(values[found[1]]), template) if "{" in template else template)
    said.template, said.values = template, values
    return said


def plain(text: object) -> Sentence:
    """A text that is the same in every language: a name, an address, a reference, or what a person wrote."""
    return text if isinstance(text, Sentence) else sentence("{text}", text=text)


def recalled(text: str) -> Sentence:
    """A sentence that was stored as its English text. Where that is a whole template, it is said in other languages."""
    return plain(text) if "{" in text else sentence(text)


def joined(sentences: Iterable[Sentence], mark: str = " ") -> Sentence:
    """Several sentences as one, with the same mark between each two of them."""
    parts = tuple(sentences)
    names = [f"part_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"[: len(parts)]]
    return sentence(mark.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=False)))


def packed(text: str) -> str:
    """A text as it is stored: a sentence with its template and values, so that it can be said in another language later."""
    return json.dumps(_pack(text), ensure_ascii=False) if isinstance(text, Sentence) else text


def unpacked(text: str) -> str:
    """A stored text: a `Sentence` if it was one. Any other text stays as it is."""
    if not text.startswith(PACKED):
        return text
    try:
        found = _unpack(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):  # words of strangers may begin as a stored sentence does
        return text
    return found if isinstance(found, str) else text


def _pack(value: object) -> object:
    match value:
        case Sentence():
            return {"say": value.template, "with": {name: _pack(part) for name, part in value.values.items()}}
        case tuple():
            return [_pack(part) for part in value]
        case Day():
            return {"day": value.at.isoformat()}
        case Recorded():
            return {"recorded": value.at.isoformat()}
        case datetime():
            return {"at": value.isoformat()}
    return value if isinstance(value, int) else str(value)


def _unpack(value: object) -> object:
    match value:
        case {"say": str(template), "with": dict(values)}:
            return sentence(template, **{str(name): _unpack(part) for name, part in values.items()})
        case {"day": str(at)}:
            return Day(datetime.fromisoformat(at))
        case {"recorded": str(at)}:
            return Recorded(datetime.fromisoformat(at))
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case list():
            return tuple(map(_unpack, value))
    return value


def _in_english(value: object) -> str:
    if isinstance(value, tuple):
        return BETWEEN.join(map(_in_english, value))
    if isinstance(value, Day):
        return f"{value.at:%Y-%m-%d}"
    if isinstance(value, Recorded):
        return _in_english(value.at)
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)
