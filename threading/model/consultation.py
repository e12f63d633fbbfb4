"""A side conversation with a third person, who knows nothing of the ticket but what staff write to them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Consultation:
    """One side conversation. `number` counts from 1 on the ticket and stands in the third person's reply token.

    `subject` is that of its first letter; it is none of the ticket's words. `message_ids` are those of its mails, the newest last, so that the
    third person's client shows one thread.
    """

    number: int
    address: str
    asked_by: str
    asked_at: datetime
    subject: str
    message_ids: tuple[str, ...] = ()
