"""A side conversation with a third person, who knows nothing of the ticket but what staff write to them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Consultation:
    """One side conversation. `number` counts from 1 on the ticket and stands in the third person's reply token.

    `message_ids` are those of the third person's mails, the newest last, so that their client shows one thread.
    """

    number: int
    address: str
    asked_by: str
    asked_at: datetime
    message_ids: tuple[str, ...] = ()
