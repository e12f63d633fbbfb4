"""Whom the desk answers. That is a question of its own: its answer proves nobody, and gives no place on a ticket."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.threading.reading.parsed import Mailbox, ParsedMessage
from helpdesk.threading.trust.addresses import is_robot_address, reachable
from helpdesk.threading.trust.identity import Identity


@dataclass(frozen=True, slots=True)
class Correspondent:
    """To whom a letter about a mail goes. `address` is "" where nobody can be answered; `name` is what the mail calls them.

    `reason` says why this is not simply the author, "" where it is.
    """

    address: str
    name: str
    reason: str = ""


def correspondent_of(identity: Identity, message: ParsedMessage, *, is_ours: Callable[[str], bool]) -> Correspondent:
    """The author; for a web form that writes as no-reply, the person in its Reply-To. Nobody where it would be an address of the desk."""
    shown = message.author or Mailbox("", "")
    author = identity.address or reachable(shown.address)
    if author and not is_robot_address(author):
        ours = is_ours(author)
        return Correspondent("" if ours else author, shown.name, "it would be an address of the desk" if ours else "")
    other = reachable(message.reply_to[0].address) if len(message.reply_to) == 1 else ""
    if other and not is_ours(other):
        return Correspondent(other, shown.name, f"{author or 'its author'} asks to be answered at {other}")
    return Correspondent("" if is_ours(author) else author, shown.name)
