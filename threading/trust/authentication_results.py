"""What our own relay says about a mail's origin in Authentication-Results (RFC 8601). The only module that imports authres.

The system that handed the mail to us wrote the fields above the topmost Received field. The author may have typed everything below it.
A field that does not follow the grammar is ignored.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import authres
from authres.core import AuthResError

LONGEST_FIELD = 4096
MOST_FIELDS = 5  # with our authserv-ids: a system writes one field a mail, and reading them is slow
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
    """What trusted fields say. Domains are lower case; `dmarc` is "" if no field has a DMARC result.

    `asks_for_nothing`: DMARC failed, and the field says that neither the domain's policy nor what was done is quarantine or reject.
    """

    dmarc: str = ""
    dmarc_domain: str = ""
    dkim_domains: tuple[str, ...] = ()  # of signatures that passed
    asks_for_nothing: bool = False
    spf_domain: str = ""  # of the envelope, where SPF passed


def trusted_results(headers: tuple[tuple[str, str], ...], authserv_ids: tuple[str, ...]) -> Results:
    """The verdicts of the fields with our own authserv-ids. The topmost DMARC and SPF result counts, and every DKIM pass."""
    ours = {authserv_id.lower() for authserv_id in authserv_ids}
    named = (value for value in _fields_above_received(headers) if any(authserv_id in _head(value) for authserv_id in ours))
    parsed = [(value, _parse(value)) for value in islice(named, MOST_FIELDS)]
    trusted = [(value, field) for value, field in parsed if field is not None and str(field.authserv_id).lower() in ours]
    results = _results(field for _, field in trusted)
    if results.dmarc != "fail":
        return results
    first = next(segment for value, _ in trusted for segment in _segments(value) if DMARC_FAILED.match(segment))
    return replace(results, asks_for_nothing=_asks_for_nothing(first))


def sealed_results(value: str) -> Results:
    """The verdicts of an ARC-Authentication-Results field, behind its instance (RFC 8617 §4.1.1). Any authserv-id is accepted."""
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
    """The results of a field, cut at semicolons outside comments. Quoted strings are removed, because they may hold words of the author."""
    depth, start = 0, 0
    text = QUOTED.sub("", value)
    for at, letter in enumerate(text):
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        if letter == ";" and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _asks_for_nothing(segment: str) -> bool:
    """Whether a failed DMARC result names policies, and none of them is quarantine or reject."""
    policies = [policy.lower() for policy in ASKED.findall(segment)]
    return bool(policies) and not any(policy.endswith(ENFORCED) for policy in policies)


def _fields_above_received(headers: tuple[tuple[str, str], ...]) -> list[str]:
    found = []
    for name, value in headers:
        if name == "received":
            break
        if name == "authentication-results":
            found.append(value)
    return found


def _head(value: str) -> str:
    """The part before the first verdict: the authserv-id and comments around it."""
    return value[:LONGEST_FIELD].partition(";")[0].lower()


def _parse(value: str) -> "authres.AuthenticationResultsHeader | None":
    if len(value) > LONGEST_FIELD:
        return None
    try:
        return authres.AuthenticationResultsHeader.parse_value(value.strip())
    except (AuthResError, ValueError, IndexError, AttributeError, RecursionError):  # authres meets garbage with any of these
        return None
