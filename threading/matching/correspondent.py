"""Find the person whom the desk answers. The answer proves nobody's identity and gives nobody a place on a ticket.

The desk answers the author, or the person for whom a machine writes. If neither is certain, nobody is answered: staff are told,
and can name the customer with `#author`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from helpdesk.config.conduct import Form
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.reading.parsed import Mailbox, ParsedMessage
from helpdesk.threading.trust.addresses import canonical, domain_of, is_robot_address, reachable
from helpdesk.threading.trust.identity import Identity

# Web servers and form plug-ins write under these names for the person who filled in a form. Without Reply-To they count as people.
FORM_NAMES = frozenset(
    {"wordpress", "www-data", "apache", "nginx", "httpd", "nobody", "form", "forms", "formmail", "webform", "web-form", "contact-form",
     "contactform", "kontaktformular", "formular", "formulaire", "formulario", "modulo", "website", "webmaster", "webserver", "mailer",
     "shop", "notification", "notifications"}
)  # fmt: skip
ORIGINAL_AUTHOR = ("x-original-from", "x-original-sender")  # as Google Groups writes them (seen in its mail)
# Marks of a rule that forwards mail without a person: Exchange's, and any automatic submission (RFC 3834 §5).
RULE_MARK = "x-ms-exchange-inbox-rules-loop"
VIA = (" via ", " durch ", " par ", " tramite ", " a través de ", " através de ")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """The person to whom letters about a mail go. `address` is "" if nobody can be answered; `name` is the name in the mail.

    `reason` tells staff why this is not the author, or that the author asks to be answered elsewhere; "" if there is nothing to
    tell.
    """

    address: str
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The input of the decision: the author that the mail shows, and the people whom it names instead."""

    author: str
    name: str
    others: tuple[Mailbox, ...]  # people in Reply-To, except the author and the desk itself
    message: ParsedMessage


def correspondent_of(
    identity: Identity, message: ParsedMessage, *, is_ours: Callable[[str], bool], forms: tuple[Form, ...] = ()
) -> Correspondent:
    """The person to answer, by the first case that applies: a list that rewrote From, the desk's own web form, another form or
    robot, the author.

    `forms` are addresses and domains from which machines write for people.
    """
    shown = message.author or Mailbox("", "")
    author = identity.address or reachable(shown.address)
    others = tuple(mailbox for mailbox in message.reply_to if _is_other(mailbox, author) and not is_ours(mailbox.address))
    claim = Claim(author, shown.name, others, message)
    if _is_rewritten(claim):
        return _behind_list(claim, is_ours)
    forwarded = _author_of_bare_forward(claim, is_ours)
    if forwarded is not None and _is_by_rule(message):
        why = sentence("{author} forwards mail by a rule, and {address} wrote this", author=author, address=forwarded.address)
        return Correspondent(forwarded.address, forwarded.name, why)
    if author and is_ours(author):
        return _behind_machine(
            claim, sentence("it was written as {author}, an address of the desk", author=author), Correspondent("", shown.name)
        )
    machine = sentence("{author} is a machine that writes for others", author=author)
    if any(form.covers(author) for form in forms):
        return _behind_machine(claim, machine, Correspondent("", shown.name))
    if is_robot_address(author) or (others and _names_form(author)):
        return _behind_machine(claim, machine, Correspondent(author, shown.name))
    wish = (
        sentence("its author asks to be answered at {others}; #author ADDRESS makes that the customer", others=_list_of(others))
        if others
        else ""
    )
    return Correspondent(author, shown.name, wish or _told_of_forward(author, forwarded) or _told_of_sender(claim))


def _author_of_bare_forward(claim: Claim, is_ours: Callable[[str], bool]) -> Mailbox | None:
    """The author of a mail that is forwarded without a word; None if the mail says something of its own, or names no such author."""
    forward = claim.message.forward
    if forward is None or forward.author is None or forward.comment.strip():
        return None
    address = reachable(forward.author.address)
    known = not address or address == claim.author or is_ours(address)
    return None if known else Mailbox(forward.author.name, address)


