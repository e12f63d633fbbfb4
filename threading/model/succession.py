"""What a request names that is not there any more, and who or what takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS = ("account", "plan", "queue", "support_address", "assignee")  # in the order in which they are replaced


@dataclass(frozen=True, slots=True)
class Bereft:
    """A request that names somebody or something that is gone. `gone` has the names by field, `heirs` those in their place.

    The heir of an assignee is "" where the queue takes over. A field that nothing can replace has no heir.
    """

    ticket_id: int
    version: int
    reference: str
    gone: Mapping[str, str]
    heirs: Mapping[str, str]
    thread_key: str = ""

    @property
    def can_be_helped(self) -> bool:
        """Whether anything of what is gone can be replaced."""
        return bool(self.heirs)
