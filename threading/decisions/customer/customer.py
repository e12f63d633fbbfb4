"""Decide about a customer's mail or platform reply: it opens a ticket, or continues one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from helpdesk.config.calendar import due, in_working_units
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.consent import add_stranger
from helpdesk.threading.decisions.customer.incident import detach
from helpdesk.threading.decisions.time.outbreak import incident_like, remark_on, report_of
from helpdesk.threading.letters.order import CustomerFacts, LetterWords
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Opening
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.firewall import holds_staff_letter
from helpdesk.threading.lifecycle.gate import refuses_automatic_letter
from helpdesk.threading.lifecycle.new_ticket import begin_ticket
from helpdesk.threading.lifecycle.ping_pong import is_ping_pong, reference_in
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.lifecycle.team import notify_team, staff_facts, team_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.matching.signature_images import mark_recurring, signature_images
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction as D
from helpdesk.threading.model.message import Message
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.status import Status, Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import Measured, measure
from helpdesk.threading.promises.targets import calendar_of, first_clocks, promised_time
from helpdesk.threading.reading.parsed import AMBIGUOUS
from helpdesk.threading.reading.secrets import kinds_in, mask
from helpdesk.threading.sorting.gratitude import is_only_thanks, says_trouble
from helpdesk.threading.trust.addresses import reachable
from helpdesk.threading.trust.lookalikes import looks_like, shows_another
from helpdesk.threading.trust.tokens import Purpose

UNPROVED = "Not proved to be from {author}: {reason}. The mail only names this request, so it has changed nothing about it."
PING_PONG = "a machine seems to answer our letters, always at once and in the same words"
PARTED = "For this customer it is not over: the request was taken out of its incident and goes on by itself."
FORWARDED = "---------- Forwarded message ----------"


def open_ticket(arrival: Arrival, reason: str) -> Decision:
    """Open a new request: confirm it to the customer, triage and assign it, and tell the team."""
    context = arrival.context
    incoming = as_read(_with_marks(arrival.incoming, context))
    machine = is_ping_pong(incoming, context)
    refusal = PING_PONG if machine else refuses_automatic_letter(incoming)
    draft = begin_request(incoming, context, incoming.author, reason, automatic_letters=refusal is None)
    draft = _silence(draft, incoming) if machine else draft
    draft = _confirm(draft, incoming)
    refusal = refusal or next(
        (letter.limits.suppressed for letter in draft.letters if letter.limits.suppressed and not letter.for_staff), None
    )
    warnings = (*_warnings(incoming, draft), *(("No confirmation was sent: " + refusal + ".",) if refusal else ()))
    report = report_of(draft, incoming.text)
    incident = incident_like(report, context.known.incidents) if report else None
    remarks = (remark_on(incident, draft),) if incident else ()
    draft = tell_team(_ask_for_missing(draft, incoming), incoming, warnings, remarks=remarks)
    return replace(draft, opening=replace(draft.opening, report=report)).decision(
        Disposition.OPENED,
        reason + (f"; no confirmation: {refusal}" if refusal else ""),
        arrival.grounds,
        Contribution(
            message=message_of(incoming, context, of_participant=writer_of(incoming, draft.ticket) is not None),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def _confirm(draft: Draft, incoming: Incoming) -> Draft:
    """Send the confirmation. In a busy period it tells the measured waiting time to everybody who gets more than fixed text."""
    queue, context = draft.ticket.queue, draft.context
    load = context.known.queues.get(queue)
    now = measure(queue, load, context.now, context.policy) if load else None
    facts = confirmation_facts(incoming, draft, now)
    draft = draft.notify_customers(
        Notice.CONFIRMATION, facts, automatic=True, fixed_text=incoming.correspondent_assurance not in SURE
    )
    tells_figures = facts.measured is not None and any(
        not letter.limits.suppressed and not letter.fixed_text for letter in draft.letters
    )
    measured = replace(now, told=tells_figures) if now else None
    return replace(draft, opening=replace(draft.opening, measured=measured))


def begin_request(
    incoming: Incoming, context: Context, actor: str, reason: str, *, automatic_letters: bool | None = None
) -> Draft:
    """A submitted and triaged ticket for what somebody wrote. No letter is ordered yet."""
    ticket, triage = begin_ticket(incoming, context, automatic_letters=automatic_letters)
    draft = Draft(context, ticket, None, incoming.author, incoming.message_id, opening=Opening(triage))
    draft = _record_opening(draft, actor, reason)
    draft = add_copied(draft, incoming)
    draft = draft.set_clocks(first_clocks(incoming.waits_since))
    return draft.apply(Trigger.TRIAGED, "policy", "\n".join(triage.reasons))


def _ask_for_missing(draft: Draft, incoming: Incoming) -> Draft:
    """Ask the customer for missing facts, if the policy says so. Unproved customers and machines are not asked.

    The team still gets the letter about the new ticket, so that row of the lifecycle table stays the last one.
    """
    triage = draft.opening.triage
    question = triage.question if triage else ""
    if (
        not draft.context.policy.triage.ask
        or not question
        or incoming.correspondent_assurance not in SURE
        or not draft.ticket.automatic_letters
    ):
        return draft
    *earlier, told = draft.rules
    asked = draft.apply(Trigger.INFORMATION_REQUESTED, "policy", question)
    asked = asked.notify_customers(
        Notice.INFORMATION_REQUEST, CustomerFacts(account=draft.ticket.account), LetterWords(question), automatic=True
    )
    return replace(asked, rules=(*earlier, asked.rules[-1], told))


def go_on(arrival: Arrival, ticket: Ticket) -> Decision:
    """Continue a conversation with a reply. A reply from an address that takes no part is kept and marked, and is not answered."""
    match, context = arrival.match, arrival.context
    if not match.proved:
        return keep_unproved(arrival, ticket)
    writer = arrival.incoming.author
    incoming = as_read(_with_marks(arrival.incoming, context))
    known = writer_of(incoming, ticket)
    draft = Draft(context, ticket, ticket.version, writer, incoming.message_id)
    if known is None:
        draft = add_stranger(draft, incoming, match)
    draft = add_copied(draft, incoming)
    draft = (
        replace(draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, away_until=None)))
        if known is not None
        else draft
    )  # a customer who writes is no longer away
    reads_along = known is not None and match.participant is not None and match.participant.address == known.address
    if reads_along and known is not None and known.number == ticket.requester and ticket.assurance not in SURE:
        # The token was sent to that address alone, so its user reads that mailbox. This proves the requester.
        draft = replace(draft, ticket=replace(draft.ticket, assurance=Assurance.AUTHENTICATED))
        draft = draft.add_event("requester_proved", writer, "by a reply to a letter that was sent to that address")
    machine = ticket.automatic_letters and is_ping_pong(incoming, context)
    draft = _silence(draft, incoming) if machine else draft
    confirmed = known is not None and confirms(incoming, match, ticket, _names(incoming, context))
    trigger = Trigger.CUSTOMER_CONFIRMED if confirmed else Trigger.CUSTOMER_WROTE
    draft = draft.apply(trigger, writer or "platform", at=incoming.waits_since)
    left = reopens(incoming, match, ticket, confirmed=confirmed)
    draft = detach(draft, writer or "platform") if left else draft
    rule = draft.rules[-1]
    if rule.to_customer is not None and refuses_automatic_letter(incoming) is None:
        fixed = not {incoming.assurance, ticket.assurance} <= SURE
        draft = draft.notify_customers(rule.to_customer, CustomerFacts(account=ticket.account), automatic=True, fixed_text=fixed)
    if rule.to_team is not None:
        loop = (f"No automatic letter goes to this ticket's customers any more: {PING_PONG}.",) if machine else ()
        parted = (PARTED,) if draft.ticket.lineage.incident != ticket.lineage.incident else ()
        draft = tell_team(draft, incoming, _warnings(incoming, draft) + _stranger_warning(known, writer) + loop + parted)
    reason = f"it goes on with {ticket.reference}" + ("" if known else ", from an unverified sender")
    message = message_of(incoming, context, of_participant=known is not None)
    return draft.decision(
        Disposition.THREADED,
        reason,
        arrival.grounds,
        Contribution(
            message=replace(message, proved=message.proved or reads_along),
            related=match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def keep_unproved(arrival: Arrival, ticket: Ticket) -> Decision:
    """Keep a mail that names a ticket, but proves neither its author nor that they ever had a letter about it.

    Anybody could have written the mail, so it neither closes nor reopens the ticket, and the customer's inbox does not show it.
    It may be genuine, so staff get it at once.
    """
    context = arrival.context
    incoming = as_read(_with_marks(arrival.incoming, context))
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = draft.add_event("unproved_mail", incoming.author, incoming.identity.reason)
    draft = notify_of_words(
        add_copied(draft, incoming), incoming, UNPROVED.format(author=incoming.author, reason=incoming.identity.reason), ()
    )
    return draft.decision(
        Disposition.THREADED,
        f"it names {ticket.reference} without proof, so it is kept there and moves nothing",
        arrival.grounds,
        Contribution(
            message=message_of(incoming, context, of_participant=False),
            related=arrival.match.related,
            seen_ids=unknown_parents(incoming, context),
            images=signature_images(incoming, context.known.contact),
        ),
    )


def _with_marks(incoming: Incoming, context: Context) -> Incoming:
    return replace(incoming, attachments=mark_recurring(incoming.attachments, context.known.seen_images))


def as_read(incoming: Incoming) -> Incoming:
    """The mail as people will read it: the forwarded text below the comment, the whole text if no part of it seems new, and
    secrets masked.
    """
    text = incoming.text if incoming.text.strip() else incoming.elided_text
    forwarded = incoming.forward.missing_text if incoming.forward else ""
    if forwarded and forwarded not in text:
        text = f"{text}\n\n{FORWARDED}\n{forwarded}".strip()
    return _without_secrets(replace(incoming, text=text))


def _without_secrets(incoming: Incoming) -> Incoming:
    """Mask card numbers, passwords and keys that a customer should not have sent. The stored raw mail still contains them."""
    hidden = kinds_in(f"{incoming.subject}\n{incoming.text}\n{incoming.elided_text}\n{incoming.doubts.other_text}")
    if not hidden:
        return incoming
    subject, text, elided = mask(incoming.subject), mask(incoming.text), mask(incoming.elided_text)
    doubts = replace(incoming.doubts, other_text=mask(incoming.doubts.other_text), hidden=hidden)
    return replace(incoming, subject=subject, text=text, elided_text=elided, doubts=doubts)


def writer_of(incoming: Incoming, ticket: Ticket) -> Participant | None:
    """The active customer who wrote the message. In the platform, any user of the account writes as the requester."""
    customer = ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    if customer and customer.state is ParticipantState.ACTIVE:
        return customer
    return ticket.participant(ticket.requester) if incoming.account is not None else None


def confirms(incoming: Incoming, match: Match, ticket: Ticket, names: Iterable[str]) -> bool:
    """Whether the customer confirms a resolution.

    They do by the "solved" address of the latest resolution, unless the words beside it say the contrary, or by a reply that only
    says thanks. The "solved" address of an earlier resolution, or of a merged ticket, is out of date; mail to it is an ordinary
    reply.
    """
    if match.token and match.token.purpose is Purpose.UNSOLVED:
        return False
    present = (ticket.id, ticket.resolutions)
    if match.token and match.token.purpose is Purpose.SOLVED and (match.token.subject, match.token.version) == present:
        return ticket.status in (Status.RESOLVED, Status.CLOSED) and not says_trouble(incoming.text)
    whole = not incoming.doubts.degraded and not any(_is_file(attachment) for attachment in incoming.attachments)
    return whole and is_only_thanks(incoming.text, names)


def _names(incoming: Incoming, context: Context) -> Iterator[str]:
    """The names that a thank-you may contain: those of staff, and the customer's own."""
    yield incoming.author_name
    yield from (member.name for member in context.known.staff)


