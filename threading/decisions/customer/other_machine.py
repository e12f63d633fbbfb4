"""Another machine that answers the desk's letters: no automatic letter goes to it any more."""

from dataclasses import replace

from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.ping_pong import reference_in
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.sentence import sentence

PING_PONG = sentence("a machine seems to answer our letters, always at once and in the same words")


def stop_automatic_letters(draft: Draft, incoming: Incoming) -> Draft:
    """Stop automatic letters on this ticket, because another machine answers them, and remember that machine's own reference."""
    theirs = draft.ticket.their_reference or reference_in(incoming.subject, draft.ticket.reference)
    ticket = replace(draft.ticket, automatic_letters=False, their_reference=theirs)
    return replace(draft, ticket=ticket).add_event("ping_pong", incoming.author, PING_PONG)
