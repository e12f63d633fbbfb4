"""Gather what a parsed mail tells the desk: identity, tokens, parents and references. Nothing is decided here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice

from helpdesk.config.our_addresses import OurAddresses
from helpdesk.config.policy import Policy
from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.config.settings import Authentication
from helpdesk.threading.commands.grammar import MOST_BLOCKS, MOST_COMMANDS, commands_at_end, commands_in, lines_of, values_of
from helpdesk.threading.commands.words import Word, word_named
from helpdesk.threading.letters.thread_guid import ticket_of_thread
from helpdesk.threading.matching.attached_mail import beginning_of
from helpdesk.threading.matching.correspondent import correspondent_of
from helpdesk.threading.matching.incoming import ForwardedMail, Incoming, LetterReport, ReadingDoubts
from helpdesk.threading.matching.known import Question, Wanted
from helpdesk.threading.matching.request_form import choices_in
from helpdesk.threading.matching.signature_images import possible_images
from helpdesk.threading.model.attachment import Use, each_once
from helpdesk.threading.model.held import Release, ReleaseWord
from helpdesk.threading.model.mail import Channel, RawMessage
from helpdesk.threading.reading.labels import NO_LINES
from helpdesk.threading.reading.language_tags import language_tag
from helpdesk.threading.reading.parsed import Kind, Mailbox, ParsedMessage
from helpdesk.threading.reading.quote_words import REPLY_MARKERS
from helpdesk.threading.reading.subjects import without_filter_marks
from helpdesk.threading.rules.index import SortedMail, compiled_rules
from helpdesk.threading.rules.senders import names_to_look_up
from helpdesk.threading.rules.sorting import Sorting
from helpdesk.threading.rules.verdicts import spam_verdict
from helpdesk.threading.rules.wishes import sort_by_rules
from helpdesk.threading.sorting.consent_words import choice_in
from helpdesk.threading.trust.addresses import canonical, reachable
from helpdesk.threading.trust.arrival import accepted_at
from helpdesk.threading.trust.assurance import identity_in_mail
from helpdesk.threading.trust.tokens import APART, LONGEST_TOKEN, PERMISSION, Keyring, Purpose, Token, verify
from helpdesk.threading.trust.written_tokens import tokens_in, tokens_written

RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
MOST_ADDRESSES = 100
MOST_NAMED = MOST_COMMANDS * MOST_BLOCKS  # addresses in commands, as many as can be carried out
OPENING = 300  # characters of a forwarded letter among which the line above the desk's letters stands
JOURNALED = re.compile(r"^Message-I[dD]:[ \t]{0,20}<([^<>\s]{1,500})>", re.MULTILINE)
JOURNAL_SEARCHED = 5000  # characters of a journal's report
MOST_BESIDE = 20  # people in To and Cc who are recorded and shown
MOST_PARENTS = 50
MOST_REFERENCES = 10
MOST_WRITTEN = 100  # most tickets whose tokens or references are searched in a mail
NOBODY = Mailbox("", "")
ENVELOPE_ID = re.compile(r"[0-9]{1,19}")
LETTER_NUMBER = re.compile(r"[0-9a-z]{1,13}", re.IGNORECASE)
LARGEST_ID = 2**63
TEXT_SEARCHED = 200_000  # characters of quoted text that are searched for tokens and references
REFERENCE = re.compile(r"\b([A-Z][A-Z0-9]{0,9}-[0-9A-HJKMNP-TV-Z]{6,10})\b")
ADDRESS_IN_TEXT = re.compile(r"(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}")
NAMING_REQUESTS = (Word.ON, Word.MERGE, Word.LINK, Word.JOIN, Word.INCIDENT, Word.SHOW, Word.STATUS, Word.WHY)
MOST_LISTS = 3  # searches, and people whose requests are listed, of one mail
Commands = Sequence[tuple[Word, str]]  # with their values, as `commands_in` finds them
HANDED_BY = (Word.ASSIGN, Word.ESCALATE)  # commands by which somebody else gets the request
MOST_BEFORE_WORD = 100  # words of one line of an answer to a digest that are searched
WANTED_BY = {
    Wanted.UNDO: (Word.UNDO,),
    Wanted.ATTACHED: (Word.BROADCAST, Word.RESOLVE),
    Wanted.PROPOSED: (Word.INCIDENT,),
    Wanted.SHOWN: (Word.AUTHOR, Word.SPLIT),
    Wanted.OPEN_TICKETS: (Word.STATUS,),
    Wanted.FILES: (Word.FILE, Word.SEND, Word.AUTHOR, Word.SPLIT, *HANDED_BY),
    Wanted.WHOLE: HANDED_BY,
    Wanted.SORTED: (Word.WHY,),
    Wanted.WORDS: (Word.SHOW,),
    Wanted.RELATED: (Word.JOIN,),
}


@dataclass(frozen=True, slots=True)
class House:
    """The keys, addresses and policy by which this desk recognises its own tokens, references and letters."""

    reply_addresses: ReplyAddresses
    keyring: Keyring
    policy: Policy
    prefix: str
    domain: str
    authentication: Authentication
    bounce_local: str = "bounces"
    ours: OurAddresses = field(init=False, repr=False)

    def __post_init__(self) -> None:
        support = tuple(entry.address.lower() for entry in self.policy.addresses)
        object.__setattr__(self, "ours", OurAddresses(self.reply_addresses, support, self.bounce_local))

    def first_address(self, address: str) -> str:
        """The address to which letters of a staff member of the configuration go who writes from this one; of anybody else, this one."""
        return self.policy.first_addresses.get(address, address)

    def tokens_in(self, addresses: Iterable[str]) -> tuple[Token, ...]:
        """The verified tokens in addresses of the desk, each once, in order."""
        texts = (self.reply_addresses.token_in(address) for address in addresses)
        found = (verify(text, self.keyring) for text in texts if text)
        return tuple(dict.fromkeys(token for token in found if token))

    def has_spoiled_token(self, addresses: Iterable[str]) -> bool:
        """Whether a reply address of the desk among these was changed on its way, or made up."""
        texts = (self.reply_addresses.token_in(address) for address in addresses)
        return any(verify(text, self.keyring) is None for text in texts if text)

    def tokens_in_text(self, text: str) -> tuple[Token, ...]:
        """The verified tokens in a text, from its first `MOST_ADDRESSES` reply addresses of the desk."""
        shaped = (address for address in _addresses_in(text) if self.reply_addresses.token_in(address))
        return self.tokens_in(islice(dict.fromkeys(shaped), MOST_ADDRESSES))

    def references_in(self, text: str) -> tuple[str, ...]:
        """The ticket references in a text, each once, at most `MOST_NAMED`."""
        found = (reference for reference in REFERENCE.findall(text.upper()) if reference.startswith(self.prefix + "-"))
        return tuple(islice(dict.fromkeys(found), MOST_NAMED))


def incoming_mail(
    raw: RawMessage, message: ParsedMessage, house: House, inbound_id: int | None, release: Release | None = None
) -> Incoming:
    """What one mail tells the desk. `release` is the staff member's word about it, if it was held."""
    claims = tuple(dict.fromkeys(address for author in message.authors if (address := reachable(author.address))))
    # A release makes a mail the staff member's own only if the mail names no other author.
    let_in = release is not None  # whoever releases a mail has decided that it comes in
    release = None if release is not None and release.word is ReleaseWord.LET_IN else release
    theirs = {release.by, *release.addresses} if release is not None else set()
    own = release if len(claims) == 1 and claims[0] in theirs else None
    identity = identity_in_mail(raw, message, house.authentication, house, own)
    shown = message.author or NOBODY
    correspondent = correspondent_of(identity, message, is_ours=house.ours.is_ours, forms=house.policy.forms)
    chosen = choices_in(raw, message)
    recipients, written = _recipients(raw, message), _tokens_written_in(message, house)
    return Incoming(
        channel=Channel.ARCHIVE if raw.door == "archive" else Channel.MAIL,
        kind=message.kind,
        identity=identity,
        author_name=correspondent.name if correspondent.address else shown.name,
        correspondent=correspondent,
        own_letter=_is_letter_of_ours(message, house),
        claims=claims,
        received_at=raw.received_at,
        accepted_at=None if raw.door == "archive" else accepted_at(raw, message, house.authentication),
        subject=message.base_subject or without_filter_marks(message.subject),
        text=message.reply_text,
        document=message.document,
        labelled=message.labelled if message.labelled.has_candidates else NO_LINES,
        elided_text="\n".join(part for part in (message.elided_text, message.signature) if part),
        command_text=message.plain_text_reply,
        signature=message.signature,
        attachments=each_once(message.attachments),
        support_address=house.ours.support_address_among((*_addresses_in_header(message), *recipients, raw.support_address)),
        support_addresses=house.ours.support_addresses_in(_addresses_in_header(message)),
        language=language_tag(chosen.language or message.language or ""),
        told_language=chosen.language or message.told_language or "",
        chosen_category=chosen.category,
        null_path=_came_from_null_path(raw, message),
        message_id=message.message_id,
        parents=tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references))))[:MOST_PARENTS],
        references=_references(message, house.prefix) + ((release.reference,) if release and release.reference else ()),
        tokens=house.tokens_in(recipients),
        threading_tokens=_threading_tokens(message, house, written),
        copied=tuple(mailbox for mailbox in message.cc if not house.ours.is_ours(mailbox.address)),
        addressed=tuple(mailbox for mailbox in message.to if not house.ours.is_ours(mailbox.address)),
        recent=raw.recent,
        report=_report_of(message, house),
        fingerprint=fingerprint_of(raw, message),
        inbound_id=inbound_id,
        forward=_forward_of(message, house),
        doubts=ReadingDoubts(
            message.defects,
            message.degraded,
            message.other_text,
            encryption=message.encryption,
            whole_size=raw.whole_size,
        ),
        release=release,
        out_of_office=message.out_of_office,
        gesture=message.gesture,
        responds=message.responds,
        written=written,
        thread_ticket=ticket_of_thread(message.header("thread-index") or ""),
        journal_of=_mail_of_journal(message),
        spoiled_token=house.has_spoiled_token(recipients),
        answered_letter=_letter_of(next(iter((*message.in_reply_to, *reversed(message.references))), None), house),
        mentions=_mentions(message, house.prefix),
        raw_sha256=_sha256_for_proof(raw, message, house.tokens_in(recipients)),
        sorting=_sorting_of(raw, message, house, recipients, let_in=let_in),
    )


