"""The one gate for automatic letters: whom a robot's letter may go to at all (RFC 3834 §2, RFC 5321 §4.5.5)."""

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model import Assurance, Channel
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import is_robot_address


def refuses_automatic_letter(incoming: Incoming) -> str | None:
    """Why no automatic letter may answer this; None when one may."""
    if incoming.channel is Channel.PLATFORM:
        return None
    if incoming.assurance is Assurance.FAILED:
        return "its author is probably forged"
    if incoming.null_path:
        return "the reverse-path is null"
    if incoming.kind is not Kind.PERSON:
        return f"it is not a person's own mail but {incoming.kind.value.replace('_', ' ')}"
    if not incoming.reply_to:
        return "it has no address that could be answered"
    if is_robot_address(incoming.reply_to):
        return f"nobody reads {incoming.reply_to}"
    return None
