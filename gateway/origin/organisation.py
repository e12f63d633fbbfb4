"""The door to publicsuffixlist: the part of a domain that somebody registered (RFC 7489 §3.2)."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(domain: str) -> str:
    """`acme.co.uk` of `mail.acme.co.uk`; a public suffix is its own."""
    return str(_list().privatesuffix(domain) or domain)


@cache
def _list() -> PublicSuffixList:
    """Read once, when the first mail asks."""
    return PublicSuffixList()