def _sorting_of(raw: RawMessage, message: ParsedMessage, house: House, recipients: Sequence[str], *, let_in: bool) -> Sorting:
    """What the operator's rules and spam filter say about a mail. Reply addresses count as the support address they were made of."""
    written = (author.address for author in message.authors[:MOST_ADDRESSES])
    path = raw.envelope.reverse_path if raw.envelope else (message.header("return-path") or "").strip(" <>")
    tested = SortedMail(
        senders=tuple(dict.fromkeys(sender for address in (*written, path) if (sender := reachable(address)))),
        recipients=tuple(
            dict.fromkeys((*filter(None, map(reachable, recipients)), *house.ours.support_addresses_in(recipients)))
        ),
        subject=message.subject,
        text=message.text,
        headers=message.headers,
    )
    verdict = spam_verdict(raw, message, house.authentication) if house.policy.spam.verdict != "nothing" else ""
    stops = bool(verdict) and house.policy.spam.verdict == "quarantine"
    return replace(sort_by_rules(tested, compiled_rules(house.policy)), verdict=verdict, verdict_stops=stops, let_in=let_in)


def _sha256_for_proof(raw: RawMessage, message: ParsedMessage, tokens: Iterable[Token]) -> str:
    """The hash of a mail that may answer a question for permission; "" for any other, because hashing a large mail takes time."""
    answers = any(token.purpose in PERMISSION for token in tokens)
    answers = answers or choice_in(message.reply_text, (message.author.name,) if message.author else ()) is not None
    return sha256(raw.content).hexdigest() if answers else ""


