"""How a mailbox lets us in: a password, or an access token that can be renewed. Never the one where the other was configured."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from helpdesk.config.settings import Mailbox
from helpdesk.gateway.doors.mailbox.session import MailboxAway, Trouble


class AccessTokens(Protocol):
    """Where access tokens come from (RFC 6749)."""

    def current(self) -> str: ...

    def renewed(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Password:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token (RFC 6750)."""

    token: str = field(repr=False)


Secret = Password | Bearer


class Login:
    """The secrets of one mailbox, read anew for each session: an operator may change a file at any time."""

    def __init__(self, mailbox: Mailbox, tokens: AccessTokens | None = None) -> None:
        self._password_file = mailbox.password_file
        self._tokens = tokens

    @property
    def renewable(self) -> bool:
        """Whether it is worth asking for another secret when this one is refused."""
        return self._tokens is not None

    def secret(self, *, renewed: bool = False) -> Secret:
        """Raises MailboxAway where there is none."""
        if self._tokens is None:
            return Password(self._password())
        try:
            return Bearer(self._tokens.renewed() if renewed else self._tokens.current())
        except OSError as fault:
            raise MailboxAway(Trouble.AWAY, f"no access token: {fault}") from fault

    def _password(self) -> str:
        try:
            return Path(self._password_file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            raise MailboxAway(Trouble.REFUSED, f"{self._password_file}: the password cannot be read: {fault}") from fault
