"""The letter that brings a customer's words to the staff, with warnings about what is doubtful in them."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.config.policy import Policy, of_accounts
from helpdesk.threading.decisions.customer.people import people_as_shown
from helpdesk.threading.letters.names import ALARMS, SECRETS
from helpdesk.threading.letters.order import LetterWords, StaffFacts
from helpdesk.threading.lifecycle.alarm import alarm_of
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.firewall import holds_staff_letter
from helpdesk.threading.lifecycle.ready import remark_on_answer
from helpdesk.threading.lifecycle.routing import SENIORITY, escalation_assignee
from helpdesk.threading.lifecycle.said_words import NO_TEXT
from helpdesk.threading.lifecycle.team import notify_team, notify_watchers, staff_facts, team_of, watchers_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.attachment import numbered
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.reading.parsed import AMBIGUOUS
from helpdesk.threading.reading.subjects import new_subject
from helpdesk.threading.trust.addresses import reachable
from helpdesk.threading.trust.lookalikes import KnownNames, looks_like, shows_another

FORWARDS = "{author} is not known here and forwards a mail of {address}; #author {address} makes that the customer."


def tell_team(
    draft: Draft, incoming: Incoming, warnings: tuple[Sentence, ...], without: str = "", *, remarks: tuple[Sentence, ...] = ()
) -> Draft:
    """Send a customer's words to the staff who are responsible for the ticket."""
    notice = draft.rules[-1].to_team
    assert notice is not None
    facts = _facts_of_words(draft, incoming, warnings)
    remarks = (*_remark_on_rules(draft, incoming), *remark_on_answer(incoming, draft.context.policy), *remarks)
    facts = replace(facts, remarks=(*remarks, *facts.remarks)) if remarks else facts
    draft = notify_team(draft, notice, facts, words_from(incoming, draft), without=without)
    draft = notify_watchers(draft, notice, facts, words_from(incoming, draft), without=without)
    return (
        _tell_senior(draft, notice, facts, words_from(incoming, draft))
        if any(_alarm_warnings(incoming, draft.context.policy))
        else draft
    )


def notify_of_words(draft: Draft, incoming: Incoming, remark: Sentence, others: tuple[str, ...]) -> Draft:
    """Keep the message without changing the ticket's status, and notify the team and `others`, with a remark above the text."""
    facts = _facts_of_words(draft, incoming, (remark, *_reader_warnings(incoming), *_part_warnings(incoming)))
    members = dict.fromkeys(
        (*team_of(draft), *watchers_of(draft), *(member for member in draft.context.known.staff if member.address in others))
    )
    for member in members:
        draft = draft.notify_staff(member, Notice.CUSTOMER_REPLY, facts, words_from(incoming, draft))
    return draft


def words_from(incoming: Incoming, draft: Draft) -> LetterWords:
    """The customer's words and files for a letter to staff. Files have their numbers on the ticket."""
    sent = tuple(attachment for attachment in numbered(incoming.attachments, draft.ticket.files) if attachment.goes_along)
    text = incoming.text if incoming.text.strip() else NO_TEXT
    return LetterWords(text, incoming.author_name, sent, incoming.below, incoming.document)


def _facts_of_words(draft: Draft, incoming: Incoming, warnings: tuple[Sentence, ...]) -> StaffFacts:
    facts = staff_facts(draft, incoming.assurance, warnings=warnings, attachments=incoming.attachments)
    earlier = (message.subject for message in facts.last_messages)
    changed = new_subject(incoming.subject, (draft.ticket.subject, *earlier), draft.ticket.reference)
    return replace(facts, new_subject=changed, copied=people_as_shown(draft, incoming))


def _forward_warnings(incoming: Incoming, draft: Draft) -> list[Sentence]:
    """A line about a mail with words of its own that somebody unknown passes on: it may be a colleague at a private address.

    A forward without words is named where its author is told from whoever sent it (`matching.correspondent`).
    """
    forward, context = incoming.forward, draft.context
    begins = draft.expected_version is None and draft.ticket.account is None
    if not begins or forward is None or forward.mail.author is None or not forward.mail.comment.strip():
        return []
    address = reachable(forward.mail.author.address)
    own = address == incoming.author or context.ours.is_ours(address) or context.staff_member(address) is not None
    if not address or own:
        return []
    return [sentence(FORWARDS, author=incoming.author or sentence("nobody"), address=address)]


