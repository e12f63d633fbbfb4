"""Mail of staff that is held: nothing of it has happened, and its author is asked by a letter to the registered address.

Whoever answers that letter has it, so it proves what the mail itself could not: the address in it is good for this one mail, once, and
not for long. `#send` lets the mail go as it is, `#note` keeps its text inside, `#discard` drops it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk.threading.lifecycle.command_words import Word
from helpdesk.threading.lifecycle.commands import StaffText, staff_blocks
from helpdesk.threading.lifecycle.decision import Decision, LetterOrder, ReleaseOrder, StaffFacts, UndoPlace
from helpdesk.threading.lifecycle.gate import alarm, passed, suppressed
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import HeldMail
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model import (
    Assurance,
    Disposition,
    HeldOver,
    Notice,
    Participant,
    Release,
    Role,
    StaffMember,
)
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.tokens import Purpose

CHOICES = (Word.SEND, Word.NOTE, Word.DISCARD)
WHAT_WORKS = 'Answer with one word on a line of its own: "#send", "#note" or "#discard".'
PROOF = frozenset(
    {HeldOver.AUTHORITY, HeldOver.STEP_UP, HeldOver.DISCLOSURE}
)  # here the answer proves who asks, so it is short-lived


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a mail is not carried out at once; `newer` are texts that its author should read first."""

    over: HeldOver
    reason: str
    newer: tuple[str, ...] = ()


def held(incoming: Incoming, match: Match, scene: Scene, member: StaffMember, hold: Hold) -> Decision:
    """Nothing happens, nothing reaches a customer; the registered address of the staff member is told.

    A machine is not: if it is their own mailbox that answers by itself, it would answer that letter too.
    """
    about = f"about {match.ticket.reference} " if match.ticket else ""
    order = letter_apart(incoming, scene, member, Notice.HELD, (hold.reason, *hold.newer), incoming.text)
    order = replace(order, subject=f"Held: {incoming.subject}", counted_as=f"held:{member.address}")
    order = replace(order, held=incoming.inbound_id, overruled=_overruled(incoming.release))
    order = passed(order, scene)
    letters = alarm(scene, order.counted_as, _flood(member, scene), also=member) if _is_over(order, scene) else (order,)
    return Decision(
        disposition=Disposition.HELD, reason=f"a mail {about}is held: {hold.reason}", assurance=incoming.assurance, clues=match.clues,
        letters=() if incoming.null_path or incoming.kind is Kind.AUTOMATIC else letters, held_for=member.address, held_over=hold.over,
    )  # fmt: skip


def _is_over(order: LetterOrder, scene: Scene) -> bool:
    """Whoever can write in a staff member's name could fill that mailbox: after a few letters there is one alarm."""
    return bool(order.suppressed) and not suppressed(scene, order.to.address)


def _flood(member: StaffMember, scene: Scene) -> tuple[str, ...]:
    return (
        f"More than {scene.policy.automatic.held_hour} mails in an hour claim to be from {member.name} and are held.",
        f"No letter tells {member.address} of further ones; `helpdesk quarantine list` shows them all.",
        "If they are not hers or his, somebody is trying to write in that name; nothing of them was carried out.",
    )


def answers_held(incoming: Incoming) -> bool:
    return any(token.purpose is Purpose.HELD for token in incoming.tokens)


def decide_held(incoming: Incoming, match: Match, scene: Scene) -> Decision:
    """An answer to the letter about a held mail."""
    token = next(one for one in incoming.tokens if one.purpose is Purpose.HELD)
    mail = scene.known.held.get(token.subject)
    member = scene.staff_member(mail.held_for) if mail else None
    if mail is None or member is None:
        return Decision(
            Disposition.NOTED, "it answers a letter about a held mail that is not here", incoming.assurance, clues=match.clues
        )
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if not in_person or incoming.author != member.address or incoming.assurance is Assurance.FAILED:
        reason = f"only {member.name} can say what becomes of mail {mail.id}"
        return Decision(Disposition.NOTED, reason, incoming.assurance, clues=match.clues)
    blocks = staff_blocks(incoming.command_text or incoming.text)
    word = next((one.word for block in blocks for one in block.commands if one.word in CHOICES), None)
    obstacle = _obstacle(mail, word, token.version, scene)
    if obstacle is not None:
        return _answered(incoming, match, scene, member, Disposition.REFUSED, obstacle)
    if word is Word.DISCARD:
        decision = _answered(incoming, match, scene, member, Disposition.NOTED, "The held mail is dropped; nobody has got it.")
        return replace(decision, release=ReleaseOrder(mail.id, None))
    return Decision(
        Disposition.NOTED, f"{member.name} lets mail {mail.id} go", incoming.assurance, clues=match.clues,
        release=ReleaseOrder(mail.id, _release(mail, member, word, blocks)),
    )  # fmt: skip


def _overruled(release: Release | None) -> int:
    return len(release.waived) if release else 0


def _obstacle(mail: HeldMail, word: Word | None, overruled: int, scene: Scene) -> str | None:
    if not mail.waits:
        return "That mail has been dealt with already."
    if overruled != _overruled(mail.release):
        return "That mail is held for another reason by now: answer the newest letter about it."
    if mail.at + _time_to_answer(mail, scene) < scene.now:
        return "That was too long ago to prove who asks: send the mail once more, or answer a letter about the request."
    return WHAT_WORKS if word is None else None


def _time_to_answer(mail: HeldMail, scene: Scene) -> timedelta:
    answering = scene.policy.answering
    return answering.prove_within if mail.over in PROOF else answering.hold_for


def _release(mail: HeldMail, member: StaffMember, word: Word | None, blocks: Sequence[StaffText]) -> Release:
    reference = next((block.reference for block in blocks if block.reference), "")
    waived = (*(mail.release.waived if mail.release else ()), mail.over)
    return Release(member.address, word is Word.NOTE, reference, tuple(dict.fromkeys(waived)))


def _answered(
    incoming: Incoming, match: Match, scene: Scene, member: StaffMember, disposition: Disposition, sentence: str
) -> Decision:
    order = letter_apart(incoming, scene, member, Notice.RECEIPT, (sentence,), "")
    return Decision(disposition, sentence, incoming.assurance, clues=match.clues, letters=(order,))


def letter_apart(
    incoming: Incoming, scene: Scene, member: StaffMember, notice: Notice, outcome: tuple[str, ...], words: str,
    undo_place: UndoPlace | None = None,
) -> LetterOrder:  # fmt: skip
    """A letter to staff about a mail that belongs to no ticket."""
    customer = Participant(0, Role.CUSTOMER, incoming.correspondent.address, incoming.author_name)
    return LetterOrder(
        id=next(scene.fresh.ids), notice=notice, to=Participant(0, Role.STAFF, member.address, member.name), ticket=None,
        facts=StaffFacts(
            customer=customer, account=None, assurance=incoming.assurance, answer_goes_to=(), outcome=outcome, undo_place=undo_place,
        ),
        automatic=True, body=words, author_name=incoming.author_name, subject=incoming.subject,
        in_reply_to=incoming.message_id if incoming.author == member.address else None,
    )  # fmt: skip
