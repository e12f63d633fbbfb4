"""What a customer sends by a form: words, files, and the key of the form by which a double click is one message."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.exceptions import HTTPException
from starlette.datastructures import UploadFile

from helpdesk.gateway.http.inbox.visits import FOREIGN_FORM, PageRefusal, Visit
from helpdesk.gateway.http.pages import is_token_of

MOST_FILES = 20
MOST_FIELDS = 20
LONGEST_FIELD = 1_000_000  # octets
LONGEST_TEXT = 100_000  # characters
LONGEST_SUBJECT = 200
LONGEST_NAME = 255
MOST_OCTETS = 25 * 1024 * 1024  # of the files of one message, as a row of `platform_reply` may have


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SentForm:
    """The words of a form and its files. `faults` are names of strings by the field that is wrong."""

    key: str
    subject: str
    text: str
    choice: str
    up_to: str
    files: tuple[SentFile, ...]
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The hash of everything that was sent, by which a repetition is known."""
        digest = hashlib.sha256()
        for part in (self.subject, self.text, self.choice, *(file.name for file in self.files)):
            digest.update(part.encode("utf-8", "replace") + b"\0")
        for file in self.files:
            digest.update(hashlib.sha256(file.content).digest())
        return digest.hexdigest()


def check_token(visit: Visit, token: str) -> None:
    """Raises PageRefusal for a form that is not of this session."""
    if not is_token_of(visit.secret, token):
        raise PageRefusal(*FOREIGN_FORM)


async def sent_form(request: Request, visit: Visit, *, needs_subject: bool = False) -> SentForm:
    """Read a form and check it. Raises PageRefusal for one that is not of this session, HTTPException for one that is no form."""
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as sent:
        check_token(visit, _text(sent.get("token")))
        if not _text(sent.get("key")):
            raise HTTPException(400)
        given = [entry for entry in sent.getlist("files") if isinstance(entry, UploadFile) and (entry.filename or entry.size)]
        is_small = sum(entry.size or 0 for entry in given) <= MOST_OCTETS
        files = tuple([await _file(entry) for entry in given] if is_small else [])
        form = SentForm(
            _text(sent.get("key"))[:100],
            " ".join(_text(sent.get("subject")).split()),
            _text(sent.get("text")).replace("\r\n", "\n").strip(),
            _text(sent.get("choice"))[:20],
            _text(sent.get("up_to"))[:40],
            files,
        )
    form.faults.update(_faults(form, needs_subject=needs_subject, is_small=is_small))
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


async def _file(entry: UploadFile) -> SentFile:
    """A file of a form. A name has no path, whatever a browser sends."""
    name = _clean(entry.filename or "").replace("\\", "/").rpartition("/")[2][:LONGEST_NAME]
    return SentFile(
        name or "attachment", _clean(entry.content_type or "")[:200] or "application/octet-stream", await entry.read()
    )


def _text(value: Any) -> str:
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Text that a database can hold, and no control character but an end of line or a tab."""
    kept = "".join(letter for letter in text if letter in "\n\r\t" or (ord(letter) >= 32 and ord(letter) != 127))
    return kept.encode("utf-8", "replace").decode()
