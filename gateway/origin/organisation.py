"""The organisational domain of a domain name (RFC 7489 §3.2); the only module that knows publicsuffixlist."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisational_domain(domain: str) -> str:
    """`acme.co.uk` for `mail.acme.co.uk`. A public suffix is its own organisational domain."""
    return str(_list().privatesuffix(domain) or domain)


@cache
def _list() -> PublicSuffixList:
    """The list, read when it is first needed."""
    return PublicSuffixList()