def warnings_about(incoming: Incoming, draft: Draft) -> tuple[Sentence, ...]:
    """Warnings for staff about a customer's mail: a doubtful author, an unexpected recipient of answers, parts that were not read
    or are masked.
    """
    warnings = [*_alarm_warnings(incoming, draft.context.policy), *_lookalike_warnings(incoming, draft)]
    if incoming.assurance is Assurance.FAILED:
        warnings.append(sentence("The sender may be forged: {reason}.", reason=incoming.identity.reason))
    elif incoming.identity.is_none and incoming.account is None:
        warnings.append(sentence("Nobody is certainly its author: {reason}.", reason=incoming.identity.reason))
    category = draft.context.policy.categories.get(draft.ticket.category)
    if category is not None and category.sensitive and draft.ticket.assurance not in SURE:
        warnings.append(
            sentence(
                "Nothing proves who asks, and this is about {category}: an answer is held once, to ask you first.",
                category=draft.ticket.category,
            )
        )
    if holds_staff_letter(incoming, draft.context):
        warnings.append(
            sentence("It holds a letter of the desk to staff, or a piece of one: it is not in the customer's platform inbox.")
        )
    warnings += _forward_warnings(incoming, draft)
    warnings += _reader_warnings(incoming)
    if incoming.sorting.verdict:
        warnings.append(sentence("A mail filter calls this mail spam ({field}).", field=incoming.sorting.verdict))
    warnings += _part_warnings(incoming)
    if incoming.doubts.encryption:
        warnings.append(
            sentence(
                "This mail is encrypted ({encryption}), so the desk could not read it. What it holds is passed on as it came.",
                encryption=incoming.doubts.encryption,
            )
        )
    if AMBIGUOUS in incoming.doubts.defects:
        warnings.append(
            sentence("This mail can be read in two ways, and other programs may see other files in it; the original is kept.")
        )
    if incoming.doubts.other_text:
        warnings.append(
            sentence(
                "Its HTML says something else than its plain text, which stands here: “{other_text}”",
                other_text=incoming.doubts.other_text,
            )
        )
    if incoming.doubts.hidden:
        warnings.append(
            sentence(
                "Hidden here, and kept in the original: {names}.",
                names=tuple(SECRETS.get(kind, kind) for kind in incoming.doubts.hidden),
            )
        )
    return tuple(warnings)


def _part_warnings(incoming: Incoming) -> Iterator[Sentence]:
    """A warning that the mail is not here as a whole, or was not read as a whole."""
    if incoming.doubts.whole_size:
        yield sentence(
            "This mail is larger than the desk takes ({size} MB), so its beginning alone stands here, without files. "
            "The whole mail is still in the mailbox.",
            size=incoming.doubts.megabytes,
        )
    elif incoming.doubts.degraded:
        yield sentence("This mail could be read only in part; the original is kept.")


def _remark_on_rules(draft: Draft, incoming: Incoming) -> Iterator[Sentence]:
    """Which rules of the operator have sorted a request that begins."""
    if draft.expected_version is None and incoming.sorting.sorts:
        yield sentence("Sorted by rules of this desk: {rules}.", rules=incoming.sorting.sorted_by)


def _alarm_warnings(incoming: Incoming, policy: Policy) -> Iterator[Sentence]:
    """A warning that a person should read the message now, whatever it was sorted as."""
    alarm = alarm_of(incoming, policy)
    if alarm is not None:
        reason, phrase = alarm
        yield sentence("It needs a person now: it is about {reason} (“{phrase}”).", reason=ALARMS[reason], phrase=phrase)


def _tell_senior(draft: Draft, notice: Notice, facts: StaffFacts, words: LetterWords) -> Draft:
    """The same letter for a senior, if none is among the team that is told."""
    team = team_of(draft)
    if any(SENIORITY[member.role] >= 1 for member in team):
        return draft
    senior = escalation_assignee(1, draft.ticket.queue, None, draft.context.known.staff, draft.context.now)
    return draft if senior is None else draft.notify_staff(senior, notice, facts, words)


def _reader_warnings(incoming: Incoming) -> tuple[Sentence, ...]:
    """A warning that the author asks to be answered elsewhere, or is not the person who is answered."""
    reason = incoming.correspondent.reason
    return (sentence("Whom an answer reaches: {reason}.", reason=reason),) if reason else ()


def _lookalike_warnings(incoming: Incoming, draft: Draft) -> Iterator[Sentence]:
    """Warnings that the author's address resembles one that the desk knows, or that their name shows another address."""
    policy = draft.context.policy
    author = incoming.author or next(iter(incoming.claims), "")
    alike = (
        policy.derived(_names_of_desk).like(author)
        or looks_like(author, (person.address for person in draft.ticket.participants))
        or policy.derived(_names_of_customers).like(author)
    )
    if alike:
        yield sentence("{author} looks like {alike} and is another address.", author=author, alike=alike)
    if shown := shows_another(incoming.author_name, author):
        yield sentence(
            "The sender's name shows {shown}; the mail comes from {author}.",
            shown=shown,
            author=author or sentence("an address that cannot be read"),
        )


def _names_of_desk(policy: Policy) -> KnownNames:
    return KnownNames((*(member.address for member in policy.staff), *(entry.address for entry in policy.addresses)))


@of_accounts
def _names_of_customers(policy: Policy) -> KnownNames:
    return KnownNames(name for account in policy.accounts for name in (*account.addresses, *account.domains))
