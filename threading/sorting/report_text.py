"""The recipients that the text of a delivery report names, by the shapes that texts of mail systems share.

`reports` decides before whether a mail is a report: the text of a person has addresses too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from helpdesk.threading.reading.parsed import ReportedAction, ReportedRecipient
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
NEAR = 1500  # characters behind an address that may describe its failure
OPENING = 1000  # characters
OPENING_LINES = 3
GREETED = tuple(f"{words}{end}" for words in GREETINGS for end in (" ", ",", "!"))
OWN_FIELDS = ("to", "delivered-to", "envelope-to")
SMTP_REPLY = re.compile(r"^[<>\s]*[45][0-9][0-9][ \-](?:[45]\.[0-9]\.[0-9]{1,3} )?")
BARE_NAME = re.compile(r"^\s+([A-Za-z0-9._+\-]{1,64})$")
PUNCTUATION = " \t<>\"'`()[]{}*-=:;,.#|•·→"


class AddressLevel(IntEnum):
    """How strongly a place in the text says that an address is a failed recipient. The strongest level that has addresses is taken."""

    LISTED = 0  # behind a label, below "the following recipients"
    ALONE = 1  # behind a label
    NAMED = 2  # a local part alone, below "the following recipients"
    ENVELOPE = 3  # in the SMTP session
    BLAMED = 4  # in a sentence about a failure
    MENTIONED = 5


def above_original(text: str) -> str:
    """The part of a report's text above the returned mail."""
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
    """Whether the text has words or an enhanced status of a failed or delayed delivery."""
    lowered = text[:SEARCHED].lower()
    return _mentions(lowered, FAILURES) or _mentions(lowered, DELAYED) or FAILED.search(text[:SEARCHED]) is not None


def opens_with_failure(text: str) -> bool:
    """Whether the first lines say that mail was not delivered, without a greeting, a question or a quote, as a person would begin."""
    lines = _opening_lines(text)
    opening = "\n".join(lines)
    return _is_impersonal(lines, opening) and _mentions(opening.lower(), (*LISTED_BELOW, *FAILURES))


def gives_code(text: str) -> bool:
    """Whether a failure and its SMTP reply stand near the beginning, without a greeting, a question or a quote."""
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
    """Whether the first lines are the transcript of an SMTP session in which a recipient was refused."""
    opening = "\n".join(_opening_lines(text)).lower()
    return "rcpt to:" in opening and REPLY_CODE.search(opening) is not None


def _opening_lines(text: str) -> list[str]:
    return [line for line in text[:OPENING].split("\n") if line.strip(PUNCTUATION)][:OPENING_LINES]


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """What the text of a report says about the delivery as a whole."""

    text: str
    delayed: bool
    status: str  # "" without one

    @classmethod
    def of(cls, text: str, subject: str) -> "DeliverySummary":
        lowered = f"{subject[:1000]}\n{text[:SEARCHED]}".lower()
        delayed = _mentions(lowered, DELAYED) and not _mentions(lowered, GIVEN_UP)
        return cls(text[:SEARCHED], delayed, status_in(text))


def recipients_in_text(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients that the text of a report names."""
    upper = above_original(mail.text)
    addresses = _addresses(upper, mail)[:MOST_RECIPIENTS]
    return describe(addresses, DeliverySummary.of(upper, mail.subject))


def describe(addresses: list[str], summary: DeliverySummary) -> list[ReportedRecipient]:
    """Each recipient with its status: from its own line and the lines below, up to the next recipient; else from anywhere in the text."""
    return [_describe(address, summary, addresses) for address in addresses]


def _describe(address: str, summary: DeliverySummary, others: Sequence[str]) -> ReportedRecipient:
    at = summary.text.find(address)
    near = _near(summary.text, at, others) if at >= 0 else summary.text[:NEAR]
    diagnostic = next((line.strip() for line in near.split("\n") if REPLY_CODE.search(line) or FAILED.search(line)), "")
    status = status_in(near) or summary.status or "5.0.0"
    if summary.delayed and not status.startswith("4"):
        status = f"4{status[1:]}"
    action = ReportedAction.DELAYED if summary.delayed else ReportedAction.FAILED
    return complete_recipient(address, action, status, diagnostic, "")


def _near(upper: str, at: int, others: Sequence[str]) -> str:
    begin = upper.rfind("\n", 0, at) + 1
    own_end = at + 1
    ends = [found for other in others[:20] if (found := upper.find(other, own_end)) > own_end and not upper.startswith(other, at)]
    return upper[begin : min([*ends, at + NEAR])]


def _addresses(upper: str, mail: MailEvidence) -> list[str]:
    own = {mail.author, *(found.lower() for name in OWN_FIELDS for found in ADDRESS.findall(mail.header(name)[:2000]))}
    levels: dict[AddressLevel, list[str]] = {}
    for level, address in _places(upper, mail):
        levels.setdefault(level, []).append(address)
    for level in sorted(levels):
        chosen = [address for address in _unique(levels[level]) if address.lower() not in own]
        if chosen:
            return chosen
    return _unique(levels.get(AddressLevel.LISTED, []) + levels.get(AddressLevel.ALONE, []))


def _places(upper: str, mail: MailEvidence) -> Iterator[tuple[AddressLevel, str]]:
    listed = False
    for line in upper.split("\n", MOST_LINES)[:MOST_LINES]:
        if not line or line.isspace():
            continue
        line = line[:LONGEST_LINE]
        lowered = line.lower()
        by_words = _level_by_words(lowered) if "@" in line else AddressLevel.MENTIONED
        for found in ADDRESS.finditer(line):
            level = _level(line[: found.start()], line[found.end() :], by_words, listed=listed)
            address = found[0].rstrip(".-'")
            if level is not None and _can_fail(address, level):
                yield level, address
        bare = BARE_NAME.match(line) if listed else None
        if bare and "@" in mail.author:
            yield AddressLevel.NAMED, f"{bare[1]}@{mail.author.rpartition('@')[2]}"
        listed = listed or _mentions(lowered, LISTED_BELOW)


def _level_by_words(lowered: str) -> AddressLevel | None:
    """The level of an address without a label, by the words of its line; None if the line names somebody to ask."""
    if _mentions(lowered, CONTACT):
        return None
    return AddressLevel.BLAMED if _mentions(lowered, ADDRESSED) or _mentions(lowered, FAILURES) else AddressLevel.MENTIONED


def _level(before: str, after: str, by_words: AddressLevel | None, *, listed: bool) -> AddressLevel | None:
    """The level of an address between `before` and `after` on its line; None if it cannot be a recipient."""
    label = SMTP_REPLY.sub("", before).strip(PUNCTUATION).lower()
    if label in ENVELOPE_LABELS:
        return AddressLevel.ENVELOPE
    if label in SENDER_LABELS and before.rstrip(" <\"'").endswith(":"):
        return None
    if label in RECIPIENT_LABELS and not (after[:1].isalnum()):
        return AddressLevel.LISTED if listed else AddressLevel.ALONE
    return by_words


def _can_fail(address: str, level: AddressLevel) -> bool:
    local_part, _, domain = address.rpartition("@")
    return "." in domain and (level is AddressLevel.LISTED or local_part.lower() not in NOT_RECIPIENTS)


def _unique(addresses: list[str]) -> list[str]:
    """The addresses without repetitions. Case does not distinguish them."""
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(address.lower(), address)
    return list(seen.values())


def _mentions(lowered: str, phrases: Sequence[str]) -> bool:
    return any(phrase in lowered for phrase in phrases)
