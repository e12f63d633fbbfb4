"""The strings of letters to customers, by language, with {placeholders} in braces, and a desk's own strings in their place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.config.values import LETTER_LANGUAGES, LETTER_TAGS
from helpdesk.templates.locales import (
    date_words,
    day_words,
    primary,
    short_date_words,
    time_words,
    zone_words,
)
from helpdesk.threading.model.given_date import day_of
from helpdesk.threading.model.sentence import BETWEEN, Day, Recorded, Sentence

LANGUAGES = LETTER_LANGUAGES
LAST_RESORT = "en"
OVERLAYS = tuple(
    tag for tag in LETTER_TAGS if tag not in LETTER_LANGUAGES
)  # regions that say some strings in words of their own; the others are those of the language
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BRACE = re.compile(r"[{}]")

MOST_DAYS_WITHOUT_YEAR = 300

Strings = Mapping[str, str]  # by key: "confirmation.received", "time.hour.one"


class UnknownString(Exception):
    """A template asks for a string that no catalogue has, or does not give a word that the string needs."""


@lru_cache(maxsize=256)
def language_for(tag: str) -> str:
    """The catalogue's language for a reader of this language; English where there is none."""
    language = primary(tag)
    return language if language in LANGUAGES else LAST_RESORT


def flatten(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """The keys of a TOML file with their values; the names of nested tables are joined by dots."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(PLACEHOLDER.findall(text))


def fill(text: str, words: Mapping[str, object]) -> str:
    """The string with words in place of its placeholders. Braces within the words are not placeholders. Raise KeyError for a
    missing word.
    """
    if "{" not in text:
        return text
    return PLACEHOLDER.sub(lambda found: str(words[found[1]]), text)


@lru_cache(maxsize=len(LANGUAGES) + len(OVERLAYS))
def built_in_strings(language: str) -> Strings:
    """Our strings in one of `LANGUAGES`; of one of `OVERLAYS`, those that it says otherwise."""
    file = files("helpdesk.templates").joinpath("catalogue", f"{language}.toml")
    return {key: str(value) for key, value in flatten(tomllib.loads(file.read_text("utf-8")))}


@lru_cache(maxsize=256)
def strings_for(tag: str) -> Strings:
    """Our strings for a reader of this language, with the words of the region that the tag names."""
    language, region = language_for(tag), next((name for name in OVERLAYS if name.casefold() == tag.casefold()), "")
    return {**built_in_strings(language), **built_in_strings(region)} if region else built_in_strings(language)


@lru_cache(maxsize=len(LANGUAGES))
def sentences(language: str) -> Strings:
    """The sentences of letters to staff in a language, by their English templates. What is not there is said in English."""
    file = files("helpdesk.templates").joinpath("sentences", f"{language}.toml")
    return {} if language == LAST_RESORT else tomllib.loads(file.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, for the words of a letter. `tag` may name a region, which decides how dates are written; `zone` is the
    desk's.

    Templates may call its methods, which raise UnknownString.
    """

    tag: str = LAST_RESORT
    zone: str = "UTC"
    own: Strings | None = None  # a desk's own strings

    @property
    def language(self) -> str:
        return language_for(self.tag)

    def say(self, key: str, /, **words: object) -> str:
        """The string of that key, with the words in place of its placeholders."""
        text = (self.own or {}).get(key) or strings_for(self.tag).get(key)
        if text is None:
            raise UnknownString(f"there is no string {key}")
        try:
            return fill(text, words)
        except KeyError as missing:
            raise UnknownString(f"the string {key} needs the word {missing.args[0]}") from None

    def moment(self, at: datetime) -> str:
        """Date, time and zone, as they stand in a sentence; the date alone for the end of a day."""
        there, tag = at.astimezone(ZoneInfo(self.zone)), self._dated_as
        if day_of(at, self.zone) is not None:
            return date_words(there, tag)
        return self.say("time.at", date=date_words(there, tag), time=time_words(there, tag), zone=zone_words(there, tag))

    def short_moment(self, at: datetime, now: datetime | None = None) -> str:
        """Date, time and zone in short, the date alone for the end of a day, and the year only if that is far from `now`."""
        there, tag = at.astimezone(ZoneInfo(self.zone)), self._dated_as
        day = short_date_words(there, tag, year=now is not None and abs((at - now).days) > MOST_DAYS_WITHOUT_YEAR)
        if day_of(at, self.zone) is not None:
            return day
        return f"{day}, {time_words(there, tag)} {zone_words(there, tag)}"

    def line(self, text: str) -> str:
        """A line of a letter to staff: a `Sentence` in this language, where it is known there, with its moments in this zone."""
        if not isinstance(text, Sentence):
            return text
        template = sentences(self.language).get(text.template, text.template)
        return fill(template, {name: self._value(value) for name, value in text.values.items()})

    def _value(self, value: object) -> str:
        if isinstance(value, tuple):
            return BETWEEN.join(map(self._value, value))
        if isinstance(value, Day):
            return f"{value.at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d}"
        if isinstance(value, Recorded):
            there = value.at.astimezone(ZoneInfo(self.zone))
            return f"{there:%Y-%m-%d %H:%M} {zone_words(there, self._dated_as)}"
        if isinstance(value, datetime):
            return self.short_moment(value)
        return self.line(value if isinstance(value, str) else str(value))

    def day(self, at: datetime) -> str:
        """The day of a moment, as it stands behind "on"."""
        return day_words(at.astimezone(ZoneInfo(self.zone)), self._dated_as)

    def category(self, name: str) -> str:
        """A category in the reader's language, where the catalogue or the desk has a word for it; else the desk's name of
        it.
        """
        key = f"category.{name}"
        return (self.own or {}).get(key) or strings_for(self.tag).get(key) or name

    @property
    def _dated_as(self) -> str:
        """The tag by which dates are written. A letter in English, for want of its reader's language, has its dates in
        English too.
        """
        return self.tag if primary(self.tag) == self.language else self.language
