"""What a customer sends by a form: words, files, and the key of the form by which a double click is one message."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.exceptions import HTTPException

from helpdesk.gateway.http.inbox.visits import FOREIGN_FORM, PageRefusal, Visit
from helpdesk.gateway.http.sent import (
    LONGEST_FIELD,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_FIELDS,
    MOST_FILES,
    SentFile,
    files_in,
    line_in,
    text_in,
    words_in,
)
from helpdesk.gateway.http.topics import NO_TOPIC, ChosenTopic, Topic, chosen_topic
from helpdesk.gateway.private_pages import is_token_of

MOST_OCTETS = 25 * 1024 * 1024  # of the files of one message, as a row of `platform_reply` may have


@dataclass(frozen=True, slots=True)
class SentForm:
    """The words of a form and its files. `faults` are names of strings by the field that is wrong."""

    key: str
    subject: str
    text: str
    choice: str
    up_to: str
    files: tuple[SentFile, ...]
    topic: ChosenTopic = NO_TOPIC
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The hash of everything that was sent, by which a repetition is known."""
        digest = hashlib.sha256()
        chosen = (self.topic.name, *(self.topic.answers or {}).values())
        for part in (self.subject, self.text, self.choice, *chosen, *(file.name for file in self.files)):
            digest.update(part.encode("utf-8", "replace") + b"\0")
        for file in self.files:
            digest.update(hashlib.sha256(file.content).digest())
        return digest.hexdigest()


def check_token(visit: Visit, token: str) -> None:
    """Raises PageRefusal for a form that is not of this session."""
    if not is_token_of(visit.secret, token):
        raise PageRefusal(*FOREIGN_FORM)


async def sent_form(request: Request, visit: Visit, *, needs_subject: bool = False, topics: Sequence[Topic] = ()) -> SentForm:
    """Read a form and check it. Raises PageRefusal for one that is not of this session, HTTPException for one that is no form."""
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as sent:
        check_token(visit, text_in(sent, "token"))
        if not text_in(sent, "key"):
            raise HTTPException(400)
        files = await files_in(sent, MOST_OCTETS)
        form = SentForm(
            text_in(sent, "key")[:100],
            line_in(sent, "subject"),
            words_in(sent, "text"),
            text_in(sent, "choice")[:20],
            text_in(sent, "up_to")[:40],
            tuple(files or ()),
            chosen_topic(sent, topics),
        )
    form.faults.update(_faults(form, needs_subject=needs_subject, is_small=files is not None))
    return form


def _faults(form: SentForm, *, needs_subject: bool, is_small: bool) -> dict[str, str]:
    faults = {}
    if needs_subject and not form.subject:
        faults["subject"] = "no_subject"
    elif len(form.subject) > LONGEST_SUBJECT:
        faults["subject"] = "long_subject"
    if not form.text and not form.choice and (needs_subject or not form.files):
        faults["text"] = "no_text"
    elif len(form.text) > LONGEST_TEXT:
        faults["text"] = "long_text"
    if not is_small:
        faults["files"] = "large_files"
    return faults