def _is_by_rule(message: ParsedMessage) -> bool:
    submitted = (message.header("auto-submitted") or "no").strip().lower()
    return message.header(RULE_MARK) is not None or submitted.startswith("auto-")


def _told_of_forward(author: str, forwarded: Mailbox | None) -> str:
    if forwarded is None:
        return ""
    return sentence(
        "{author} forwards a mail of {address} without a word; #author {address} makes that the customer",
        author=author,
        address=forwarded.address,
    )


def _told_of_sender(claim: Claim) -> str:
    """A remark about a person who sent the mail on behalf of its author (RFC 5322 §3.6.2); "" for senders that are machines.

    Lists and services stand in Sender too, at domains of their own, and say nothing about the person.
    """
    sender = reachable(claim.message.sender.address) if claim.message.sender else ""
    colleague = sender != claim.author and domain_of(sender) == domain_of(claim.author)
    if not sender or not colleague or is_robot_address(sender) or _names_form(sender):
        return ""
    return sentence("{sender} sent it on behalf of {author}, who is answered", sender=sender, author=claim.author)


def _is_other(mailbox: Mailbox, author: str) -> bool:
    address = reachable(mailbox.address)
    return bool(address) and address != author


def _is_rewritten(claim: Claim) -> bool:
    """Whether a list put its own address into From, as lists do if the author's domain publishes a DMARC policy."""
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
    """The person who wrote to the list; nobody if the list does not name them, because an answer to the list would reach all its
    members.
    """
    candidates = [person for person in _originals(claim) if not is_ours(person.address) and person.address != claim.author]
    if candidates:
        person = candidates[0]
        return Correspondent(
            person.address,
            person.name,
            sentence("{author} is a list, and {address} wrote to it", author=claim.author, address=person.address),
        )
    return Correspondent(
        "",
        claim.name,
        sentence("{author} is a list and does not say who wrote, so there is nobody to answer", author=claim.author),
    )


def _originals(claim: Claim) -> Iterator[Mailbox]:
    fields = dict(claim.message.headers)
    name = _before_via(claim.name)
    for field in ORIGINAL_AUTHOR:
        address = canonical(fields.get(field, "").rpartition("<")[2].strip(" >"))
        if address:
            yield Mailbox(name, address)
    yield from (Mailbox(other.name or name, reachable(other.address)) for other in claim.others)
    # A list that takes the answers itself copies the author, as Mailman does.
    copied = (mailbox for mailbox in claim.message.cc if name and mailbox.name.casefold() == name.casefold())
    yield from (Mailbox(mailbox.name, address) for mailbox in copied if (address := reachable(mailbox.address)))


def _before_via(name: str) -> str:
    at = min((found for word in VIA if (found := name.lower().find(word)) >= 0), default=len(name))
    return name[:at].strip(" '\"")


def _names_form(author: str) -> bool:
    return author.rpartition("@")[0].partition("+")[0] in FORM_NAMES


def _behind_machine(claim: Claim, why: str, otherwise: Correspondent) -> Correspondent:
    """The first person in Reply-To at another domain than the machine's, because shops name themselves too, or else the first.

    `otherwise` becomes the requester if Reply-To decides nothing. The gate sends no letter to an address that nobody reads.
    """
    if not claim.others:
        return replace(
            otherwise,
            reason=sentence("{why} and names nobody else, so there is nobody to answer; #author ADDRESS names somebody", why=why),
        )
    elsewhere = (other for other in claim.others if domain_of(reachable(other.address)) != domain_of(claim.author))
    person = next(elsewhere, claim.others[0])
    address = reachable(person.address)
    asks = sentence("{why}; it asks to be answered at {others}", why=why, others=_list_of(claim.others))
    if len(claim.others) > 1:
        asks = sentence("{asks}, of whom {address} is answered; #author ADDRESS names another", asks=asks, address=address)
    return Correspondent(address, person.name or claim.name, asks)


def _list_of(others: tuple[Mailbox, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reachable(other.address) for other in others))
