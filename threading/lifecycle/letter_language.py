"""The language in which a customer is written to follows the language in which they write."""

from dataclasses import replace
from itertools import islice

from helpdesk.config.values import LETTER_LANGUAGES
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.reading.regions import with_region

FEWEST_LETTERS = 30  # of a message that tells the language of its author; a shorter one may be a name, a thing or a quotation


def follow_language(draft: Draft, incoming: Incoming) -> Draft:
    """Change the language of letters once two messages of the requester in a row are in one other language.

    One message alone changes nothing, because it may be an error message or the words of somebody else. Short messages are passed over, and so
    are those in a language in which no letters are written.
    """
    told, ticket = incoming.told_language.partition("-")[0], draft.ticket
    if told not in LETTER_LANGUAGES or _has_few_letters(incoming.text[:1_000]):
        return draft
    if told == ticket.language.partition("-")[0]:
        return _with_next(draft, "")
    if told != ticket.next_language:
        return _with_next(draft, told)
    language = with_region(told, incoming.author, incoming.text)
    return _with_next(draft.change("language", language, incoming.author or "platform"), "")


def _has_few_letters(text: str) -> bool:
    return sum(1 for _ in islice(filter(str.isalpha, text), FEWEST_LETTERS)) < FEWEST_LETTERS


def _with_next(draft: Draft, language: str) -> Draft:
    return (
        draft if draft.ticket.next_language == language else replace(draft, ticket=replace(draft.ticket, next_language=language))
    )
