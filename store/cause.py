"""What an outcome comes from: a mail, a reply written in the platform, a due timer, or a letter that failed. Each causes its
effects once."""

from dataclasses import dataclass

from helpdesk.threading.model import TimerKind


@dataclass(frozen=True, slots=True)
class MailCause:
    """A claimed inbound mail. `lease_token` proves that it is still ours; the rest is what reading it brought to light."""

    inbound_id: int
    lease_token: int
    fingerprint: str | None
    message_id: str | None

    def __str__(self) -> str:
        return f"mail:{self.inbound_id}"


@dataclass(frozen=True, slots=True)
class PlatformCause:
    reply_id: int

    def __str__(self) -> str:
        return f"platform:{self.reply_id}"


@dataclass(frozen=True, slots=True)
class TimerCause:
    ticket_id: int
    kind: TimerKind
    occurrence: int

    def __str__(self) -> str:
        return f"timer:{self.ticket_id}:{self.kind}:{self.occurrence}"


@dataclass(frozen=True, slots=True)
class LetterCause:
    """A letter that the relay refused for good, or that was given up."""

    letter_id: int

    def __str__(self) -> str:
        return f"letter:{self.letter_id}"


Cause = MailCause | PlatformCause | TimerCause | LetterCause