def _came_from_null_path(raw: RawMessage, message: ParsedMessage) -> bool:
    """Whether the mail has the null reverse-path. A mailbox has no envelope: its server wrote the path above the header (RFC 5321 §4.4)."""
    if raw.envelope is not None:
        return raw.envelope.reverse_path == ""
    return raw.door != "archive" and (message.header("return-path") or "").strip() == "<>"


def _tokens_written_in(message: ParsedMessage, house: House) -> dict[str, Token]:
    """The desk's tokens in the mail's text and files. They show that it contains a letter of the desk, or a part of one."""
    files = (part for attachment in message.attachments for part in (attachment.filename, attachment.words))
    return tokens_written((message.subject, message.text, message.plain_text_reply, *files), house.keyring)


def _mentions(message: ParsedMessage, prefix: str) -> tuple[str, ...]:
    found = (reference for file in message.attachments for reference in _ours_in(f"{file.filename}\n{file.words}", prefix))
    return tuple(dict.fromkeys(found))[:MOST_WRITTEN]


def _report_of(message: ParsedMessage, house: House) -> LetterReport:
    named, complaint = _named_letters(message, house), message.complaint
    about = message.delivery_report or complaint
    returned_id = (about.original_message_id or "") if about else ""
    return LetterReport(message.delivery_report, named, returned_id, complaint.feedback if complaint else "")


