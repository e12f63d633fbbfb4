"""The door to authres: what our own relay says about a mail's origin (RFC 8601).

Only fields that stand above the topmost Received field were written by the system that handed the mail to us; everything below may have
been typed by its author. A field that does not follow the grammar says nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import authres
from authres.core import AuthResError

LONGEST_FIELD = 4096
MOST_FIELDS = 5  # of ours that are read, the topmost: a system that takes a mail writes one, and reading them is slow


@dataclass(frozen=True, slots=True)
class Results:
    """What trusted fields say. Domains are lower case; `dmarc` is "" where nothing was said."""

    dmarc: str = ""
    dmarc_domain: str = ""
    dkim_domains: tuple[str, ...] = ()  # of signatures that passed


def trusted_results(headers: tuple[tuple[str, str], ...], authserv_ids: tuple[str, ...]) -> Results:
    """The verdicts of our own authserv-ids among a mail's header fields, top first."""
    ours = {one.lower() for one in authserv_ids}
    named = (value for value in _fields_above_received(headers) if any(one in _head(value) for one in ours))
    parsed = (_parsed(value) for value in islice(named, MOST_FIELDS))
    return _results(one for one in parsed if one is not None and str(one.authserv_id).lower() in ours)


def sealed_results(value: str) -> Results:
    """What an ARC-Authentication-Results field says behind its instance (RFC 8617 §4.1.1), whoever wrote it."""
    parsed = _parsed(value)
    return Results() if parsed is None else _results([parsed])


def _results(fields: "Iterable[authres.AuthenticationResultsHeader]") -> Results:
    dmarc, dmarc_domain, signed = "", "", []
    for parsed in fields:
        for result in parsed.results:
            method, verdict = str(result.method).lower(), str(result.result).lower()
            properties = {(p.type.lower(), p.name.lower()): str(p.value).lower() for p in result.properties}
            if method == "dmarc" and not dmarc:
                dmarc, dmarc_domain = verdict, properties.get(("header", "from"), "")
            elif method == "dkim" and verdict == "pass" and ("header", "d") in properties:
                signed.append(properties["header", "d"])
    return Results(dmarc, dmarc_domain.rpartition("@")[2], tuple(signed))


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


def _parsed(value: str) -> "authres.AuthenticationResultsHeader | None":
    if len(value) > LONGEST_FIELD:
        return None
    try:
        return authres.AuthenticationResultsHeader.parse_value(value.strip())
    except (AuthResError, ValueError, IndexError, AttributeError, RecursionError):  # authres meets garbage with any of these
        return None
