"""Delivery reports: RFC 3464 by its fields, other mail systems by the shapes that their texts share.

A report needs two things: a machine wrote it, and it names a recipient with a reason. One alone is never enough, because people
forward bounces and ask about them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.parsed import DeliveryReport, ReportedRecipient
from helpdesk.threading.reading.words import readable
from helpdesk.threading.sorting.report_words import (
    BOUNCE_AUTHORS,
    BOUNCE_SUBJECTS,
    DELAYED,
    FAILURES,
    NOT_RECIPIENTS,
    ORIGINAL_BELOW,
    REASON_STATUS,
)

ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,252}[A-Za-z0-9])?")
ENHANCED = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.]?[0-9])")
REPLY_CODE = re.compile(r"(?<![0-9.\-])([45][0-9][0-9])(?=[ \-#:>])")
SEARCHED = 20_000  # characters of the human-readable part
MOST_RECIPIENTS = 100
MOST_BLOCKS = 200
LONGEST_DIAGNOSTIC = 500
ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "relayed",
}
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
ORIGINAL_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report is recognised by. `parts` are content type and octets of the leaves."""

    headers: tuple[tuple[str, str], ...]
    subject: str
    author: str  # address, lower-case
    author_name: str
    text: str
    parts: tuple[tuple[str, bytes], ...]
    report_type: str

    def header(self, name: str) -> str:
        return next((value for field, value in self.headers if field == name), "")


def delivery_report(mail: Evidence) -> DeliveryReport | None:
    """The report that this mail is, or None."""
    recipients = _by_fields(mail)
    if not recipients and _from_machine(mail):
        recipients = _by_header(mail) or _by_text(mail)
    if not recipients:
        return None
    return DeliveryReport(tuple(recipients[:MOST_RECIPIENTS]), _original_id(mail))


def _by_fields(mail: Evidence) -> list[ReportedRecipient]:
    found: list[ReportedRecipient] = []
    for content_type, content in mail.parts:
        if content_type in STATUS_TYPES or (mail.report_type == "delivery-status" and b"Final-Recipient:" in content[:2000]):
            found.extend(_recipients_in(content, mail.text[:SEARCHED]))
    return found


def _recipients_in(content: bytes, text: str) -> list[ReportedRecipient]:
    normal = content.replace(b"\r\n", b"\n")
    blocks = [block for block in normal.split(b"\n\n") if block.strip()][:MOST_BLOCKS]
    return [recipient for block in blocks if (recipient := _recipient(block, text)) is not None]


def _recipient(block: bytes, text: str) -> ReportedRecipient | None:
    """One block of per-recipient fields (RFC 3464 §2.3)."""
    header = split_header(block.lstrip() + b"\n\n")
    given = {
        name: readable(header.first(name) or b"")
        for name in ("final-recipient", "original-recipient", "action", "status", "diagnostic-code", "x-actual-recipient")
    }
    named = given["final-recipient"] or given["original-recipient"] or given["x-actual-recipient"]
    if not named and not given["action"]:
        return None
    if not named:
        return None
    words = given["action"].lower().split() or [""]
    diagnostic = given["diagnostic-code"].partition(";")[2].strip() or given["diagnostic-code"]
    status = _first(ENHANCED, given["status"])
    action = ACTIONS.get(words[0].strip(";,()"), "")
    return _completed(_address(named), action, status, diagnostic, text)


def _completed(address: str, action: str, status: str, diagnostic: str, text: str) -> ReportedRecipient:
    """Fill what the reporting system left out: the status from the diagnostic, the action from the status."""
    better = _first(ENHANCED, diagnostic)
    if not status or (status.endswith(".0.0") and better and better[0] == status[0]):
        status = better or status
    if not status:
        code = _first(REPLY_CODE, diagnostic + " ")
        status = _by_reason(diagnostic or text, code[:1]) or (f"{code[0]}.0.0" if code else "")
    if not action:
        action = (
            "delayed"
            if status.startswith("4") and _mentions(text.lower(), DELAYED)
            else "delivered"
            if status.startswith("2")
            else "failed"
        )
    if not status:
        status = {"failed": "5.0.0", "delayed": "4.0.0"}.get(action, "2.0.0")
    permanent = action == "failed" and not status.startswith("4")
    return ReportedRecipient(address, action, status, permanent, diagnostic[:LONGEST_DIAGNOSTIC])


def _address(value: str) -> str:
    """`rfc822; <anna@example.org>` → the address; utf-8 and X.400 values as they are."""
    bare = value.rpartition(";")[2].strip().strip("<>").strip("\"'")
    found = ADDRESS.search(bare)
    return found[0] if found and bare.isascii() else bare


def _from_machine(mail: Evidence) -> bool:
    local_part = mail.author.rpartition("@")[0].strip('"')
    name = mail.author_name.lower()
    if mail.report_type and mail.report_type != "delivery-status":
        return False
    subject = mail.subject.lower()
    by_author = local_part in BOUNCE_AUTHORS or any(word in name for word in BOUNCE_AUTHORS)
    null_path = mail.header("return-path").replace(" ", "") == "<>"
    by_subject = any(words in subject for words in BOUNCE_SUBJECTS)
    return (
        bool(mail.report_type)
        or bool(mail.header("x-failed-recipients"))
        or (by_author and not _answered(mail))
        or (null_path and by_subject)
        or by_subject
        and _no_person(mail)
    )


