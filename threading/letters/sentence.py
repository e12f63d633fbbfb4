"""Sentences of letters to staff that the letter says in its reader's language, with moments in the reader's zone."""

import re
from collections.abc import Mapping
from datetime import datetime

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Sentence(str):
    """A sentence with its template and values. As a text it is English, and its moments are in UTC."""

    template: str
    values: Mapping[str, object]


def sentence(template: str, /, **values: object) -> Sentence:
    """A sentence whose `{names}` are the values. A value may be a moment, or a sentence itself."""
    said = Sentence(PLACEHOLDER.sub(lambda found: _in_english(values[found[1]]), template))
    said.template, said.values = template, values
    return said


def _in_english(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)
