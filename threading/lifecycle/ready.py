"""Ready answers in a staff member's words, and the one that fits a customer's message."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from helpdesk.config.lexicon import Lexicons, in_language, words_of
from helpdesk.config.policy import Policy
from helpdesk.config.ready_answers import filled
from helpdesk.config.ready_texts import TEXTS
from helpdesk.threading.commands.grammar import use_of
from helpdesk.threading.lifecycle.alarm import alarm_of
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind

READ = 10_000  # characters of a message
LONGEST_NAME = 80  # characters of a name whose nearest one is looked for


def fitting_answer(incoming: Incoming, policy: Policy) -> str:
    """The name of the ready answer whose words a message says most, of equal ones the first; "" if it says none.

    Words that need a person now have no ready answer.
    """
    text = f"{incoming.subject}\n{incoming.text}"[:READ]
    if incoming.kind is not Kind.PERSON or alarm_of(incoming, policy) is not None:
        return ""
    said = policy.derived(_reader).read(words_of(text)).found(policy.ready_words)
    names = [meaning.key for meaning in in_language(said, incoming.told_language.partition("-")[0])]
    return max(policy.all_ready_answers, key=names.count) if names else ""


def rule_for_customer(incoming: Incoming, policy: Policy) -> str:
    """The name of the built-in answer whose rule a confirmation says, because the message asks for what support cannot do; "" for none."""
    name = fitting_answer(incoming, policy)
    return name if name in TEXTS else ""


def remark_on_answer(incoming: Incoming, policy: Policy) -> tuple[Sentence, ...]:
    """A line for staff that proposes the ready answer that fits a message."""
    name = fitting_answer(incoming, policy)
    return (sentence("A ready answer may fit: #use {name}", name=name),) if name else ()


def with_answers(words: str, ticket: Ticket, staff: str, context: Context) -> str:
    """The words with each `#use` line replaced by its text, in the language of the customer. Lines with unknown names stay."""
    if not any(True for _ in names_in(words)):
        return words
    policy, known = context.policy, context.policy.all_ready_answers
    values = _values(ticket, staff, context.request_page)

    def text_for(line: str) -> str:
        answer = known.get(use_of(line) or "")
        return line if answer is None else filled(answer.text_in(ticket.language, policy.default_language)[0], values)

    return "\n".join(text_for(line) for line in words.split("\n"))


def unknown_answers(words: str, policy: Policy) -> tuple[Sentence, ...]:
    """A sentence for each `#use` line of a text whose name is unknown."""
    known = policy.all_ready_answers
    return tuple(_say_unknown(name, sorted(known)) for name in dict.fromkeys(names_in(words)) if name not in known)


def _say_unknown(name: str, known: Sequence[str]) -> Sentence:
    near = get_close_matches(name[:LONGEST_NAME], known, n=1)
    if near:
        return sentence('"#use {name}": there is no ready answer of this name. Did you mean "{near}"?', name=name, near=near[0])
    return sentence('"#use {name}": there is no ready answer of this name. Choose: {names}', name=name, names=tuple(known))


def names_in(words: str) -> Iterator[str]:
    """The names of the ready answers that a text uses, in order."""
    return (
        (name for line in words.split("\n") if (name := use_of(line)) is not None) if "#" in words or "!" in words else iter(())
    )


def _values(ticket: Ticket, staff: str, request_page: str) -> Mapping[str, str]:
    """What the values in braces stand for. Each is one line, and the customer knows all of them."""
    customer = ticket.participant(ticket.requester)
    values = {
        "name": customer.name if customer else "",
        "address": customer.address if customer else "",
        "account": ticket.account or "",
        "plan": ticket.plan,
        "reference": ticket.reference,
        "subject": ticket.subject,
        "staff": staff,
        "request_page": request_page,
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


def _reader(policy: Policy) -> Lexicons:
    return Lexicons((policy.ready_words,))
