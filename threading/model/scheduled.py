"""An answer that is to be carried out later."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A staff member's mail that waits for its time. `inbound_id` is the id of the held mail, `by` the address of its author."""

    inbound_id: int
    by: str
    at: datetime
