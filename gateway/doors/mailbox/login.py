"""The secret with which a mailbox is opened: a password, or an access token that can be renewed, whichever the configuration
names.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.gateway.oauth import AccessTokens, TokenRefused, TokenUnavailable


class Tokens(Protocol):
    """A source of access tokens (RFC 6749)."""

    def current(self) -> str:
        """A token that should be good. Raise TokenRefused or TokenUnavailable."""

    def renew(self, rejected: str = "") -> str:
        """Another token than the rejected one. Raise TokenRefused or TokenUnavailable."""


@dataclass(frozen=True, slots=True)
class Password:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token (RFC 6750)."""

    token: str = field(repr=False)


Secret = Password | Bearer


class Login:
    """The secrets of one mailbox. A password file is read anew for each session, so that an operator may change it at any
    time.
    """

    def __init__(self, mailbox: MailboxSettings, tokens: Tokens | None = None) -> None:
        self._password_file, self._password_variable = mailbox.password_file, mailbox.password_variable
        timeout = mailbox.timeout.total_seconds()
        self._tokens = tokens or (AccessTokens(mailbox.oauth, timeout=timeout) if mailbox.oauth else None)

    def secret(self) -> Secret:
        """The secret to log in with. Raise MailboxAway where it cannot be had."""
        if self._tokens is None:
            return Password(self._password())
        return Bearer(_token(self._tokens.current))

    def instead_of(self, refused: Secret) -> Secret | None:
        """A new access token in place of a refused one; None for a password. Raise MailboxAway."""
        tokens = self._tokens
        if tokens is None or not isinstance(refused, Bearer):
            return None
        return Bearer(_token(lambda: tokens.renew(refused.token)))

    def _password(self) -> str:
        if self._password_variable:
            return os.environ.get(self._password_variable, "")
        try:
            return Path(self._password_file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            raise MailboxAway(MailboxTrouble.REFUSED, f"{self._password_file}: the password cannot be read: {fault}") from fault


def _token(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except TokenRefused as fault:
        raise MailboxAway(MailboxTrouble.REFUSED, str(fault)) from fault
    except TokenUnavailable as fault:
        raise MailboxAway(MailboxTrouble.AWAY, str(fault)) from fault
