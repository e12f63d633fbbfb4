"""A customer whose mailbox was full is reachable again once they write from it."""

from helpdesk.threading.decisions.machines.failures import Lasts, failure_of
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.sorting.statuses import status_in


def lift_if_reachable(draft: Draft, incoming: Incoming) -> Draft:
    """Lift the suppression of a proved author's address if it was for a fault that passes, such as a full mailbox.

    An address that does not exist stays suppressed: its owner may send from it without a mailbox behind it.
    """
    author = incoming.author
    known = draft.context.known.suppressions.get(author, ()) if author else ()
    if incoming.assurance not in SURE or not incoming.identity.may_be_customer or not known:
        return draft
    if not all(_passes(suppression) for suppression in known):
        return draft
    return draft.add_event("reachable_again", author, "they have written from this address").lift_suppressions(author)


def _passes(suppression: Suppression) -> bool:
    fault = failure_of(status_in(suppression.diagnostic))
    return suppression.reason is SuppressionReason.HARD_BOUNCE and fault.lasts is Lasts.SHORT
