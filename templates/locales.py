"""Dates, times and zones in the reader's language; the only module that knows Babel. Pure, and defined for any tag."""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_timezone_gmt, get_timezone_name

from helpdesk.config.values import LETTER_LANGUAGES

TAG = re.compile(
    r"([a-z]{2,3})(?:[-_](?:[a-z]{4}[-_])?([a-z]{2}))?(?:[-_].*)?", re.IGNORECASE
)  # RFC 5646: language, script, region
# The region of a tag that names none: its date format is the one that fewest readers of the language misread.
HOME = {"en": "en_GB", "pt": "pt_PT"}
LONGEST_WISH = 500  # characters of Accept-Language that are read
WEIGHT = re.compile(r"q=([01](?:\.[0-9]{1,3})?)")
OFFSET = re.compile(r"[+-][0-9]{4}")


def primary(tag: str) -> str:
    """The language of a tag ("pt" of "pt-BR"); "" where the text is no tag."""
    found = TAG.fullmatch(tag)
    return found[1].lower() if found else ""


def tag_of_reader(accepted: str) -> str:
    """The language that a reader's browser likes best among those with a catalogue (RFC 9110 §12.5.4); "" where it names none of them."""
    wishes = []
    for place, entry in enumerate(accepted[:LONGEST_WISH].split(",")):
        tag, _, weight = entry.partition(";")
        found = WEIGHT.fullmatch(weight.strip())
        value = float(found[1]) if found else 1.0 if not weight.strip() else 0.0
        if value > 0 and primary(tag.strip()) in LETTER_LANGUAGES:
            wishes.append((-value, place, tag.strip()))
    return min(wishes)[2] if wishes else ""


def date_words(at: datetime, tag: str) -> str:
    """The date with its weekday, and the month by its name."""
    return format_date(at.date(), "full", locale=_locale(tag))


def short_date_words(at: datetime, tag: str, *, year: bool) -> str:
    """The date with its weekday, both short: "Mon 30 Nov"."""
    return str(format_skeleton("yMMMEd" if year else "MMMEd", at, locale=_locale(tag)))


def zone_of_region(tag: str) -> str:
    """The time zone of the region that a tag names, if the region has one only; "" for any other tag."""
    found = TAG.fullmatch(tag)
    zones: list[str] = list(get_global("territory_zones").get((found[2] or "").upper(), ())) if found else []
    return zones[0] if len(zones) == 1 else ""


def day_words(at: datetime, tag: str) -> str:
    """A day, as it stands behind the word for "on". Portuguese has "em 2 de dezembro", which takes no weekday."""
    return format_date(at.date(), "long" if primary(tag) == "pt" else "full", locale=_locale(tag))


def time_words(at: datetime, tag: str) -> str:
    """The time of day in hours and minutes."""
    return format_time(at.time(), "short", locale=_locale(tag))


def zone_words(at: datetime, tag: str) -> str:
    """The zone's usual abbreviation ("CET"), or the offset from Greenwich where the language has none. `at` has a ZoneInfo."""
    if isinstance(at.tzinfo, ZoneInfo) and at.tzinfo.key in ("UTC", "Etc/UTC"):
        return "UTC"
    name = get_timezone_name(at, width="short", locale=_locale(tag))
    return get_timezone_gmt(at, width="long", locale=_locale(tag)) if OFFSET.fullmatch(name) else name


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale:
    """The locale of a tag. Only names that Babel has are passed to it."""
    found = TAG.fullmatch(tag)
    language, region = (found[1].lower(), (found[2] or "").upper()) if found else ("en", "")
    for name in (f"{language}_{region}", HOME.get(language, language)):
        if localedata.exists(name):
            return Locale.parse(name)
    return Locale.parse(HOME["en"])
