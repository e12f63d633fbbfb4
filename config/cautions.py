"""Warnings about a sound configuration: what is allowed, but seldom meant for a desk at work."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from helpdesk.config.address import domain_of
from helpdesk.config.paths import places_in
from helpdesk.config.policy import Policy
from helpdesk.config.secret import loose_permissions
from helpdesk.config.settings import Settings
from helpdesk.config.shapes import endpoint, is_loopback, socket_path

DEDICATED = "custom"  # the plan that promises a dedicated channel
PAGE = "{request_page}"  # in a ready answer
MOST_NAMED = 5  # accounts of one warning


def cautions(settings: Settings, policy: Policy) -> Iterator[str]:
    """One sentence for each warning, the gravest first."""
    if settings.authentication.assume_from:
        networks = ", ".join(settings.authentication.assume_from)
        yield f"AUTHENTICATION IS ASSUMED: whoever sends from {networks} can write as anybody, as staff too; empty the list before real work (authentication.assume_from)"
    domain = settings.desk.domain
    if any(domain_of(member.address) == domain for member in policy.staff):
        yield (
            f"desk.domain {domain} is also the mail domain of staff: a ticket's address could receive somebody's verification mail; "
            "give the desk a domain of its own, such as support.example.com"
        )
    if settings.relay.url.startswith("maildir:"):
        yield f"no letter leaves this machine: letters are put into {settings.relay.url.removeprefix('maildir:')}; name a relay to send them (relay.url)"
    for door in settings.smtp_doors:
        if not door.certificate:
            which = "the SMTP door" if len(settings.smtp_doors) == 1 else f"the SMTP door at {door.listen}"
            yield f"{which} has no TLS certificate, so mail arrives unencrypted and nobody can log in; name one (smtp.certificate)"
    yield from _without_page(settings, policy)
    yield from _without_address(policy)
    for mailbox in settings.mailboxes:
        if mailbox.allow_clear_text:
            yield f"the password of mailbox {mailbox.name} may go over the network in clear (allow_clear_text)"
    if not settings.authentication.check and not settings.authentication.trusted_authserv_ids:
        yield "nothing proves who wrote a mail, so staff cannot work by mail: turn authentication.check on, or name trusted_authserv_ids"
    watched = [section for section in (settings.metrics, settings.alarm) if section]
    sections = (settings.database, settings.relay, *settings.mailboxes, *settings.dkim, *settings.smtp_doors, *settings.webhook)
    for section in (*sections, *watched):
        for _, mark, path in places_in(section):
            if mark.secret and path:
                yield from loose_permissions(Path(path))
    listen = settings.lmtp.listen if settings.lmtp else ""
    bucket = settings.database.bucket
    if bucket and bucket.endpoint.startswith("http:") and not is_loopback(urlsplit(bucket.endpoint).hostname or ""):
        yield f"large mails pass the network in clear on their way to {bucket.endpoint}; write https:// (database.bucket.endpoint)"
    if settings.metrics and not settings.metrics.key_file and not is_loopback(endpoint(settings.metrics.listen)[0]):
        yield f"/metrics at {settings.metrics.listen} can be read by everybody who can connect to it; write a key (metrics.key_file)"
    if settings.http and settings.http.operator_listen and not is_loopback(endpoint(settings.http.operator_listen)[0]):
        yield f"the operator's page at {settings.http.operator_listen} knows no TLS, and keys pass it in clear: give it loopback and a proxy before it (http.operator_listen)"
    if settings.http and settings.http.listen and not is_loopback(endpoint(settings.http.listen)[0]):
        yield f"the HTTP API at {settings.http.listen} knows no TLS, and keys pass it in clear: give it loopback and a proxy before it (http.listen)"
    if (
        settings.http
        and settings.http.listen
        and not settings.http.database_role
        and not settings.database.url.startswith("sqlite")
    ):
        yield "the HTTP API reads the database with all rights of its login; name a role that cannot read internal notes (http.database_role)"
    if settings.http and settings.http.database_role and not settings.http.directory_role:
        yield "the directory of the HTTP API has all rights of the database's login; name a role that cannot read conversations (http.directory_role)"
    if settings.request_form and not settings.has_request_form:
        yield "the form for requests needs an address for browsers and a listener: write both (http.address, http.listen)"
    if (
        settings.request_form
        and settings.has_request_form
        and not settings.request_form.database_role
        and not settings.database.url.startswith("sqlite")
    ):
        yield "the form for requests has all rights of the database's login; name a role that only stores mail (request_form.database_role)"
    if settings.http and (settings.http.address or settings.http.embed) and not (settings.http.address and settings.http.listen):
        yield "the inbox page needs an address for browsers and a listener: write both (http.address, http.listen)"
    if listen and socket_path(listen) is None and not is_loopback(endpoint(listen)[0]):
        yield f"LMTP knows neither TLS nor login, and {listen} can be reached by others: give it loopback or a socket (lmtp.listen)"
    for webhook in settings.webhook:
        url = urlsplit(webhook.url)
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            yield f"events for webhook {webhook.name} go over the network in clear; write an https address (webhook.url)"
        if webhook.include:
            yield f"webhook {webhook.name} gets the words of customers, and `helpdesk erase` cannot reach what it keeps (webhook.include)"
    yield from _of_alarms(settings, policy)


def _of_alarms(settings: Settings, policy: Policy) -> Iterator[str]:
    """Alarms that would reach nobody, or the desk itself."""
    alarm = settings.alarm
    if alarm is None:
        return
    ours = [address for address in alarm.mail_to if domain_of(address) == settings.desk.domain]
    if ours:
        yield f"alarms to {', '.join(ours)} would come back to this desk; name mailboxes that need nothing of it (alarm.mail_to)"
    if not alarm.mail_to and not alarm.webhook:
        yield "no alarm is told to anybody; write alarm.mail_to or alarm.webhook"
    elif not alarm.webhook and alarm.relay is None:
        yield "an alarm about the relay can only be told when the relay is back; write alarm.webhook, or a second relay as [alarm.relay]"


def _without_page(settings: Settings, policy: Policy) -> Iterator[str]:
    """A warning about ready answers that name the page for new requests, where the desk has none."""
    names = [name for name, answer in policy.all_ready_answers.items() if any(PAGE in text for text in answer.texts.values())]
    if names and not settings.request_page:
        yield f"there is no page for new requests that {PAGE} could stand for in the ready answer {', '.join(names)}; name it (desk.request_page)"


def _without_address(policy: Policy) -> Iterator[str]:
    """A warning about accounts on the plan of dedicated channels that have no support address of their own."""
    having = {entry.account for entry in policy.addresses}
    missing = [account.id for account in policy.accounts if account.plan == DEDICATED and account.id not in having]
    if missing:
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        yield (
            f"plan {DEDICATED} promises a channel of its own, and no [[address]] names the account {', '.join(missing[:MOST_NAMED])}{more}; "
            "give it one (account of [[address]])"
        )
