"""The enhanced status code of a failure (RFC 3463): from a field, from an SMTP reply (RFC 5321 §4.2), or from words of the reason."""

import re

from helpdesk.threading.sorting.report_words import REASON_STATUS

ENHANCED = re.compile(r"(?<![0-9.])([245]\.[0-9]\.[0-9]{1,3})(?![0-9.]?[0-9])")
FAILED = re.compile(r"(?<![0-9.])([45]\.[0-7]\.[0-9]{1,3})(?![0-9.]?[0-9])")
REPLY_CODE = re.compile(r"(?<![0-9.\-/])([45][0-5][0-9])(?=[ \-#:>,;)]|$)", re.MULTILINE)
SEARCHED = 20_000  # characters


def enhanced_status(text: str) -> str:
    """The first enhanced status code in a text, of success too; "" without one."""
    found = ENHANCED.search(text[:SEARCHED])
    return found[1] if found else ""


def status_in(text: str) -> str:
    """The status of a failure: the first enhanced code, else a reply code and the words of the reason, else the words alone; or ""."""
    searched = text[:SEARCHED]
    found = FAILED.search(searched)
    code = REPLY_CODE.search(searched)
    if found and not (code and code.start() < found.start() and code[1][0] != found[1][0]):
        return found[1]
    if code:
        return reason(searched, code[1][0]) or f"{code[1][0]}.0.0"
    return reason(searched, "")


def reason(text: str, first_digit: str) -> str:
    """The status for the most specific words of a reason. `first_digit` is the class that an SMTP reply gave, or ""."""
    lowered = text[:SEARCHED].lower()
    status = next((status for words, status in REASON_STATUS if words in lowered), "")
    return f"{first_digit}{status[1:]}" if status and first_digit else status


def is_vague(status: str) -> bool:
    """Whether a status says no more than success, delay or failure."""
    return not status or status.endswith(".0.0")
