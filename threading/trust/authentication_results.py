"""The door to authres: what our own relay says about a mail's origin (RFC 8601).

Only fields that stand above the topmost Received field were written by the system that handed the mail to us; everything below may have
been typed by its author. A field that does not follow the grammar says nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import authres
from authres.core import AuthResError

LONGEST_FIELD = 4096
MOST_FIELDS = 5  # of ours that are read, the topmost: a system that takes a mail writes one, and reading them is slow
ENFORCED = ("quarantine", "reject")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?')
DMARC_FAILED = re.compile(r"\s*dmarc\s*=\s*fail\b", re.IGNORECASE)
# What the author's domain asks for, and what was done about it, as filters write it: OpenDMARC and Gmail `(p=none dis=none)`, rspamd
# `(policy=none)` and `policy.dmarc=none`, Microsoft 365 `action=none`, `oreject`, `pct.reject`, others `policy.published-domain-policy=none`.
ASKED = re.compile(
    r"(?<![\w.-])(?:p|d|dis|disposition|policy|action|policy\.(?:dmarc|p|d|published-domain-policy|applied-disposition|policy-from|from))\s*=\s*([\w.]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Results:
    """What trusted fields say. Domains are lower case; `dmarc` is "" where nothing was said.

    `asks_for_nothing`: DMARC failed, and the field says that neither the domain's policy nor what was done is quarantine or reject.
    """

    dmarc: str = ""
    dmarc_domain: str = ""
    dkim_domains: tuple[str, ...] = ()  # of signatures that passed
    asks_for_nothing: bool = False
    spf_domain: str = ""  # of the envelope, where SPF passed


def trusted_results(headers: tuple[tuple[str, str], ...], authserv_ids: tuple[str, ...]) -> Results:
    """The verdicts of our own authserv-ids among a mail's header fields, top first."""
    ours = {one.lower() for one in authserv_ids}
    named = (value for value in _fields_above_received(headers) if any(authserv_id in _head(value) for authserv_id in ours))
    parsed = [(value, _parse(value)) for value in islice(named, MOST_FIELDS)]
    trusted = [(value, one) for value, one in parsed if one is not None and str(one.authserv_id).lower() in ours]
    found = _results(one for _, one in trusted)
    if found.dmarc != "fail":
        return found
    first = next(segment for value, _ in trusted for segment in _segments(value) if DMARC_FAILED.match(segment))
    return replace(found, asks_for_nothing=_asks_for_nothing(first))


def sealed_results(value: str) -> Results:
    """What an ARC-Authentication-Results field says behind its instance (RFC 8617 §4.1.1), whoever wrote it."""
    parsed = _parse(value)
    return Results() if parsed is None else _results([parsed])


def _results(fields: "Iterable[authres.AuthenticationResultsHeader]") -> Results:
    dmarc, dmarc_domain, signed, envelope = "", "", [], ""
    for parsed in fields:
        for result in parsed.results:
            method, verdict = str(result.method).lower(), str(result.result).lower()
            properties = {(p.type.lower(), p.name.lower()): str(p.value).lower() for p in result.properties}
            if method == "dmarc" and not dmarc:
                dmarc, dmarc_domain = verdict, properties.get(("header", "from"), "")
            elif method == "dkim" and verdict == "pass" and ("header", "d") in properties:
                signed.append(properties["header", "d"])
            elif method == "spf" and verdict == "pass" and not envelope:
                envelope = properties.get(("smtp", "mailfrom"), "").rpartition("@")[2]
    return Results(dmarc, dmarc_domain.rpartition("@")[2], tuple(signed), spf_domain=envelope)


def _segments(value: str) -> Iterator[str]:
    """The results of a field, cut at semicolons outside comments; without quoted strings, in which anybody's words may stand."""
    depth, start = 0, 0
    text = QUOTED.sub("", value)
    for at, letter in enumerate(text):
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        if letter == ";" and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _asks_for_nothing(segment: str) -> bool:
    """A result that says nothing about policies is taken at its word: it failed."""
    asked = [one.lower() for one in ASKED.findall(segment)]
    return bool(asked) and not any(one.endswith(ENFORCED) for one in asked)


def _fields_above_received(headers: tuple[tuple[str, str], ...]) -> list[str]:
    found = []
    for name, value in headers:
        if name == "received":
            break
        if name == "authentication-results":
            found.append(value)
    return found


def _head(value: str) -> str:
    """What stands before the first verdict: the authserv-id, and comments around it."""
    return value[:LONGEST_FIELD].partition(";")[0].lower()


def _parse(value: str) -> "authres.AuthenticationResultsHeader | None":
    if len(value) > LONGEST_FIELD:
        return None
    try:
        return authres.AuthenticationResultsHeader.parse_value(value.strip())
    except (AuthResError, ValueError, IndexError, AttributeError, RecursionError):  # authres meets garbage with any of these
        return None
