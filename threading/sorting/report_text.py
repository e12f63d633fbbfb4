"""Recipients of a delivery report in words: the shapes that the texts of mail systems share, strongest first.

Nothing here asks whether it is a report; a person's text has addresses too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpdesk.threading.reading.parsed import ReportedRecipient
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.gratitude_words import GREETINGS
from helpdesk.threading.sorting.report_fields import ADDRESS, MOST_RECIPIENTS, complete_recipient
from helpdesk.threading.sorting.report_words import (
    ADDRESSED,
    CONTACT,
    DELAYED,
    ENVELOPE_LABELS,
    FAILURES,
    GIVEN_UP,
    LISTED_BELOW,
    NOT_RECIPIENTS,
    ORIGINAL_BELOW,
    RECIPIENT_LABELS,
    SENDER_LABELS,
)
from helpdesk.threading.sorting.statuses import FAILED, REPLY_CODE, status_in

SEARCHED = 20_000  # characters of the human-readable part
MOST_LINES = 2000
LONGEST_LINE = 2000  # characters of one line in which a recipient may stand: twice what RFC 5322 §2.1.1 allows
NEAR = 1500  # characters that follow an address and speak of it
OPENING = 1000  # characters
OPENING_LINES = 3
GREETED = tuple(f"{words}{end}" for words in GREETINGS for end in (" ", ",", "!"))
OWN_FIELDS = ("to", "delivered-to", "envelope-to")
SMTP_REPLY = re.compile(r"^[<>\s]*[45][0-9][0-9][ \-](?:[45]\.[0-9]\.[0-9]{1,3} )?")
BARE_NAME = re.compile(r"^\s+([A-Za-z0-9._+\-]{1,64})$")
PUNCTUATION = " \t<>\"'`()[]{}*-=:;,.#|•·→"
# Levels of a place where an address can stand; the first level that has any is taken.
LISTED, ALONE, NAMED, ENVELOPE, BLAMED, MENTIONED = range(6)


def above_original(text: str) -> str:
    """The human-readable part above the returned mail."""
    searched = text[:SEARCHED]
    address = ADDRESS.search(searched)
    named = address.end() if address else len(searched)
    at = 0
    for line in searched.split("\n"):
        if at > named and line.lstrip(" -*=>_#~").lower().startswith(ORIGINAL_BELOW):
            return searched[:at]
        at += len(line) + 1
    return searched


def speaks_of_failure(text: str) -> bool:
    lowered = text[:SEARCHED].lower()
    return _mentions(lowered, FAILURES) or _mentions(lowered, DELAYED) or FAILED.search(text[:SEARCHED]) is not None


def opens_with_failure(text: str) -> bool:
    """The first lines say that something was not delivered; a person greets, asks or quotes there."""
    lines = _opening_lines(text)
    opening = "\n".join(lines)
    return _is_impersonal(lines, opening) and _mentions(opening.lower(), (*LISTED_BELOW, *FAILURES))


def gives_code(text: str) -> bool:
    """A failure with its SMTP reply near the beginning, in words without a person's."""
    opening = text[:OPENING]
    coded = REPLY_CODE.search(opening) is not None or FAILED.search(opening) is not None
    return coded and _is_impersonal(_opening_lines(text), opening) and _mentions(opening.lower(), FAILURES)


def _is_impersonal(lines: list[str], text: str) -> bool:
    quoted = any(line.lstrip().startswith(">") for line in lines)
    return bool(lines) and "?" not in text and not quoted and not _greets(lines[0])


def _greets(line: str) -> bool:
    words = line.lower().strip()
    return words.endswith((",", "!", "，", "、")) or f"{words} ".startswith(GREETED)


def opens_with_smtp(text: str) -> bool:
    """The first lines are a transcript of an SMTP session in which a recipient was refused."""
    opening = "\n".join(_opening_lines(text)).lower()
    return "rcpt to:" in opening and REPLY_CODE.search(opening) is not None


def _opening_lines(text: str) -> list[str]:
    return [line for line in text[:OPENING].split("\n") if line.strip(PUNCTUATION)][:OPENING_LINES]


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """What the text says of the delivery as a whole."""

    text: str
    delayed: bool
    status: str  # "" when it gives none

    @classmethod
    def of(cls, text: str, subject: str) -> "DeliverySummary":
        lowered = f"{subject[:1000]}\n{text[:SEARCHED]}".lower()
        delayed = _mentions(lowered, DELAYED) and not _mentions(lowered, GIVEN_UP)
        return cls(text[:SEARCHED], delayed, status_in(text))