def _answered(mail: Evidence) -> bool:
    """A vacation note may come from a robot's address too; its header says so."""
    submitted = mail.header("auto-submitted").lower()
    return "auto-replied" in submitted and not any(words in mail.subject.lower() for words in BOUNCE_SUBJECTS)


def _no_person(mail: Evidence) -> bool:
    """Marks of a machine that a person's mail about a bounce does not have."""
    headers = {name for name, _ in mail.headers}
    return not mail.author or "auto-submitted" in headers and mail.header("auto-submitted").lower() != "no"


def _by_header(mail: Evidence) -> list[ReportedRecipient]:
    """X-Failed-Recipients, as Exim writes it."""
    addresses = ADDRESS.findall(mail.header("x-failed-recipients"))
    upper = _upper(mail.text)
    return [_described(address, upper) for address in dict.fromkeys(addresses)]


def _by_text(mail: Evidence) -> list[ReportedRecipient]:
    """An address on a line that only a report would write, in a text that speaks of failure or delay."""
    upper = _upper(mail.text)
    lowered = upper.lower()
    subject = mail.subject.lower()
    if (
        not _mentions(lowered, FAILURES)
        and not _mentions(lowered, DELAYED)
        and not _mentions(subject, BOUNCE_SUBJECTS)
        and not ENHANCED.search(upper)
    ):
        return []
    addresses = _addresses_in(upper, mail)
    if not addresses:
        return []
    return [_described(address, upper) for address in addresses[:MOST_RECIPIENTS]]


def _addresses_in(upper: str, mail: Evidence) -> list[str]:
    """Strongest shape first: `<address>:` and lines that are an address; then any address that is not the machine's."""
    own = {
        mail.author,
        *(address.lower() for name in ("to", "delivered-to", "x-original-to") for address in ADDRESS.findall(mail.header(name))),
    }
    strong: list[str] = []
    weak: list[str] = []
    for line in upper.split("\n"):
        stripped = line.strip().strip("*")
        for found in ADDRESS.finditer(stripped):
            address = found[0]
            local_part = address.partition("@")[0].lower()
            if local_part in NOT_RECIPIENTS or local_part in BOUNCE_AUTHORS or "." not in address.rpartition("@")[2]:
                continue
            before, after = stripped[: found.start()], stripped[found.end() :]
            alone = before.strip(" <\"'(") in ("", "To:", "to:", "Recipient:", "RCPT TO:", "Recipient address:") and after[
                :1
            ] in ("", ">", ":", ";", ".", " ", ",", ")", "'", '"')
            (strong if alone else weak).append(address)
    for candidates in (strong, weak):
        chosen = [address for address in dict.fromkeys(candidates) if address.lower() not in own]
        if chosen:
            return chosen
    return list(dict.fromkeys(strong))


def _described(address: str, upper: str) -> ReportedRecipient:
    at = upper.find(address)
    near = upper[at : at + 1500] if at >= 0 else upper[:3000]
    lowered = upper.lower()
    delayed = _mentions(lowered, DELAYED) and not _mentions(lowered, ("permanent", "giving up", "could not be delivered for"))
    diagnostic = next((line.strip() for line in near.split("\n") if REPLY_CODE.search(line + " ") or ENHANCED.search(line)), "")
    status = _first(ENHANCED, near) or _first(ENHANCED, upper)
    action = "delayed" if delayed else "failed"
    found = _completed(address, action, status, diagnostic, upper)
    if not delayed and not status and not diagnostic:
        return replace(found, status=_by_reason(upper, "5") or "5.0.0", permanent=True)
    return found


def _by_reason(text: str, first_digit: str) -> str:
    lowered = text[:SEARCHED].lower()
    status = next((status for words, status in REASON_STATUS if words in lowered), "")
    return f"{first_digit}{status[1:]}" if status and first_digit in ("4", "5") else status


def _upper(text: str) -> str:
    """The human-readable part above the returned mail."""
    searched = text[:SEARCHED]
    lowered = searched.lower()
    ends = [at for words in ORIGINAL_BELOW if (at := lowered.find(words)) > 0]
    return searched[: min(ends, default=len(searched))]


def _mentions(lowered: str, phrases: Sequence[str]) -> bool:
    return any(phrase in lowered for phrase in phrases)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _original_id(mail: Evidence) -> str | None:
    """The Message-ID of the mail that was not delivered."""
    for content_type, content in mail.parts:
        if content_type in ORIGINAL_TYPES and (value := split_header(content).first("message-id")):
            return readable(value).strip("<> ") or None
    below = mail.text[len(_upper(mail.text)) :][:SEARCHED]
    at = below.lower().find("\nmessage-id:")
    if at < 0:
        return None
    return below[at + 12 :].split("\n", 1)[0].strip().strip("<> ") or None
