"""Spam verdicts that a mail filter of the operator has written into the header.

A field counts only where a trusted host wrote it: the mail was handed over by a relay of ours or lies in a mailbox of ours, and the field
stands above the first Received field of anybody else's host. What the sender wrote cannot clear a mail: one verdict of spam suffices.
"""

from collections.abc import Callable, Iterator, Mapping

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.arrival import is_handed_over_by_us, received_by_us

LONGEST_FIELD = 1000  # characters of a field that are read
SPAM_LEVEL = 5  # spam confidence level of Exchange from which a mail is spam: 5, 6 and 9
RSPAMD_ACTIONS = ("reject", "add header", "rewrite subject", "quarantine")
FOREFRONT_VERDICTS = ("SPM", "SKS", "SKB")  # spam; by a rule of the tenant; by its block list
FOREFRONT_CATEGORIES = ("SPM", "HSPM", "PHSH", "HPHSH", "HPHISH", "MALW")


def spam_verdict(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> str:
    """The name of the trusted header field that calls a mail spam, as filters write it; "" if none does."""
    fields = _trusted_fields(raw, message, authentication)
    return next(
        (WRITTEN[name] for name, value in fields if name in VERDICTS and VERDICTS[name](value[:LONGEST_FIELD].strip())), ""
    )


def _trusted_fields(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> Iterator[tuple[str, str]]:
    """The fields that hosts of ours have written, from the top of the header: those above the first Received field of another host."""
    if not is_handed_over_by_us(raw, authentication):
        return
    ours = sum(1 for _ in received_by_us(raw, message, authentication))
    for name, value in message.headers:
        if name == "received":
            if not ours:
                return
            ours -= 1
        yield name, value


def _says_yes(value: str) -> bool:
    return value[:3].lower() == "yes"


def _rspamd_acts(value: str) -> bool:
    return value.lower() in RSPAMD_ACTIONS


def _rspamd_result(value: str) -> bool:
    """`default: True [15.20 / 15.00]`."""
    return value.partition(":")[2].lstrip()[:4].lower() == "true"


def _is_spam_level(value: str) -> bool:
    """A spam confidence level, -1 to 9."""
    return len(value) == 1 and value.isdigit() and value.isascii() and int(value) >= SPAM_LEVEL


def _forefront(value: str) -> bool:
    """`CIP:…;CTRY:…;SCL:5;SFV:SPM;CAT:SPM;…`. The filter's own verdict goes before its level."""
    said = {name.strip(): word.strip() for name, _, word in (part.partition(":") for part in value.split(";"))}
    if said.get("SFV") in FOREFRONT_VERDICTS or said.get("CAT") in FOREFRONT_CATEGORIES:
        return True
    return _is_spam_level(said.get("SCL", ""))


WRITTEN: Mapping[str, str] = {
    name.lower(): name
    for name in (
        "X-Spam-Status",
        "X-Spam-Flag",
        "X-Spam",
        "X-Barracuda-Spam-Flag",
        "X-Rspamd-Action",
        "X-Spamd-Result",
        "X-Forefront-Antispam-Report",
        "X-MS-Exchange-Organization-SCL",
    )
}
VERDICTS: Mapping[str, Callable[[str], bool]] = {
    "x-spam-status": _says_yes,
    "x-spam-flag": _says_yes,
    "x-spam": _says_yes,
    "x-barracuda-spam-flag": _says_yes,
    "x-rspamd-action": _rspamd_acts,
    "x-spamd-result": _rspamd_result,
    "x-forefront-antispam-report": _forefront,
    "x-ms-exchange-organization-scl": _is_spam_level,
}