def recipients_in_text(mail: MailEvidence) -> list[ReportedRecipient]:
    upper = above_original(mail.text)
    addresses = _addresses(upper, mail)[:MOST_RECIPIENTS]
    return describe(addresses, DeliverySummary.of(upper, mail.subject))


def describe(addresses: list[str], account: DeliverySummary) -> list[ReportedRecipient]:
    """Each recipient with what the text says of it: on its line and below, up to the next recipient; else anywhere."""
    return [_describe(address, account, addresses) for address in addresses]


def _describe(address: str, account: DeliverySummary, others: Sequence[str]) -> ReportedRecipient:
    at = account.text.find(address)
    near = _near(account.text, at, others) if at >= 0 else account.text[:NEAR]
    diagnostic = next((line.strip() for line in near.split("\n") if REPLY_CODE.search(line) or FAILED.search(line)), "")
    status = status_in(near) or account.status or "5.0.0"
    if account.delayed and not status.startswith("4"):
        status = f"4{status[1:]}"
    return complete_recipient(address, "delayed" if account.delayed else "failed", status, diagnostic, "")


def _near(upper: str, at: int, others: Sequence[str]) -> str:
    begin = upper.rfind("\n", 0, at) + 1
    own_end = at + 1
    ends = [found for other in others[:20] if (found := upper.find(other, own_end)) > own_end and not upper.startswith(other, at)]
    return upper[begin : min([*ends, at + NEAR])]


def _addresses(upper: str, mail: MailEvidence) -> list[str]:
    own = {mail.author, *(found.lower() for name in OWN_FIELDS for found in ADDRESS.findall(mail.header(name)[:2000]))}
    levels: dict[int, list[str]] = {}
    for level, address in _places(upper, mail):
        levels.setdefault(level, []).append(address)
    for level in sorted(levels):
        chosen = [address for address in _unique(levels[level]) if address.lower() not in own]
        if chosen:
            return chosen
    return _unique(levels.get(LISTED, []) + levels.get(ALONE, []))


def _places(upper: str, mail: MailEvidence) -> Iterator[tuple[int, str]]:
    listed = False
    for line in upper.split("\n", MOST_LINES)[:MOST_LINES]:
        if not line or line.isspace():
            continue
        line = line[:LONGEST_LINE]
        lowered = line.lower()
        told = _level_by_words(lowered) if "@" in line else MENTIONED
        for found in ADDRESS.finditer(line):
            level = _level(line[: found.start()], line[found.end() :], told, listed=listed)
            address = found[0].rstrip(".-'")
            if level is not None and _can_fail(address, level):
                yield level, address
        bare = BARE_NAME.match(line) if listed else None
        if bare and "@" in mail.author:
            yield NAMED, f"{bare[1]}@{mail.author.rpartition('@')[2]}"
        listed = listed or _mentions(lowered, LISTED_BELOW)


def _level_by_words(lowered: str) -> int | None:
    """What a line makes of an address in it that has no label; None where it is somebody to ask."""
    if _mentions(lowered, CONTACT):
        return None
    return BLAMED if _mentions(lowered, ADDRESSED) or _mentions(lowered, FAILURES) else MENTIONED


def _level(before: str, after: str, told: int | None, *, listed: bool) -> int | None:
    label = SMTP_REPLY.sub("", before).strip(PUNCTUATION).lower()
    if label in ENVELOPE_LABELS:
        return ENVELOPE
    if label in SENDER_LABELS and before.rstrip(" <\"'").endswith(":"):
        return None
    if label in RECIPIENT_LABELS and not (after[:1].isalnum()):
        return LISTED if listed else ALONE
    return told


def _can_fail(address: str, level: int) -> bool:
    local_part, _, domain = address.rpartition("@")
    return "." in domain and (level == LISTED or local_part.lower() not in NOT_RECIPIENTS)


def _unique(addresses: list[str]) -> list[str]:
    """Without repetitions; the same address in other letters is the same."""
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(address.lower(), address)
    return list(seen.values())


def _mentions(lowered: str, phrases: Sequence[str]) -> bool:
    return any(phrase in lowered for phrase in phrases)
