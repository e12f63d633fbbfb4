"""Name an open request of the same person with much the same words: staff read that the new one may be a duplicate."""

from helpdesk.threading.decisions.time.outbreak import OVER
from helpdesk.threading.incidents.likeness import features, repeats, words_of
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.sentence import Sentence, sentence

REMARK = "Possible duplicate of {reference} (“{subject}”), which is open: the same person, and much the same words. #merge {reference} joins them."


def remark_on_duplicate(draft: Draft, incoming: Incoming) -> tuple[Sentence, ...]:
    """The sentence for staff about the newest open request that a new one may repeat; () where none is like it."""
    new = features(words_of(draft.ticket.subject, incoming.text))
    requests = draft.context.known.requests.get(incoming.correspondent.address, ())
    found = next((request for request in requests if request.status not in OVER and repeats(new, features(request.words))), None)
    return (sentence(REMARK, reference=found.reference, subject=found.subject),) if found else ()
