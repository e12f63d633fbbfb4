"""How a mailbox lets us in: a password, or an access token that can be renewed. Never the one where the other was configured."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from helpdesk.config.settings import Mailbox
from helpdesk.gateway.doors.mailbox.session import MailboxAway, Trouble
from helpdesk.gateway.oauth import AccessTokens, TokenRefused, TokenUnavailable


class Tokens(Protocol):
    """Where access tokens come from (RFC 6749). Raises TokenRefused or TokenUnavailable."""

    def current(self) -> str: ...

    def renewed(self, rejected: str = "") -> str: ...


@dataclass(frozen=True, slots=True)
class Password:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token (RFC 6750)."""

    token: str = field(repr=False)


Secret = Password | Bearer


class Login:
    """The secrets of one mailbox. A password is read anew for each session: an operator may change its file at any time."""

    def __init__(self, mailbox: Mailbox, tokens: Tokens | None = None) -> None:
        self._password_file, self._password_variable = mailbox.password_file, mailbox.password_variable
        timeout = mailbox.timeout.total_seconds()
        self._tokens = tokens or (AccessTokens(mailbox.oauth, timeout=timeout) if mailbox.oauth else None)

    def secret(self) -> Secret:
        """Raises MailboxAway where there is none."""
        if self._tokens is None:
            return Password(self._password())
        return Bearer(_token(self._tokens.current))

    def instead_of(self, refused: Secret) -> Secret | None:
        """Another secret to try where this one was refused; None for a password. Raises MailboxAway."""
        tokens = self._tokens
        if tokens is None or not isinstance(refused, Bearer):
            return None
        return Bearer(_token(lambda: tokens.renewed(refused.token)))

    def _password(self) -> str:
        if self._password_variable:
            return os.environ.get(self._password_variable, "")
        try:
            return Path(self._password_file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            raise MailboxAway(Trouble.REFUSED, f"{self._password_file}: the password cannot be read: {fault}") from fault


def _token(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except TokenRefused as fault:
        raise MailboxAway(Trouble.REFUSED, str(fault)) from fault
    except TokenUnavailable as fault:
        raise MailboxAway(Trouble.AWAY, str(fault)) from fault
