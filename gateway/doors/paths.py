"""The arguments of MAIL and RCPT: a path in angle brackets and ESMTP parameters (RFC 5321 §4.1.2, RFC 6531 §3.3).

What real senders get wrong is tolerated where nothing depends on it: white space after the colon, dots at odd places in a
local part, long variable reverse-paths. Source routes are read and dropped (RFC 5321 appendix C).
"""

import re
from dataclasses import dataclass

from helpdesk.gateway.doors.replies import BAD_RECIPIENT, BAD_SENDER, NEEDS_SMTPUTF8, SYNTAX, UNKNOWN_PARAMETER, Reply

LONGEST_PATH = 512  # octets; RFC 5321 §4.5.3.1.3 demands 256
LONGEST_DOMAIN = 255
QUOTED = r'"(?:[^\x00-\x1f"\\\x7f]|\\[\x20-\x7e])*"'
DOT_ATOM = r'[^\x00-\x20"(),:;<>@\[\\\]\x7f]+'
DOMAIN = r"(?:[A-Za-z0-9_\u0080-\U0010ffff][A-Za-z0-9._\u0080-\U0010ffff-]*|\[[A-Za-z0-9.:_-]+\])"
ROUTE = rf"(?:@{DOMAIN}(?:,@{DOMAIN})*:)?"
ADDRESS = rf"(?:{QUOTED}|{DOT_ATOM})@{DOMAIN}"
REVERSE_PATH = re.compile(rf"(?:{ROUTE}({ADDRESS}))?")
FORWARD_PATH = re.compile(rf"{ROUTE}({ADDRESS}|postmaster)", re.IGNORECASE)
PATH = rf'<((?:{QUOTED}|[^"<>])*)>((?:[ \t]+[^ \t]+)*)[ \t]*'
MAIL_ARGUMENT = re.compile(rf"FROM:[ \t]*{PATH}", re.IGNORECASE)
RCPT_ARGUMENT = re.compile(rf"TO:[ \t]*{PATH}", re.IGNORECASE)
MAIL_PARAMETERS = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE),
    "SMTPUTF8": re.compile(r""),
    "AUTH": re.compile(r"[!-~]+"),  # RFC 4954 §5: some clients send it to every server; it proves nothing here
}


@dataclass(frozen=True, slots=True)
class Path:
    """A path as the client wrote it, and its parameters by their names in upper case.

    `address` is an addr-spec, "" for the null reverse-path, or "postmaster" without a domain.
    """

    address: str
    parameters: dict[str, str]


def reverse_path(argument: bytes) -> Path | Reply:
    """The path in the argument of MAIL, or the reply that refuses it."""
    path = _read(argument, MAIL_ARGUMENT, REVERSE_PATH, BAD_SENDER)
    if isinstance(path, Reply):
        return path
    for name, value in path.parameters.items():
        allowed = MAIL_PARAMETERS.get(name)
        if allowed is None:
            return UNKNOWN_PARAMETER
        if not allowed.fullmatch(value):
            return SYNTAX
    return path if path.address.isascii() or "SMTPUTF8" in path.parameters else NEEDS_SMTPUTF8


def forward_path(argument: bytes) -> Path | Reply:
    """The path in the argument of RCPT, or the reply that refuses it. RCPT has no parameter that is known here."""
    path = _read(argument, RCPT_ARGUMENT, FORWARD_PATH, BAD_RECIPIENT)
    if isinstance(path, Path) and path.parameters:
        return UNKNOWN_PARAMETER
    return path


def _read(argument: bytes, whole: re.Pattern[str], form: re.Pattern[str], bad_address: Reply) -> Path | Reply:
    try:
        found = whole.fullmatch(argument.decode("utf-8"))
    except UnicodeDecodeError:
        return SYNTAX
    if not found:
        return SYNTAX
    path = form.fullmatch(found[1])
    address = (path[1] or "") if path else ""
    if not path or not address.isprintable() or _is_too_long(address):
        return bad_address
    return Path(address, _parameters(found[2]))


def _is_too_long(address: str) -> bool:
    return len(address.encode()) > LONGEST_PATH or len(address.rpartition("@")[2].encode()) > LONGEST_DOMAIN


def _parameters(text: str) -> dict[str, str]:
    return {name.upper(): value for name, _, value in (parameter.partition("=") for parameter in text.split())}