def _forward_of(message: ParsedMessage, house: House) -> ForwardedMail | None:
    forward = message.forward
    if forward is None:
        return None
    text = beginning_of(forward) if forward.attached else forward.text.strip()
    missing = not message.reply_text.strip() if forward.attached else text not in message.reply_text
    of_desk = forward.author is not None and house.ours.is_ours(reachable(forward.author.address))
    return ForwardedMail(forward, text if missing else "", of_desk)


def fingerprint_of(raw: RawMessage, message: ParsedMessage) -> str:
    """A digest that is equal for copies of one mail.

    Without a Message-ID the day counts too, so that equal mails of different days are two: devices send such alerts.
    """
    return message.fingerprint if message.message_id else f"{message.fingerprint[:48]}{raw.received_at:%Y%m%d}".ljust(64, "0")


def ids_of_thread(incoming: Incoming) -> tuple[str, ...]:
    """The Message-IDs that the mail answers, and its own. A reply that came before the mail may have recorded its own id."""
    return tuple(dict.fromkeys(message_id for message_id in (*incoming.parents, incoming.message_id) if message_id))


def question_of(incoming: Incoming) -> Question:
    """Every key by which the store may know the message."""
    tokens = (*incoming.tokens, *incoming.threading_tokens, *list(incoming.written.values())[:MOST_WRITTEN])
    commands = _commands_of(incoming)
    return Question(
        author=incoming.author,
        ticket_ids=tuple(
            dict.fromkeys(
                (
                    *(token.subject for token in tokens if token.purpose not in APART),  # those of side conversations included
                    *((incoming.thread_ticket,) if incoming.thread_ticket is not None else ()),
                )
            )
        ),
        letter_ids=tuple(
            dict.fromkeys(
                (
                    *(token.subject for token in tokens if token.purpose is Purpose.BOUNCE),
                    *incoming.report.named_letters,
                    *_letters_answered_in_words(incoming),
                )
            )
        ),
        answered_at=incoming.correspondent.address,
        message_ids=(
            *ids_of_thread(incoming),
            *((incoming.journal_of,) if incoming.journal_of else ()),
            *((incoming.forward.mail.message_id,) if incoming.forward and incoming.forward.mail.message_id else ()),
        ),
        references=tuple(dict.fromkeys((*incoming.references, *incoming.mentions))),
        thread_key=incoming.thread_key,
        fingerprint=incoming.fingerprint,
        signed_content=incoming.identity.signed_content,
        own_inbound_id=incoming.inbound_id,
        about=_customer_meant(incoming, commands),
        named=_addresses_named(commands),
        held_ids=tuple(dict.fromkeys(token.subject for token in incoming.tokens if token.purpose is Purpose.HELD)),
        digest_ids=tuple(dict.fromkeys(token.subject for token in incoming.tokens if token.purpose is Purpose.DIGEST)),
        images=possible_images(incoming),
        copied=tuple(person.address for person in people_beside(incoming)),
        asks_again=_people_asking_again(incoming, commands),
        finds=_values(commands, Word.FIND) if incoming.identity.may_act_as_staff else (),
        past_of=_people_with_past(incoming, commands),
        colleagues=_colleagues_meant(incoming, commands),
        senders=names_to_look_up(incoming.sorting.senders),
        wanted=_facts_wanted(incoming, commands),
    )


