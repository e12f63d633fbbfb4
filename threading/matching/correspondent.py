"""Whom the desk answers. That is a question of its own: its answer proves nobody, and gives nobody a place on a ticket.

The author is answered; but where the author is a machine that speaks for a person, the person is. Nobody is answered merely because
nobody else was found: staff are told then, and can name somebody with `#author`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from helpdesk.config.policy import Form
from helpdesk.threading.reading.parsed import Mailbox, ParsedMessage
from helpdesk.threading.trust.addresses import canonical, domain_of, is_robot_address, reachable
from helpdesk.threading.trust.identity import Identity

# By these names web servers and form plug-ins write for whoever filled in a form. Without a Reply-To they are answered as people are.
FORM_NAMES = frozenset(
    {"wordpress", "www-data", "apache", "nginx", "httpd", "nobody", "form", "forms", "formmail", "webform", "web-form", "contact-form",
     "contactform", "kontaktformular", "formular", "formulaire", "formulario", "modulo", "website", "webserver", "mailer", "shop"}
)  # fmt: skip
ORIGINAL_AUTHOR = ("x-original-from", "x-original-sender")  # as Google Groups writes them (seen in its mail)
VIA = (" via ", " durch ", " par ")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """To whom a letter about a mail goes. `address` is "" where nobody can be answered; `name` is what the mail calls them.

    `reason` tells staff why this is not simply the author, or that the author asks for another address; "" where there is nothing to tell.
    """

    address: str
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the decision looks at: the shown author, and the people whom the mail names instead."""

    author: str
    name: str
    others: tuple[Mailbox, ...]  # of Reply-To, at addresses that are neither the author's nor the desk's
    message: ParsedMessage


def correspondent_of(
    identity: Identity, message: ParsedMessage, *, is_ours: Callable[[str], bool], forms: tuple[Form, ...] = ()
) -> Correspondent:
    """The first of these that applies: a list or group that rewrote From; the desk's own web form; a form or robot; the author.

    `forms` are addresses and domains from which machines write for people.
    """
    shown = message.author or Mailbox("", "")
    author = identity.address or reachable(shown.address)
    others = tuple(mailbox for mailbox in message.reply_to if _is_other(mailbox, author) and not is_ours(mailbox.address))
    claim = Claim(author, shown.name, others, message)
    if _is_rewritten(claim):
        return _behind_list(claim, is_ours)
    if author and is_ours(author):
        return _instead(claim, f"it was written as {author}, an address of the desk", Correspondent("", shown.name))
    if is_robot_address(author) or any(form.covers(author) for form in forms) or (others and _names_form(author)):
        return _instead(claim, f"{author} is a machine that writes for others", Correspondent(author, shown.name))
    wish = f"its author asks to be answered at {_list_of(others)}; #author ADDRESS makes that the customer" if others else ""
    return Correspondent(author, shown.name, wish)


def _is_other(mailbox: Mailbox, author: str) -> bool:
    address = reachable(mailbox.address)
    return bool(address) and address != author


def _is_rewritten(claim: Claim) -> bool:
    """Whether a list put its own address into From, as lists do where the author's domain publishes a DMARC policy."""
    fields = dict(claim.message.headers)
    if not any(name in fields for name in ("list-id", "list-post", "mailing-list", *ORIGINAL_AUTHOR)):
        return False
    posts = {fields.get("list-post", "").strip(" <>").removeprefix("mailto:").partition("?")[0].lower()}
    list_id = fields.get("list-id", "").rpartition("<")[2].strip(" >").lower()
    local_part, _, domain = claim.author.rpartition("@")
    named = any(word in claim.name.lower() for word in VIA)
    return claim.author in posts or (bool(list_id) and list_id == f"{local_part}.{domain}") or (named and _names_original(fields))


def _names_original(fields: dict[str, str]) -> bool:
    return any(name in fields for name in ORIGINAL_AUTHOR)


def _behind_list(claim: Claim, is_ours: Callable[[str], bool]) -> Correspondent:
    """The person who wrote to the list; nobody where the list does not say who that was: an answer would go to all its members."""
    candidates = [person for person in _originals(claim) if not is_ours(person.address) and person.address != claim.author]
    if candidates:
        person = candidates[0]
        return Correspondent(person.address, person.name, f"{claim.author} is a list, and {person.address} wrote to it")
    return Correspondent("", claim.name, f"{claim.author} is a list and does not say who wrote, so there is nobody to answer")


def _originals(claim: Claim) -> Iterator[Mailbox]:
    fields = dict(claim.message.headers)
    name = _before_via(claim.name)
    for field in ORIGINAL_AUTHOR:
        address = canonical(fields.get(field, "").rpartition("<")[2].strip(" >"))
        if address:
            yield Mailbox(name, address)
    yield from (Mailbox(other.name or name, reachable(other.address)) for other in claim.others)


def _before_via(name: str) -> str:
    at = min((found for word in VIA if (found := name.lower().find(word)) >= 0), default=len(name))
    return name[:at].strip(" '\"")


def _names_form(author: str) -> bool:
    return author.rpartition("@")[0].partition("+")[0] in FORM_NAMES


def _instead(claim: Claim, why: str, otherwise: Correspondent) -> Correspondent:
    """The one person in Reply-To. Of several the one at another domain than the machine's own: shops name themselves, too.

    `otherwise` is who stands as the requester where the machine names no person, or several; the gate sends no letter to an address that
    nobody reads.
    """
    if not claim.others:
        return replace(
            otherwise, reason=f"{why} and names nobody else, so there is nobody to answer; #author ADDRESS names somebody"
        )
    elsewhere = [other for other in claim.others if domain_of(reachable(other.address)) != domain_of(claim.author)]
    if len(elsewhere or claim.others) > 1:
        return replace(
            otherwise, reason=f"{why} and names several people, {_list_of(claim.others)}; #author ADDRESS says who is answered"
        )
    person = (elsewhere or claim.others)[0]
    address = reachable(person.address)
    return Correspondent(address, person.name or claim.name, f"{why}; it asks to be answered at {_list_of(claim.others)}")


def _list_of(others: tuple[Mailbox, ...]) -> str:
    return " or ".join(dict.fromkeys(reachable(other.address) for other in others))
