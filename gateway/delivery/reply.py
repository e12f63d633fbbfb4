"""What became of one try to hand a letter to the relay."""

import re
from dataclasses import dataclass
from datetime import timedelta

LONGEST_TEXT = 500
STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")  # RFC 3463 §2


@dataclass(frozen=True, slots=True)
class RelayReply:
    """The relay's answer to one letter, or the fault that kept it from answering.

    `code` is an SMTP reply code (RFC 5321 §4.2), None where there was no answer. `text` is one printable line of at most
    500 characters. `permanent` overrules the first digit of the code; None leaves it to that digit.
    `uncertain`: the letter may have been taken, because the connection broke after its final dot.
    `untried`: the relay was in trouble before anything was said about this letter, or the claim on it ran out: no attempt at it.
    """

    code: int | None
    text: str
    permanent: bool | None = None
    uncertain: bool = False
    untried: bool = False


def enhanced_status(reply: RelayReply) -> str | None:
    """The status with which the text begins (RFC 2034 §4), where its class is that of the code."""
    found = STATUS.match(reply.text)
    return found[0] if found and found[0][0] == str(reply.code)[:1] else None


def always(_: timedelta) -> bool:
    """The claim on a letter that nobody else could take."""
    return True


def one_line(text: str) -> str:
    """What a stranger's server said, fit for a log and a letter: one line, printable, not endless."""
    printable = "".join(one if one.isprintable() else " " for one in text[: 4 * LONGEST_TEXT])
    return " ".join(printable.split())[:LONGEST_TEXT]