def reopens(incoming: Incoming, match: Match, ticket: Ticket, *, confirmed: bool) -> bool:
    """Whether the customer says that the problem continues: by the "still broken" address, or by words after the resolution."""
    unsolved = match.token is not None and match.token.purpose is Purpose.UNSOLVED
    return unsolved or (not confirmed and ticket.status in (Status.RESOLVED, Status.CLOSED))


def message_of(incoming: Incoming, context: Context, *, of_participant: bool = True) -> Message:
    """The message for the conversation, and for the platform inbox of its author if that is certain.

    Words of somebody who takes no part in the conversation stand in no inbox. Such writers are a stranger with a reply address,
    and a form or list that wrote in place of the person who is answered.
    """
    return Message(
        id=next(context.fresh.ids),
        direction=D.CUSTOMER,
        author=incoming.author,
        assurance=incoming.assurance,
        text=incoming.text,
        elided_text=incoming.elided_text,
        attachments=attachments_of(incoming.attachments),
        message_id=incoming.message_id,
        at=incoming.received_at,
        proved=incoming.identity.is_proved,
        inbox_of=inbox_of(incoming, context) if of_participant else None,
        subject=incoming.subject.strip(),
    )


def inbox_of(incoming: Incoming, context: Context) -> str | None:
    """The address in whose platform inbox the words appear as that person's own; "" for a platform user without address, None for
    no inbox.

    Words without a certain author, of a probably forged author, or with a part of a letter to staff appear in no inbox.
    """
    if holds_staff_letter(incoming, context):
        return None
    if incoming.account is not None:
        return incoming.author
    return incoming.author if incoming.identity.may_be_customer else None


