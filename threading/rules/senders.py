"""Which entry of the lists of senders counts for a mail: the narrowest that names its sender."""

from collections.abc import Iterable, Mapping

from helpdesk.threading.model.listed_sender import ListedSender, Listing
from helpdesk.threading.rules.index import address_and_domains


def names_to_look_up(senders: Iterable[str]) -> tuple[str, ...]:
    """The addresses and domains under which entries for these senders may stand."""
    return tuple(dict.fromkeys(name for sender in senders for name in address_and_domains(sender)))


def entry_that_counts(
    author: str, proved: bool, senders: Iterable[str], listed: Mapping[str, ListedSender]
) -> ListedSender | None:
    """The entry by which a mail is allowed or blocked; None if there is none.

    For the author the narrowest entry counts, an address before its domain. Only a proved author can be allowed, because anybody can write
    an allowed address into From. Of the other senders, such as that of the reverse-path, only a block counts, and only where the author is
    not allowed.
    """
    of_author = _narrowest(author, proved, listed)
    if of_author is not None:
        return of_author
    found = (_narrowest(sender, False, listed) for sender in senders if sender != author)
    return next((entry for entry in found if entry is not None and not (entry.unproved_only and proved)), None)


def _narrowest(sender: str, proved: bool, listed: Mapping[str, ListedSender]) -> ListedSender | None:
    entries = (listed[name] for name in address_and_domains(sender) if name in listed) if sender else iter(())
    return next((entry for entry in entries if _counts(entry, proved)), None)


def _counts(entry: ListedSender, proved: bool) -> bool:
    if entry.listing is Listing.ALLOW:
        return proved
    return not (entry.unproved_only and proved)
