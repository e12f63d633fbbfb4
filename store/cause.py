"""What an outcome comes from: a mail, a reply written in the platform, a due timer, the fate of a letter, a morning,
letters that were gathered, requests that report the same, or passwords that somebody guesses.

Each causes its effects once.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from helpdesk.threading.model.mail import LetterFate
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.reporting.report import Weeks
from helpdesk.threading.trust.guessing import Alarm


@dataclass(frozen=True, slots=True)
class MailCause:
    """A claimed inbound mail. `lease_token` proves that it is still ours; the rest is what reading it brought to light.

    `decided_before` counts how often it has been decided already, then let go by its author or replayed: each time it has effects of its own.
    """

    inbound_id: int
    lease_token: int
    fingerprint: str | None
    message_id: str | None
    decided_before: int = 0
    signed_content: str = ""

    def __str__(self) -> str:
        return f"mail:{self.inbound_id}" + (f".{self.decided_before}" if self.decided_before else "")


def unproved_fingerprint(fingerprint: str) -> str:
    """Under which a mail stands that spoke for nobody: its copies without proof are the same mail, and a proved one is another."""
    return sha256(f"unproved {fingerprint}".encode()).hexdigest()


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
    """A letter of ours that was given up, or has waited for long. `reply` is what the relay said last."""

    letter_id: int
    fate: LetterFate
    reply: str

    def __str__(self) -> str:
        return f"letter:{self.letter_id}:{self.fate}"


@dataclass(frozen=True, slots=True)
class DigestCause:
    """A working day on which a staff member has had no digest yet."""

    staff: str  # canonical address
    day: date

    @property
    def claims(self) -> str:
        """What no other node may write to the same member."""
        return self.day.isoformat()

    def __str__(self) -> str:
        return f"digest:{self.day}:{self.staff}"


@dataclass(frozen=True, slots=True)
class GatheredCause:
    """Letters to a staff member that did not go out, and of which one letter tells: their ids, and those of their tickets in the same order."""

    staff: str  # canonical address
    letter_ids: tuple[int, ...]
    ticket_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"gathered:{self.letter_ids[0]}:{self.staff}"


@dataclass(frozen=True, slots=True)
class WeeklyCause:
    """A week of which a manager has had no report yet: the one that ended when this one, as ISO 8601 counts, began."""

    staff: str  # canonical address
    week: str  # "2026-W48"
    weeks: Weeks = field(compare=False)

    @property
    def claims(self) -> str:
        return self.week

    def __str__(self) -> str:
        return f"weekly:{self.week}:{self.staff}"


@dataclass(frozen=True, slots=True)
class OutbreakCause:
    """Requests of many customers that are alike, the oldest first, and the words that they share."""

    ticket_ids: tuple[int, ...]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"outbreak:{self.ticket_ids[0]}"


@dataclass(frozen=True, slots=True)
class GuessingCause:
    """Alarms about guessed passwords of which nobody has been told: the places, and how often somebody has failed there."""

    alarms: tuple[Alarm, ...]
    at: datetime  # of the newest

    def __str__(self) -> str:
        return f"guessing:{self.at.isoformat()}"


Cause = (
    MailCause
    | PlatformCause
    | TimerCause
    | LetterCause
    | DigestCause
    | GatheredCause
    | WeeklyCause
    | OutbreakCause
    | GuessingCause
)