def _is_file(attachment: Attachment) -> bool:
    """Whether an attachment was sent on purpose, and is no part of the text or of the signature."""
    return not attachment.inline and not attachment.recurring


def attachments_of(attachments: tuple[Attachment, ...]) -> tuple[dict[str, object], ...]:
    """Attachments as the message row and the platform inbox list them."""
    return tuple(
        {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "content_id": attachment.content_id,
            "inline": attachment.inline,
        }
        | ({"recurring": True} if attachment.recurring else {})
        for attachment in attachments
    )


def _record_opening(draft: Draft, actor: str, detail: str) -> Draft:
    """Record the opening, the only transition of the lifecycle table that has no status before it."""
    rule = rule_for(None, Trigger.CUSTOMER_WROTE)
    assert rule is not None and rule.to_customer is Notice.CONFIRMATION
    return replace(draft, rules=(rule,)).add_event("opened", actor, detail, None, rule.target)


def _silence(draft: Draft, incoming: Incoming) -> Draft:
    """Stop automatic letters on this ticket, because another machine answers them, and remember that machine's own reference."""
    theirs = draft.ticket.their_reference or reference_in(incoming.subject, draft.ticket.reference)
    ticket = replace(draft.ticket, automatic_letters=False, their_reference=theirs)
    return replace(draft, ticket=ticket).add_event("ping_pong", incoming.author, PING_PONG)