def _values(commands: Commands, word: Word) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(value for found, value in commands if found is word and value), MOST_LISTS))


def _colleagues_meant(incoming: Incoming, commands: Commands) -> tuple[str, ...]:
    """The staff whose requests are asked about: those whom `#status` names, and an author who goes away."""
    goes = incoming.kind is Kind.OUT_OF_OFFICE or any(word is Word.AWAY for word, _ in commands)
    return (*_values(commands, Word.STATUS), *((incoming.author,) if goes and incoming.author else ()))


def _people_with_past(incoming: Incoming, commands: Commands) -> tuple[str, ...]:
    """Whose past requests staff are told: those of the person who is answered, and of whoever a command asks about."""
    asking = incoming.correspondent.address if incoming.kind is Kind.PERSON and incoming.channel is not Channel.ARCHIVE else ""
    asked = (canonical(value.strip("<>")) for value in _values(commands, Word.STATUS) if "@" in value)
    return tuple(dict.fromkeys(address for address in (asking, *asked) if address))


def _commands_of(incoming: Incoming) -> Commands:
    """The commands of a mail in its own words, and below the signature."""
    return (*commands_in(incoming.command_text), *commands_in(commands_at_end(incoming.signature)))


def _people_asking_again(incoming: Incoming, commands: Commands) -> tuple[str, ...]:
    """Whose recent requests may be the same as this one: the person who is answered, and the author of a forwarded mail.

    Only mail that answers nothing begins a request.
    """
    if incoming.kind is not Kind.PERSON or incoming.parents or incoming.tokens or incoming.threading_tokens:
        return ()
    people = (incoming.correspondent.address, _customer_meant(incoming, commands) if incoming.forward else "")
    return tuple(dict.fromkeys(address for address in people if address))


def _letters_answered_in_words(incoming: Incoming) -> tuple[int, ...]:
    """The letter that a reply answers, where its words may be the answer to a question that the letter asks."""
    asked = incoming.answered_letter
    return (asked,) if asked is not None and choice_in(incoming.text, (incoming.author_name,)) is not None else ()


def people_beside(incoming: Incoming) -> tuple[Mailbox, ...]:
    """The people in To and Cc beside the author and the desk, each once, at most `MOST_BESIDE`. Addresses are as for letters."""
    found: dict[str, Mailbox] = {}
    for mailbox in (*incoming.addressed, *incoming.copied):
        address = reachable(mailbox.address)
        if address and address not in (incoming.author, incoming.correspondent.address):
            found.setdefault(address, Mailbox(mailbox.name, address))
    return tuple(islice(found.values(), MOST_BESIDE))


