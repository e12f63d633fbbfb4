"""The commands of a client so far, and which may come next (RFC 5321 §4.1.4). No I/O."""

from collections.abc import Callable

from helpdesk.gateway.doors.paths import forward_path, reverse_path
from helpdesk.gateway.doors.replies import (
    NEEDS_SMTPUTF8,
    OUT_OF_ORDER,
    RECIPIENT_OK,
    SENDER_OK,
    START_INPUT,
    SYNTAX,
    TOO_LARGE,
    TOO_MANY_RECIPIENTS,
    UNKNOWN_RECIPIENT,
    Reply,
)
from helpdesk.threading.model.mail import Envelope

LONGEST_NAME = 255


class Transaction:
    """One mail transaction after another in one session. `reset` ends the current one, whatever became of it."""

    def __init__(self, is_ours: Callable[[str], bool], domain: str, max_size: int, max_recipients: int) -> None:
        self._is_ours = is_ours
        self._domain = domain.lower()
        self._max_size = max_size
        self._max_recipients = max_recipients
        self.helo = ""
        self.reset()

    def reset(self) -> None:
        """End the transaction: no sender, no recipients."""
        self._reverse_path: str | None = None
        self._forward_paths: list[str] = []
        self.smtputf8 = False

    @property
    def is_open(self) -> bool:
        """Whether MAIL was accepted."""
        return self._reverse_path is not None

    @property
    def envelope(self) -> Envelope:
        return Envelope(self._reverse_path or "", tuple(self._forward_paths))

    def greet(self, name: bytes) -> Reply | None:
        """Take the argument of HELO, EHLO or LHLO. Any name is accepted (RFC 5321 §4.1.4); a missing one is refused."""
        helo = "".join(letter for letter in name.decode("utf-8", "replace").strip() if letter.isprintable())
        if not helo:
            return SYNTAX
        self.reset()
        self.helo = helo[:LONGEST_NAME]
        return None

    def mail(self, argument: bytes) -> Reply:
        """Take the argument of MAIL, and return the reply."""
        if not self.helo or self.is_open:
            return OUT_OF_ORDER
        path = reverse_path(argument)
        if isinstance(path, Reply):
            return path
        if int(path.parameters.get("SIZE", "0")) > self._max_size:
            return TOO_LARGE
        self._reverse_path = path.address
        self.smtputf8 = "SMTPUTF8" in path.parameters
        return SENDER_OK

    def rcpt(self, argument: bytes) -> Reply:
        """Take the argument of RCPT, and return the reply."""
        if not self.is_open:
            return OUT_OF_ORDER
        path = forward_path(argument)
        if isinstance(path, Reply):
            return path
        if not path.address.isascii() and not self.smtputf8:
            return NEEDS_SMTPUTF8
        if not self.is_here(path.address):
            return UNKNOWN_RECIPIENT
        if len(self._forward_paths) >= self._max_recipients:
            return TOO_MANY_RECIPIENTS
        self._forward_paths.append(path.address)
        return RECIPIENT_OK

    def data(self, argument: bytes) -> Reply:
        """The reply to DATA: START_INPUT where mail data may follow."""
        if not self._forward_paths:
            return OUT_OF_ORDER
        return SYNTAX if argument else START_INPUT

    def is_here(self, address: str) -> bool:
        """Whether a recipient address is one of the desk's. Postmaster always is, with our domain and without one (RFC 5321
        §4.5.1).
        """
        return address.lower() in ("postmaster", f"postmaster@{self._domain}") or self._is_ours(address)