def confirmation_facts(incoming: Incoming, draft: Draft, now: Measured | None = None) -> CustomerFacts:
    """The facts of a confirmation. In a busy period they contain the measured time, and omit a time of the plan that would be earlier."""
    ticket, policy = draft.ticket, draft.context.policy
    plan, time = policy.plans.get(ticket.plan), promised_time(TargetKind.FIRST_RESPONSE, ticket, policy)
    told = now if now and now.busy and now.ninetieth_at else None
    if told and told.ninetieth_at and time and due(ticket.created_at, time, calendar_of(ticket, policy)) < told.ninetieth_at:
        time = None
    return CustomerFacts(
        measured=told,
        received_attachments=tuple(attachment.filename for attachment in incoming.attachments if _is_file(attachment)),
        answer_within=in_working_units(time, calendar_of(ticket, policy)) if time else None,
        self_service=plan is not None and plan.self_service,
        account=draft.ticket.account,
    )


def tell_team(
    draft: Draft, incoming: Incoming, warnings: tuple[str, ...], without: str = "", *, remarks: tuple[str, ...] = ()
) -> Draft:
    """Send a customer's words to the staff who are responsible for the ticket."""
    notice = draft.rules[-1].to_team
    assert notice is not None
    facts = staff_facts(draft, incoming.assurance, warnings=warnings, attachments=incoming.attachments)
    facts = replace(facts, remarks=(*remarks, *facts.remarks))
    return notify_team(draft, notice, facts, _words_of(incoming), without=without)


