"""The outcome of one attempt to hand a letter to the relay."""

import re
from dataclasses import dataclass
from datetime import timedelta

LONGEST_TEXT = 500
STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")  # RFC 3463 §2


@dataclass(frozen=True, slots=True)
class RelayReply:
    """The relay's reply about one letter, or the fault that prevented one.

    `code` is an SMTP reply code (RFC 5321 §4.2), None where there was no reply. `text` is one printable line of at most 500
    characters. `permanent` overrides the first digit of the code; with None that digit decides. `uncertain`: the connection
    broke after the final dot, so the relay may have taken the letter. `untried`: the relay was in trouble before this letter
    was mentioned, or the claim on it ran out, so this was no attempt. `before_recipient`: the relay had not heard the
    recipient's name yet, so the reply says nothing about the recipient's domain.
    """

    code: int | None
    text: str
    permanent: bool | None = None
    uncertain: bool = False
    untried: bool = False
    before_recipient: bool = False

    @property
    def delays(self) -> bool:
        """Whether the relay put this letter off, or broke off over it: 4yz, or no reply at all."""
        return self.permanent is None and (self.code is None or self.code // 100 == 4)


def enhanced_status(reply: RelayReply) -> str | None:
    """The enhanced status code at the beginning of the text (RFC 2034 §4), if its class is that of the reply code."""
    found = STATUS.match(reply.text)
    return found[0] if found and found[0][0] == str(reply.code)[:1] else None


def domain_of_recipient(address: str) -> str:
    """The domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def always(_: timedelta) -> bool:
    """The `claim_lasts` of a letter that nobody else could claim."""
    return True


def one_line(text: str) -> str:
    """A stranger's text as one printable line of at most 500 characters, fit for a log and a letter."""
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * LONGEST_TEXT])
    return " ".join(printable.split())[:LONGEST_TEXT]