def _facts_wanted(incoming: Incoming, commands: Commands) -> frozenset[Wanted]:
    """What the commands of a mail need from the store, and what a new request needs, because any mail may open one."""
    asked = {word for word, _ in commands}
    by_command = {wanted for wanted, words in WANTED_BY.items() if not asked.isdisjoint(words)}
    by_token = {Wanted.UNDO} if any(token.purpose is Purpose.UNDO for token in incoming.tokens) else set()
    by_quote = {Wanted.WORDS} if incoming.labelled.lines else set()
    by_quote |= {Wanted.FILES} if any(attachment.use is Use.QUOTED for attachment in incoming.attachments) else set()
    by_row = {Wanted.FILES, Wanted.WHOLE} if _row_hands_over(incoming) else set()
    return frozenset({Wanted.OPENING} | by_command | by_token | by_quote | by_row)


def _row_hands_over(incoming: Incoming) -> bool:
    """Whether an answer to a digest may give a request to somebody else. Its rows need no mark before a command."""
    if all(token.purpose is not Purpose.DIGEST for token in incoming.tokens):
        return False
    words = (word.strip("#!:") for line in lines_of(incoming.command_text) for word in line.split()[:MOST_BEFORE_WORD])
    return any(word_named(word) in HANDED_BY for word in words)


def customer_meant(incoming: Incoming) -> str:
    """The customer whom a staff member's mail is about: named by a command, or else the author of the forwarded mail; "" if there
    is none.
    """
    return _customer_meant(incoming, _commands_of(incoming))


def _customer_meant(incoming: Incoming, commands: Commands) -> str:
    named = next((value for word, value in commands if word in (Word.NEW, Word.AUTHOR)), "")
    if named:
        return canonical(named.strip("<>"))
    author = incoming.forward.mail.author if incoming.forward else None
    return reachable(author.address) if author else ""


def _addresses_named(commands: Commands) -> tuple[str, ...]:
    """The addresses that commands add, or to which they allow letters again."""
    values = islice((value for word, value in commands if word in (Word.CC, Word.UNSUPPRESS)), MOST_NAMED)
    return tuple(dict.fromkeys(address for value in values if (address := canonical(value.strip("<>")))))


def _recipients(raw: RawMessage, message: ParsedMessage) -> tuple[str, ...]:
    """The recipients of the mail. Those of the envelope come first, because anybody can write the header."""
    envelope = raw.envelope.forward_paths if raw.envelope else ()
    traced = [value.strip(" <>") for field, value in message.headers if field in RECIPIENT_FIELDS]
    return tuple(dict.fromkeys((*envelope, *_addresses_in_header(message), *traced)))[:MOST_ADDRESSES]


def _addresses_in_header(message: ParsedMessage) -> tuple[str, ...]:
    """The addresses in To, then those in Cc. The first support address among them names the queue, whichever copy comes first."""
    return tuple(mailbox.address for mailbox in (*message.to, *message.cc))[:MOST_ADDRESSES]


def _references(message: ParsedMessage, prefix: str) -> tuple[str, ...]:
    """The references in commands, in any case, and the first `MOST_REFERENCES` in the subject and the text."""
    written = f"{message.plain_text_reply}\n{commands_at_end(message.signature)}"
    values = islice(values_of(written, NAMING_REQUESTS), MOST_NAMED)
    named = _ours_in("\n".join(values).upper(), prefix)
    found = _ours_in(f"{message.subject}\n{message.text[:TEXT_SEARCHED]}", prefix)
    return tuple(dict.fromkeys((*named[:MOST_NAMED], *found[:MOST_REFERENCES])))


def _ours_in(text: str, prefix: str) -> tuple[str, ...]:
    """The references of this desk in a text, each once. Few texts have its prefix, and only those are searched."""
    ours = f"{prefix}-"
    return tuple(dict.fromkeys(found for found in REFERENCE.findall(text) if found.startswith(ours))) if ours in text else ()


def _addresses_in(text: str) -> list[str]:
    """What looks like an address in a text. Only words with an @ are searched, because an address has no white space."""
    return ADDRESS_IN_TEXT.findall(" ".join(word for word in text.split() if "@" in word)) if "@" in text else []


