"""Warnings about a sound configuration: what is allowed, but seldom meant for a desk at work."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from helpdesk.config.address import domain_of
from helpdesk.config.paths import places_in
from helpdesk.config.policy import Policy
from helpdesk.config.secret import loose_permissions
from helpdesk.config.settings import Settings
from helpdesk.config.shapes import endpoint, socket_path


def cautions(settings: Settings, policy: Policy) -> Iterator[str]:
    """One sentence for each, the gravest first."""
    if settings.authentication.assume_from:
        networks = ", ".join(settings.authentication.assume_from)
        yield f"AUTHENTICATION IS ASSUMED: whoever sends from {networks} can write as anybody, staff included (authentication.assume_from)"
    domain = settings.desk.domain
    if any(domain_of(member.address) == domain for member in policy.staff):
        yield (
            f"desk.domain {domain} is also the mail domain of staff: a ticket's address could receive somebody's verification mail; "
            "give the desk a domain of its own, such as support.example.com"
        )
    if settings.relay.url.startswith("maildir:"):
        yield f"no letter leaves this machine: they are put into {settings.relay.url.removeprefix('maildir:')} (relay.url)"
    if settings.smtp and not settings.smtp.certificate:
        yield "the SMTP door has no TLS certificate, so mail comes in in clear and nobody can log in (smtp.certificate)"
    for mailbox in settings.mailboxes:
        if mailbox.allow_clear_text:
            yield f"the password of mailbox {mailbox.name} may go over the network in clear (allow_clear_text)"
    if not settings.authentication.check and not settings.authentication.trusted_authserv_ids:
        yield "nothing proves who wrote a mail, so staff cannot work by mail: authentication.check is off and no relay's word is taken"
    smtp = [settings.smtp] if settings.smtp else []
    for section in (settings.relay, *settings.mailboxes, *settings.dkim, *smtp):
        for _, mark, path in places_in(section):
            if mark.secret and path:
                yield from loose_permissions(Path(path))
    if settings.lmtp and not _is_local(settings.lmtp.listen):
        yield f"LMTP knows neither TLS nor login, and {settings.lmtp.listen} can be reached by others: give it loopback or a socket (lmtp.listen)"


def _is_local(listen: str) -> bool:
    """Whether only this machine can connect there."""
    if socket_path(listen) is not None:
        return True
    host = endpoint(listen)[0]
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
