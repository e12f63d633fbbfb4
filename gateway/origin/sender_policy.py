"""SPF (RFC 7208): whether the domain of the envelope lets the peer send. The only module that knows pyspf."""

import re
from typing import Any

import spf

from helpdesk.gateway.origin.resolver import Deadline, DnsAway, Resolver
from helpdesk.threading.model.origin import Result, SenderPolicy
from helpdesk.threading.trust.addresses import canonical

SENTENCES = {
    Result.PASS: "{domain} lets {peer} send",
    Result.FAIL: "{domain} does not let {peer} send",
    Result.SOFTFAIL: "{domain} would rather not have {peer} send",
    Result.NEUTRAL: "{domain} does not say whether {peer} may send",
    Result.NONE: "{domain} does not say who may send",
    Result.TEMPERROR: "DNS did not answer about {domain}",
    Result.PERMERROR: "the SPF record of {domain} cannot be read",
}
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9_])?")


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """pyspf's evaluation with our own DNS look-ups. pyspf's own keep no time limit, and use calls that dnspython has
    removed.
    """

    def __init__(self, peer: str, sender: str, helo: str, resolver: Resolver, deadline: Deadline) -> None:
        super().__init__(i=peer, s=sender, h=helo, strict=True)
        self._resolver = resolver
        self._deadline = deadline

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """Look up records. More than two look-ups without an answer are an error (RFC 7208 §4.6.4)."""
        try:
            found = self._resolver.records(str(name), qtype, self._deadline)
        except DnsAway as fault:
            raise spf.TempError(str(fault)) from fault
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void look-ups")
        return [[record] for record in found] if qtype == "TXT" else found

    def get_explanation(self, spec: str) -> None:
        """Do not look up the explanation of a refusal, whose text a stranger wrote."""
        return


def sender_policy(peer: str, reverse_path: str, helo: str, resolver: Resolver, deadline: Deadline) -> SenderPolicy:
    """The SPF result of one transaction. For the null path the HELO name is checked (RFC 7208 §2.4). `aligned` is False; the
    caller sets it.
    """
    known = canonical(reverse_path)
    domain = known.rpartition("@")[2] if reverse_path else helo.lower().rstrip(".")
    if not HOST.fullmatch(domain) or "." not in domain:
        return SenderPolicy(Result.NONE, "", False, "the envelope names no domain")
    query = _Query(peer, known, domain if not known else helo, resolver, deadline)
    result = _result(query)
    return SenderPolicy(result, domain, False, SENTENCES[result].format(domain=domain, peer=peer))


def _result(query: _Query) -> Result:
    """Evaluate the query. pyspf raises more than its own exceptions for strange records; each is a permerror."""
    try:
        return Result(query.check()[0])
    except Exception:
        return Result.PERMERROR
