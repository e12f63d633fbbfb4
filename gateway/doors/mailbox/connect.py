"""From the configuration of a mailbox to a session at its server."""

from collections.abc import Callable

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.address import ServerAddress, server_of
from helpdesk.gateway.doors.mailbox.imap_session import imap_session
from helpdesk.gateway.doors.mailbox.login import Login, Secret, Tokens
from helpdesk.gateway.doors.mailbox.pop3_session import pop3_session
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxSession, MailboxTrouble


def connector(mailbox: MailboxSettings, tokens: Tokens | None = None) -> Callable[[], MailboxSession]:
    """A function that opens a new session at the mailbox's server with each call.

    A refused access token is renewed once. A password is never tried in its place.
    """
    server, login = server_of(mailbox), Login(mailbox, tokens)

    def connect() -> MailboxSession:
        secret = login.secret()
        try:
            return _session(server, secret, mailbox.idle)
        except MailboxAway as fault:
            if fault.trouble is not MailboxTrouble.REFUSED or (another := login.instead_of(secret)) is None:
                raise
        return _session(server, another, mailbox.idle)

    return connect


def _session(server: ServerAddress, secret: Secret, idle: bool) -> MailboxSession:
    return pop3_session(server, secret) if server.protocol == "pop3" else imap_session(server, secret, idle=idle)
