"""Lists the kinds of cause in the order in which the worker processes them."""

from helpdesk.gateway.work.digest import Digests
from helpdesk.gateway.work.gathered import GatheredLetters
from helpdesk.gateway.work.guessing import Guessing
from helpdesk.gateway.work.incident import Outbreaks
from helpdesk.gateway.work.kind import CauseKind
from helpdesk.gateway.work.letter_outcome import LetterOutcomes
from helpdesk.gateway.work.mail import Mails
from helpdesk.gateway.work.reply import Replies
from helpdesk.gateway.work.succession import Successions
from helpdesk.gateway.work.timer import Timers
from helpdesk.gateway.work.weekly_report import WeeklyReports

# Replies first: a reply that waits is older than a mail that is claimed after it was found.
DECIDED_BY_WORKERS: tuple[type[CauseKind], ...] = (Replies, Mails)
CAUSES: tuple[type[CauseKind], ...] = (
    Successions,
    *DECIDED_BY_WORKERS,
    Timers,
    LetterOutcomes,
    Digests,
    GatheredLetters,
    WeeklyReports,
    Outbreaks,
    Guessing,
)