def _words_of(incoming: Incoming) -> LetterWords:
    """The words of a mail as a letter to staff has them: without images that come with every mail of its author."""
    sent = tuple(attachment for attachment in incoming.attachments if not attachment.recurring)
    return LetterWords(incoming.text, incoming.author_name, sent)


def notify_of_words(draft: Draft, incoming: Incoming, remark: str, others: tuple[str, ...]) -> Draft:
    """Keep the message without changing the ticket's status, and notify the team and `others`, with a remark above the text."""
    facts = staff_facts(draft, incoming.assurance, warnings=(remark,), attachments=incoming.attachments)
    members = dict.fromkeys((*team_of(draft), *(member for member in draft.context.known.staff if member.address in others)))
    for member in members:
        draft = draft.notify_staff(member, Notice.CUSTOMER_REPLY, facts, _words_of(incoming))
    return draft


def add_copied(draft: Draft, incoming: Incoming) -> Draft:
    """Record the people in Cc, except staff. Being in Cc subscribes nobody to letters."""
    for mailbox in incoming.copied:
        address = reachable(mailbox.address) or mailbox.address.strip().lower()
        if draft.context.staff_member(address) is None:
            draft = draft.add_participant(Role.CUSTOMER, address, mailbox.name, ParticipantState.SEEN)
    return draft


def _warnings(incoming: Incoming, draft: Draft) -> tuple[str, ...]:
    warnings = list(_lookalike_warnings(incoming, draft))
    if incoming.assurance is Assurance.FAILED:
        warnings.append(f"The sender may be forged: {incoming.identity.reason}.")
    elif incoming.identity.is_none and incoming.account is None:
        warnings.append(f"Nobody is certainly its author: {incoming.identity.reason}.")
    category = draft.context.policy.categories.get(draft.ticket.category)
    if category is not None and category.sensitive and draft.ticket.assurance not in SURE:
        warnings.append(
            f"Nothing proves who asks, and this is about {draft.ticket.category}: an answer is held once, to ask you first."
        )
    if holds_staff_letter(incoming, draft.context):
        warnings.append("It holds a letter of the desk to staff, or a piece of one: it is not in the customer's platform inbox.")
    if incoming.correspondent.reason:
        warnings.append(f"Whom an answer reaches: {incoming.correspondent.reason}.")
    if incoming.doubts.degraded:
        warnings.append("This mail could be read only in part; the original is kept.")
    if AMBIGUOUS in incoming.doubts.defects:
        warnings.append("This mail can be read in two ways, and other programs may see other files in it; the original is kept.")
    if incoming.doubts.other_text:
        warnings.append(f"Its HTML says something else than its plain text, which stands here: “{incoming.doubts.other_text}”")
    if incoming.doubts.hidden:
        warnings.append(f"Hidden here, and kept in the original: {', '.join(incoming.doubts.hidden)}.")
    return tuple(warnings)


def _lookalike_warnings(incoming: Incoming, draft: Draft) -> Iterator[str]:
    """Warnings that the author's address resembles one that the desk knows, or that their name shows another address."""
    policy = draft.context.policy
    known = [*(member.address for member in policy.staff), *(entry.address for entry in policy.addresses)]
    known += [person.address for person in draft.ticket.participants]
    known += [name for account in policy.accounts for name in (*account.addresses, *account.domains)]
    author = incoming.author or next(iter(incoming.claims), "")
    if alike := looks_like(author, known):
        yield f"{author} looks like {alike} and is another address."
    if shown := shows_another(incoming.author_name, author):
        yield f"The sender's name shows {shown}; the mail comes from {author or 'an address that cannot be read'}."


def _stranger_warning(known: Participant | None, writer: str) -> tuple[str, ...]:
    return () if known else (f"Unverified sender: {writer or 'unknown'} takes no part in this ticket. Answers do not go there.",)


def unknown_parents(incoming: Incoming, context: Context) -> tuple[str, ...]:
    """Unknown Message-IDs from References and In-Reply-To. They are recorded, so that later replies to them join this ticket."""
    return tuple(message_id for message_id in incoming.parents if message_id not in context.known.by_message_id)
