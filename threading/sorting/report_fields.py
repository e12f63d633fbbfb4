"""The per-recipient fields of a delivery report (RFC 3464 §2.3), in message/delivery-status or written into the text."""

import re
from collections.abc import Iterable

from helpdesk.threading.reading.parsed import ReportedAction, ReportedRecipient
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.report_words import DELAYED
from helpdesk.threading.sorting.statuses import enhanced_status, is_vague, status_in

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.\-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,252}[A-Za-z0-9])?"
)
# An Internet address as a domain-defined attribute of an X.400 address, and the letters that its alphabet lacks (RFC 2156 §4.1, appendix A).
X400_ADDRESS = re.compile(r"(?:DD[.:]|DDA:|/)RFC-?822[=:]([^/;\s]{1,320})", re.IGNORECASE)
X400_LETTER = re.compile(r"\(([apqu])\)", re.IGNORECASE)
X400_LETTERS = {"a": "@", "p": "%", "q": '"', "u": "_"}
FIELDS = frozenset(("final-recipient", "original-recipient", "x-actual-recipient", "action", "status", "diagnostic-code"))
NAMED = tuple(name.encode() for name in sorted(FIELDS))
LONGEST_NAME = 24
RECIPIENTS = ("original-recipient", "final-recipient", "x-actual-recipient")
OPENS_BLOCK = ("final-recipient", "original-recipient", "action")
ACTIONS = {
    "failed": ReportedAction.FAILED,
    "failure": ReportedAction.FAILED,
    "delayed": ReportedAction.DELAYED,
    "delivered": ReportedAction.DELIVERED,
    "relayed": ReportedAction.RELAYED,
    "expanded": ReportedAction.RELAYED,
}
GENERAL_STATUS = {ReportedAction.FAILED: "5.0.0", ReportedAction.DELAYED: "4.0.0"}
MOST_RECIPIENTS = 100
MOST_OCTETS = 256 * 1024  # of one part
MOST_LINES = 5000
EXPLAINING = 3000  # characters of the text in which a missing status is looked for
LONGEST_VALUE = 2000
LONGEST_DIAGNOSTIC = 500
LONGEST_ADDRESS = 320


def recipients_in_part(content: bytes, text: str) -> list[ReportedRecipient]:
    """The recipients in the octets of message/delivery-status. `text` is the readable part, for what the fields leave out."""
    lines = content[:MOST_OCTETS].replace(b"\r\n", b"\n").split(b"\n", MOST_LINES)[:MOST_LINES]
    return recipients_in_lines((_line(line) for line in lines), text)


def _line(octets: bytes) -> str:
    """A line that may belong to a known field, decoded. Of any other line only whether it is blank."""
    if octets[:1] in (b" ", b"\t"):
        return f" {readable(octets)}"
    if octets[:LONGEST_NAME].lower().startswith(NAMED):
        return readable(octets)
    return "-" if octets else ""


def recipients_in_lines(lines: Iterable[str], text: str) -> list[ReportedRecipient]:
    """The recipients in lines of fields. A block ends at a blank line, or at a field that repeats: some systems write no blank lines."""
    found: list[ReportedRecipient] = []
    block: dict[str, str] = {}
    last = ""
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if line[:1] in (" ", "\t") and last and name not in FIELDS:
            block[last] = f"{block[last]} {line.strip()}"[:LONGEST_VALUE]
            continue
        last = ""
        ended = not line.strip() and _is_whole(block)
        if ended or (name in OPENS_BLOCK and name in block):
            found.extend(_recipient(block, text))
            block = {}
        if len(found) >= MOST_RECIPIENTS:
            return found
        if colon and name in FIELDS:
            block[name] = value.strip()[:LONGEST_VALUE]
            last = name
    return [*found, *_recipient(block, text)]


def _is_whole(block: dict[str, str]) -> bool:
    return any(name in block for name in RECIPIENTS) and ("action" in block or "status" in block)


def _recipient(block: dict[str, str], text: str) -> list[ReportedRecipient]:
    """The recipient of a block, as a list of one or none. The address to which the mail was written wins over the final address."""
    named = [block[name] for name in RECIPIENTS if block.get(name)]
    if not named:
        return []
    address = next((address for value in named if "@" in (address := _address(value))), _address(named[-1]))
    given = block.get("diagnostic-code", "")
    diagnostic = given.partition(";")[2].strip() or given
    words = block.get("action", "").lower().split() or [""]
    action = ACTIONS.get(words[0].strip(";,()"))
    return [complete_recipient(address, action, enhanced_status(block.get("status", "")), diagnostic, text)]


def complete_recipient(address: str, action: ReportedAction | None, status: str, diagnostic: str, text: str) -> ReportedRecipient:
    """A recipient with what the reporting system left out: the status from diagnostic or text, the action from status and text."""
    if is_vague(status):
        better = status_in(diagnostic) or ("" if status or diagnostic else status_in(text[:EXPLAINING]))
        status = better if better and (not status or better[0] == status[0]) else status
    if action is None:
        delayed = status.startswith("4") and any(words in text[:EXPLAINING].lower() for words in DELAYED)
        arrived = ReportedAction.DELIVERED if status.startswith("2") else ReportedAction.FAILED
        action = ReportedAction.DELAYED if delayed else arrived
    status = status or GENERAL_STATUS.get(action, "2.0.0")
    permanent = action is ReportedAction.FAILED and not status.startswith("4")
    return ReportedRecipient(address[:LONGEST_ADDRESS], action, status, permanent, diagnostic[:LONGEST_DIAGNOSTIC])


def _address(value: str) -> str:
    """The address in `rfc822; <anna@example.org>`. Addresses with non-ASCII letters stay as they are, and so do X.400 addresses without
    an Internet address in them.
    """
    inside = X400_ADDRESS.search(value)
    if inside:
        return X400_LETTER.sub(lambda found: X400_LETTERS[found[1].lower()], inside[1])
    bare = value.rpartition(";")[2].strip().strip("<>").strip("\"'")
    found = ADDRESS.search(bare)
    return found[0] if found and bare.isascii() else bare
