"""A request of the desk's own public form, as a mail: what the form writes into its header, and what is read from there.

The mail is written as the desk, and its Reply-To names the person. So it opens a request for somebody whom nothing proves, as the mail of any
web form does, and the desk decides about it by the same rules. The two fields count only in mail that came by the form itself.
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.reading.parsed import ParsedMessage

DOOR = "form"
CATEGORY, LANGUAGE = "Helpdesk-Category", "Helpdesk-Language"


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What somebody has chosen in the form; "" for nothing."""

    category: str = ""
    language: str = ""


def choices_in(raw: RawMessage, message: ParsedMessage) -> FormChoices:
    """What was chosen in the form by which a mail came; nothing for any other mail, whatever its header says."""
    if raw.door != DOOR:
        return FormChoices()
    return FormChoices(unquote(message.header(CATEGORY.lower()) or ""), message.header(LANGUAGE.lower()) or "")


def fields_of(choices: FormChoices) -> dict[str, str]:
    """The fields of the header that say what was chosen."""
    fields = {CATEGORY: quote(choices.category, safe=" "), LANGUAGE: choices.language}
    return {name: value for name, value in fields.items() if value}