def _threading_tokens(message: ParsedMessage, house: House, written: Mapping[str, Token]) -> tuple[Token, ...]:
    """The tokens in the Message-IDs that the mail answers, and in letters that it quotes or brings as attached mails.

    They name a ticket but give no authority. Filters rewrite the links of a quoted letter, so that a token may stand in any address of a page.
    """
    parents = (*message.in_reply_to, *reversed(message.references))[:MOST_PARENTS]
    ours = [
        message_id.partition(".")[0]
        for message_id in parents
        if message_id.lower().endswith("@" + house.domain) and "." in message_id
    ]
    found = [verify(text, house.keyring) for text in ours if len(text) <= LONGEST_TOKEN]
    attached = (file.words[:TEXT_SEARCHED] for file in message.attachments if file.content_type.startswith("message/"))
    # A mail without parents is read whole, so that its quoted part is no elided text.
    own = message.elided_text if parents else message.text
    texts = (own[:TEXT_SEARCHED], *attached)
    quoted = [token for text in texts for token in tokens_in(text, written)][:MOST_ADDRESSES]
    return tuple(dict.fromkeys([token for token in found if token] + quoted))


def _named_letters(message: ParsedMessage, house: House) -> tuple[int, ...]:
    """The ids of the desk's letters that a report or complaint names, by envelope id or by the Message-ID of the returned message."""
    report, complaint = message.delivery_report, message.complaint
    envelope_id = report.original_envelope_id if report else None
    original = report.original_message_id if report else complaint.original_message_id if complaint else None
    by_envelope = int(envelope_id) if envelope_id and ENVELOPE_ID.fullmatch(envelope_id) else None
    named = dict.fromkeys((by_envelope, _letter_of(original, house)))
    return tuple(value for value in named if value is not None and value < LARGEST_ID)


def _is_letter_of_ours(message: ParsedMessage, house: House) -> bool:
    """Whether a mail is one of the desk's own letters that came back: its Message-ID, or its Reply-To, has a verified token.

    A list or a forwarding rule may have changed From. A token in Reply-To alone counts only with the desk's own address in From,
    because everybody who has had a letter could write such a Reply-To.
    """
    if _letter_of(message.message_id, house) is not None or _is_letter_forwarded_bare(message, house):
        return True
    returned = [mailbox.address for mailbox in message.reply_to]
    return bool(message.author and house.ours.is_own_author(message.author.address.lower()) and house.tokens_in(returned))


def _is_letter_forwarded_bare(message: ParsedMessage, house: House) -> bool:
    """Whether a mail is nothing but a letter of the desk below the header block of a forward, as rules of mailboxes send it back.

    The block names an address of the desk, and the letter begins with the line that stands above each letter, or has a valid token.
    """
    forward = message.forward
    if forward is None or forward.attached or forward.author is None or forward.comment.strip() or message.attachments:
        return False
    if not house.ours.is_ours(reachable(forward.author.address)):
        return False
    return any(marker in forward.text[:OPENING].lower() for marker in REPLY_MARKERS) or bool(
        tokens_written((forward.text,), house.keyring)
    )


def _mail_of_journal(message: ParsedMessage) -> str | None:
    """The Message-ID of the mail that a journal of Exchange reports, as the lines of the report name it; None for any other mail."""
    if message.header("x-ms-journal-report") is None:
        return None
    found = JOURNALED.search(message.text[:JOURNAL_SEARCHED])
    return found[1] if found else None


def _letter_of(message_id: str | None, house: House) -> int | None:
    """The id of the letter that has this Message-ID: a verified token, a dot, and the id in base 36."""
    text, _, domain = (message_id or "").rpartition("@")
    token, _, number = text.partition(".")
    if domain.lower() != house.domain or not LETTER_NUMBER.fullmatch(number) or verify(token, house.keyring) is None:
        return None
    return int(number, 36)
