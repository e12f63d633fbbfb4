"""What somebody sent by the form, and what is wrong with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from helpdesk.config.values import LETTER_LANGUAGES
from helpdesk.gateway.http.sent import LONGEST_SUBJECT, LONGEST_TEXT, SentFile, files_in, line_in, text_in, words_in
from helpdesk.gateway.http.topics import ChosenTopic, Topic, chosen_topic
from helpdesk.threading.trust.addresses import is_unread_address, reachable

TRAP = "website"  # a field that people do not see, and programs fill in
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class SentRequest:
    """The words and files of a form. `faults` are names of strings by the field that is wrong.

    `address` is as it was typed where no letter can be sent to it. `is_trapped`: no person has filled in this form.
    """

    mark: str
    address: str
    name: str
    subject: str
    text: str
    language: str
    files: tuple[SentFile, ...]
    topic: ChosenTopic
    is_trapped: bool
    faults: dict[str, str] = field(default_factory=dict)


async def sent_request(sent: FormData, topics: Sequence[Topic], most_octets: int, is_ours: Callable[[str], bool]) -> SentRequest:
    """Read a form and check it. `is_ours` knows the addresses of the desk, to which no request is answered."""
    typed, language = line_in(sent, "address")[:400], line_in(sent, "language")
    files = await files_in(sent, most_octets)
    address = reachable(typed)
    request = SentRequest(
        text_in(sent, "mark")[:200],
        address or typed,
        line_in(sent, "name")[:LONGEST_NAME],
        line_in(sent, "subject"),
        words_in(sent, "text"),
        language if language in LETTER_LANGUAGES else "",
        tuple(files or ()),
        chosen_topic(sent, topics),
        bool(text_in(sent, TRAP)),
    )
    can_be_answered = bool(address) and not is_unread_address(address) and not is_ours(address)
    request.faults.update(_faults(request, can_be_answered=can_be_answered, is_small=files is not None))
    return request


def _faults(request: SentRequest, *, can_be_answered: bool, is_small: bool) -> dict[str, str]:
    wrong = {
        "address": (("no_address", not can_be_answered),),
        "subject": (("no_subject", not request.subject), ("long_subject", len(request.subject) > LONGEST_SUBJECT)),
        "text": (("no_text", not request.text), ("long_text", len(request.text) > LONGEST_TEXT)),
        "files": (("many_octets", not is_small),),
    }
    found = {place: next((name for name, is_so in rows if is_so), "") for place, rows in wrong.items()}
    return {place: name for place, name in found.items() if name}
