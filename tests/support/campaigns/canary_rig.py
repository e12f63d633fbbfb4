"""Staff's own words never reach a customer, whatever everybody does next.

Every text that is for staff alone carries a canary of its own: notes, refused and held mails, what stands behind a command, names and
contents of a note's attachments. Customers and staff then do what they do by mail and in the platform, in any order, quoting in every way
that clients quote. After each wave everything that is bound for a customer is decoded and searched: letters with their files, and rows of the
inbox. No letter has a reply address that was given to somebody else, or the facts of a letter to staff. And every row of the inbox stands in
the account of its request, which is that of its requester by the directory, however the request began, moved, or was taken back.

A canary is free from the moment at which its author has insisted: a held mail's own words by `#send`, a note's words by `#send` of the
mail that was held because of them.

`run(seed, count)` is the campaign: `count` mails and platform replies.
"""

import base64
import html
import quopri
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from pathlib import Path

from sqlalchemy import insert, select, update
from support.desk.story import MONDAY, SUPPORT, configured
from support.mails.packed_files import KINDS, zipped
from support.mails.plain_reader import PlainReader

from helpdesk.config.load import load
from helpdesk.gateway.node.node import Node
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import internal_note, message, outbox, participant, platform_inbox, platform_reply, ticket
from helpdesk.threading.lifecycle.own_letters import holds_context_block
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.reading.file_words import Budget, words_of_file
from helpdesk.threading.reading.mime import Leaf
from helpdesk.threading.trust.tokens import Purpose
from helpdesk.threading.trust.written_tokens import tokens_written

STAFF = ("omar@desk.example", "bela@desk.example", "ines@desk.example")
CUSTOMERS = ("anna@acme.example", "paul@acme.example", "carla@globex.example", "dora@globex.example", "zed@other.example")
STRANGERS = ("eve@evil.example", "rob@robots.example")
ACCOUNTS = (("acme", "anna@acme.example"), ("globex", "carla@globex.example"))
HOUSE, STRANGE = "127.0.0.1", "203.0.113.9"
CANARY = re.compile(r"zq[a-z]\d{7}q", re.IGNORECASE)
WAVE = 20  # mails that are settled together
REMEMBERED = 60  # letters that a mailbox keeps
WORDS = (
    "printer paper flap tray toner queue driver office monday network cable socket screen update page login account invoice refund "
    "plan server backup folder window button report number desk lamp garden river cloud bridge yellow green quick slow open shut"
).split()  # fmt: skip
PUBLIC_NOTICES = (
    Notice.NEW_TICKET,
    Notice.CUSTOMER_REPLY,
    Notice.ASSIGNMENT,
    Notice.ESCALATION,
    Notice.TARGET_MISSED,
    Notice.REOPENED,
)


class Leak(AssertionError):
    """Something in what a customer can read that is not for that customer."""


@dataclass(frozen=True, slots=True)
class Had:
    """A letter in somebody's mailbox."""

    notice: str
    to: str
    reply_to: str
    others: tuple[str, ...]  # further addresses of ours in it: solved, unsolved, undo, note, consent
    message_id: str
    subject: str
    text: str
    markup: str
    content: bytes


@dataclass
class Words:
    """Everything that was written, and which canaries their authors have let go."""

    dice: random.Random
    free: set[str] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def plain(self, count: int = 8) -> str:
        return " ".join(self.dice.choices(WORDS, k=count))

    def canary(self, kind: str) -> str:
        self.number += 1
        self.made[kind] += 1
        return f"zq{kind}{self.number:07}q"

    def secret(self, kind: str = "n") -> str:
        """Words for staff alone: a canary stands at each place from which a client may tear a piece."""
        canary = self.canary(kind)
        return "\n".join(f"{self.plain(3)} {canary} {self.plain(5)}" for _ in range(self.dice.choice((1, 1, 2, 3))))

    def public(self) -> str:
        return f"{self.plain(4)} {self.canary('p')} {self.plain(4)}"


@dataclass
class Rig:
    node: Node
    dice: random.Random
    words: Words
    now: datetime = MONDAY
    boxes: dict[str, list[Had]] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)
    waiting: list[RawMessage] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    inbox_row: int = 0
    looked: datetime = MONDAY

    # -- one wave -----------------------------------------------------------------------------------------------------

    def wave(self, count: int) -> int:
        """So many mails, then everything that follows from them, looked through."""
        for _ in range(count):
            self.now += timedelta(seconds=1)
            action = self.dice.choices(ACTIONS, weights=WEIGHTS)[0]
            self.done[action.__name__.strip("_")] += 1
            action(self)
        self.settle()
        if self.dice.random() < 0.8:
            self._letters_leave()
        return count

    def settle(self) -> None:
        """What was written is worked off, and what came of it is looked through."""
        threshold = self.node.configuration.settings.database.blob_threshold
        store_raw(self.node.database, self.node.blobs, threshold, self.waiting, self.now)
        self.waiting.clear()
        self.now += timedelta(seconds=1)
        self.node.worker.work()
        self._look(self.looked)
        self.looked = self.now
        self.now += timedelta(seconds=1)

    def _look(self, since: datetime) -> None:
        with self.node.database.reading() as connection:
            letters = connection.execute(select(outbox).where(outbox.c.created_at > since)).mappings().all()
            rows = connection.execute(select(platform_inbox).where(platform_inbox.c.id > self.inbox_row)).mappings().all()
        for letter in letters:
            had = _had(letter["notice"], letter["recipient"], letter["content"])
            if letter["recipient"] not in STAFF:
                where, text = f"{letter['notice']} to {letter['recipient']}", decoded(letter["content"])
                self._search(where, text)
                self._tokens(where, text, letter["recipient"])
            self.boxes.setdefault(letter["recipient"], []).append(had)
            del self.boxes[letter["recipient"]][:-REMEMBERED]
            self.references = list(dict.fromkeys([*self.references, *re.findall(r"ACZ-[0-9A-Z]{6}", had.subject)]))[-REMEMBERED:]
        for row in rows:
            self.inbox_row = row["id"]
            shown = (row["subject"], row["body_text"], row["body_html"], str(row["attachments"]))
            text = "\n".join((*shown, html.unescape(row["body_html"]), _untagged(row["body_html"])))
            self._search("inbox", text)
            self._tokens("inbox", text, None)
        self._owners(since)

    def _search(self, where: str, text: str) -> None:
        found = {canary.lower() for canary in CANARY.findall(text)}
        self.seen[where.partition(" ")[0]] += 1
        self.seen["public canaries"] += sum(canary[2] == "p" for canary in found)
        leaked = {canary for canary in found if canary[2] != "p"} - self.words.free
        if leaked:
            raise Leak(f"{', '.join(sorted(leaked))} in {where}:\n{text[:3000]}")

    def _tokens(self, where: str, text: str, reader: str | None) -> None:
        """Every address of ours was given to its reader; of rows: not to staff."""
        if holds_context_block(text):
            raise Leak(f"the facts of a letter to staff in {where}:\n{text[:3000]}")
        for token in tokens_written([text], self.node.desk.house.keyring).values():
            if token.purpose is Purpose.BOUNCE:
                continue
            with self.node.database.reading() as connection:
                key = (participant.c.ticket_id == token.subject, participant.c.number == token.participant)
                person = connection.execute(select(participant.c.address, participant.c.role).where(*key)).first()
            if person is None or person.role == "staff" or reader not in (None, person.address):
                raise Leak(f"{token} in {where}:\n{text[:3000]}")
            self.seen["addresses"] += 1

    def _owners(self, since: datetime) -> None:
        """Raises Leak where a ticket that has changed, or a platform inbox row of it, is in another account than its requester's."""
        with self.node.database.reading() as connection:
            changed = select(ticket.c.id).where(ticket.c.updated_at > since)
            tickets = {row.thread_key: row for row in connection.execute(select(ticket).where(ticket.c.id.in_(changed)))}
            of_them = participant.c.ticket_id.in_(changed)
            people = {(row.ticket_id, row.number): row.address for row in connection.execute(select(participant).where(of_them))}
            messages = select(message.c.id, message.c.ticket_id).where(message.c.ticket_id.in_(changed))
            said = {row.id: row.ticket_id for row in connection.execute(messages)}
            rows = connection.execute(select(platform_inbox).where(platform_inbox.c.thread_key.in_(list(tickets)))).all()
        for owned in tickets.values():
            address = people[owned.id, owned.requester]
            if address and owned.account != account_of(address):
                raise Leak(f"{owned.reference} of {address} has the account {owned.account}")
        for row in rows:
            owned = tickets[row.thread_key]
            if row.account_id != owned.account or row.ticket != owned.reference:
                raise Leak(f"row {row.id} of {owned.reference} stands in {row.account_id}, the request is of {owned.account}")
            if row.words_id is not None and said.get(row.words_id) != owned.id:
                raise Leak(f"row {row.id} of {owned.reference} shows words that stand elsewhere")
        self.seen["rows and their owners"] += len(rows)

    def notes_beside(self, letter: Had) -> list[str]:
        """The notes of the request that a letter is about, and of those that were joined with it."""
        with self.node.database.reading() as connection:
            tickets = connection.execute(select(ticket.c.id, ticket.c.reference, ticket.c.merged_into)).all()
            leads = {row.id: row.merged_into for row in tickets}
            place = next((row.id for row in tickets if row.reference in letter.subject), None)
            family = [row.id for row in tickets if _end(row.id, leads) == _end(place, leads)]
            rows = connection.execute(select(internal_note.c.text).where(internal_note.c.ticket_id.in_(family)))
            return [str(row) for row in rows.scalars() if CANARY.search(row)]

    def _letters_leave(self) -> None:
        """The relay takes what waits, so that it cannot be taken back any more."""
        with self.node.database.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.state == "queued").values(state="sent", attempts=1))

    # -- writing ------------------------------------------------------------------------------------------------------

    def letter(self, who: str, notices: tuple[str, ...] = ()) -> Had | None:
        found = [letter for letter in self.boxes.get(who, ()) if letter.reply_to and (not notices or letter.notice in notices)]
        return self.dice.choice(found[-12:]) if found else None

    def send(self, who: str, to: str, subject: str, text: str, **more: object) -> None:
        """`more`: answers (a Had), quotes (a Had), shape, peer, cc, files, headers, reverse_path."""
        quoted = more.get("quotes")
        shape = self.dice.choice(SHAPES) if isinstance(quoted, Had) else _bare
        plain, markup = shape(text, quoted if isinstance(quoted, Had) else NO_LETTER)
        if markup is None and self.dice.random() < 0.15:
            plain, markup = "", _paragraphs(plain)  # html alone
        fields = [f"From: <{who}>", f"To: <{to}>", f"Subject: {subject}", f"Date: {self.now:%a, %d %b %Y %H:%M:%S} +0000"]
        fields.append(f"Message-ID: <m{self.words.number}.{self.now.timestamp():.0f}@{who.partition('@')[2]}>")
        answers = more.get("answers")
        if isinstance(answers, Had):
            fields += [f"In-Reply-To: <{answers.message_id}>", f"References: <{answers.message_id}>"]
        if more.get("cc"):
            fields.append(f"Cc: <{more['cc']}>")
        fields += [f"{name}: {value}" for name, value in dict(more.get("headers") or {}).items()]  # type: ignore[call-overload]
        content = _built(fields, plain, markup, dict(more.get("files") or {}), self.dice)  # type: ignore[call-overload]
        path = str(more.get("reverse_path", who))
        self.waiting.append(RawMessage("smtp", Envelope(path, (to,)), content, self.now, str(more.get("peer", HOUSE))))

    def answer(self, who: str, letter: Had, text: str, **more: object) -> None:
        subject = letter.subject if letter.subject.startswith("Re:") else f"Re: {letter.subject}"
        quotes = letter if self.dice.random() < 0.7 else None
        self.send(who, letter.reply_to, subject, text, **({"answers": letter, "quotes": quotes} | more))


def account_of(address: str) -> str | None:
    """By the directory of the stories: acme names its two contacts, globex its domain."""
    if address in ("anna@acme.example", "paul@acme.example"):
        return "acme"
    return "globex" if address.endswith("@globex.example") else None


def _end(place: int | None, leads: dict[int, int | None]) -> int | None:
    while place is not None and leads.get(place) is not None:
        place = leads[place]
    return place


# -- what customers do ------------------------------------------------------------------------------------------------


def _writes(rig: Rig) -> None:
    who = rig.dice.choice((*CUSTOMERS, *STRANGERS))
    cc = rig.dice.choice(("", "", "", rig.dice.choice((*CUSTOMERS, *STAFF))))
    rig.send(who, SUPPORT, rig.words.plain(3), rig.words.public(), cc=cc, peer=rig.dice.choice((HOUSE, HOUSE, STRANGE)))


def _replies(rig: Rig) -> None:
    who = rig.dice.choice(CUSTOMERS)
    letter = rig.letter(who)
    if letter is None:
        return _writes(rig)
    text = rig.dice.choice((rig.words.public(), rig.words.public(), "Thank you!", "#close\n#note\nme too", "Yes, that is right."))
    return rig.answer(who, letter, text, cc=rig.dice.choice(("", "", *STRANGERS)))


def _passes_on(rig: Rig) -> None:
    """A letter is forwarded, and whoever gets it answers it."""
    letter = rig.letter(rig.dice.choice(CUSTOMERS))
    if letter is not None:
        rig.answer(rig.dice.choice((*STRANGERS, *CUSTOMERS)), letter, rig.words.public())


def _chooses(rig: Rig) -> None:
    """One of the other addresses of a letter: solved, not solved, the one who wrote may, may not."""
    who = rig.dice.choice(CUSTOMERS)
    found = [letter for letter in rig.boxes.get(who, ()) if letter.others]
    if found:
        letter = rig.dice.choice(found[-8:])
        rig.send(who, rig.dice.choice(letter.others), letter.subject, rig.dice.choice(("", rig.words.public())), answers=letter)


def _machine_answers(rig: Rig) -> None:
    who = rig.dice.choice((*CUSTOMERS, *STAFF))
    letter = rig.letter(who)
    if letter is not None:
        secret = rig.words.secret("a") if who in STAFF else rig.words.public()
        headers = {"Auto-Submitted": "auto-replied"}
        rig.answer(who, letter, secret, headers=headers, reverse_path=rig.dice.choice(("", who)))


def _writes_in_platform(rig: Rig) -> None:
    account, contact = rig.dice.choice(ACCOUNTS)
    with rig.node.database.writing() as connection:
        keys = connection.execute(
            select(platform_inbox.c.thread_key).where(platform_inbox.c.account_id == account).order_by(platform_inbox.c.id.desc()).limit(20)
        ).scalars().all()  # fmt: skip
        row = {"account_id": account, "contact_address": contact, "body_text": rig.words.public(), "created_at": rig.now}
        row["thread_key"] = rig.dice.choice([*keys, None])
        connection.execute(insert(platform_reply).values(**row))


# -- what staff do ----------------------------------------------------------------------------------------------------


def _staff(rig: Rig, notices: tuple[str, ...] = PUBLIC_NOTICES) -> tuple[str, Had | None]:
    who = rig.dice.choice(STAFF)
    return who, rig.letter(who, notices)


def _answers(rig: Rig) -> None:
    who, letter = _staff(rig)
    if letter is not None:
        rig.answer(who, letter, rig.words.public())


def _notes(rig: Rig) -> None:
    """A note, perhaps with files whose names and contents are for staff alone too."""
    who, letter = _staff(rig)
    if letter is None:
        return
    text, files = rig.words.secret(), {}
    if rig.dice.random() < 0.3:
        files = {f"{rig.words.canary('f')}.txt": rig.words.secret("f").encode()}
    subject = f"Re: {rig.words.canary('s')}" if rig.dice.random() < 0.3 else letter.subject
    line = rig.dice.choice(("#note\n", "#note ", "#take\n#note\n", "#NOTIZ\n", "!note\n"))
    rig.send(who, letter.reply_to, subject, line + text, answers=letter, quotes=letter, files=files)


def _talks_inside(rig: Rig) -> None:
    """An answer to an internal letter: a note, a receipt."""
    who, letter = _staff(rig, (Notice.INTERNAL_NOTE, Notice.RECEIPT))
    if letter is not None:
        # What answers a refusal goes where the refused mail would have gone.
        corrects = "To try again, reply with the corrected commands" in letter.text
        text = rig.words.public() if corrects else rig.words.secret()
        rig.answer(who, letter, text + rig.dice.choice(("", "\n\n#take", "\n\n#priority high")))


def _pastes(rig: Rig) -> None:
    """A note's words in an answer to the customer of the same request: it must be held."""
    rig.settle()
    who, letter = _staff(rig)
    notes = rig.notes_beside(letter) if letter else []
    if letter is None or not notes:
        return
    note = rig.dice.choice(notes)
    lines = note.splitlines()
    piece = rig.dice.choice((note, note.upper(), lines[0], note.replace(" ", "\n"), f"see below:\n\n* {note}"))
    command = rig.dice.choice(("", "", "#resolve\n", "#ask\n", "#take\n", "#escalate\n#answer\n", "#close\n"))
    rig.done["pasted"] += 1
    rig.answer(who, letter, f"{command}{rig.words.public()}\n\n{piece}")
    rig.settle()


def _quotes_note(rig: Rig) -> None:
    """An answer to the customer's letter that quotes an internal one, in the way of some client."""
    who, letter = _staff(rig)
    inner = rig.letter(who, (Notice.INTERNAL_NOTE,))
    if letter is not None and inner is not None:
        rig.answer(who, letter, rig.words.public(), quotes=inner)


def _commands(rig: Rig) -> None:
    who, letter = _staff(rig)
    if letter is None:
        return
    other = rig.dice.choice(rig.references or ["ACZ-000000"])
    person = rig.dice.choice((*CUSTOMERS, *STRANGERS))
    public, secret = rig.words.public(), rig.words.secret()
    colleague = "Omar" if who.startswith("ines") else "Ines"  # words beside an assignment to oneself are an answer
    text = rig.dice.choice((
        f"#resolve\n{public}", "#resolve", f"#close\n{public}", f"#ask\n{public}", "#reopen", f"#reopen\n{public}",
        f"#escalate {rig.words.canary('e')} by 2031-01-01\n#answer\n{public}", f"#assign {colleague}\n{secret}", f"#escalate\n{secret}", f"#escalate {rig.words.canary('e')}", "#take",
        f"#assign {rig.dice.choice(('Omar', 'Bela', 'Ines'))}", f"#assign Ines\n#note\n{secret}", "#priority high", "#severity low",
        "#queue billing", f"#cc {person}", f"#uncc {person}", f"#merge {other}", f"#merge {other}\n#note\n{secret}", f"#link {other}",
        "#split", "#snooze 1d", f"#snooze 2h\n#note\n{secret}", "#spam", "#status", "#help", "#undo", f"#author {person}",
        f"#note\n{secret}\n#on {other}\n#resolve\n{public}", f"#ask\n{public}\n#on {other}\n#note\n{secret}", f"#on {other}\n#note {rig.words.secret().splitlines()[0]}",
        f"#on {other}\n{public}", f"#new {person}\n{public}", f"#new {person}\n#note\n{secret}",
    ))  # fmt: skip
    rig.done[text.split()[0]] += 1
    if text.startswith(("#new", "#on")):
        rig.send(who, SUPPORT, rig.words.plain(2), text)
    else:
        rig.answer(who, letter, text)


def _errs(rig: Rig) -> None:
    """What cannot be carried out: none of it goes anywhere."""
    who, letter = _staff(rig)
    if letter is None:
        return
    secret = rig.words.secret("r")
    text = rig.dice.choice((
        f"#nonsense\n{secret}", f"#resolve\n#close\n{secret}", f"{secret}\n#resolve\n{secret}", f"#assign Nobody\n{secret}",
        f"# note\n{secret}", f"#note, {secret}", f"#undo\n#take\n{secret}", f"#merge ACZ-000000\n{secret}", f"#snooze never\n{secret}",
    ))  # fmt: skip
    rig.answer(who, letter, text)


def _speaks_unproved(rig: Rig) -> None:
    """In a staff member's name, from anywhere: held, until he says otherwise."""
    who, letter = _staff(rig, rig.dice.choice((PUBLIC_NOTICES, (Notice.INTERNAL_NOTE,))))
    if letter is not None:
        text = rig.words.secret("h")
        rig.answer(who, letter, rig.dice.choice((text, f"#resolve\n{text}", f"#note\n{text}")), peer=STRANGE)


def _decides_held(rig: Rig) -> None:
    """One word about a held mail. Only its author's `#send` sets its words free; a note's words only where it was held over them."""
    who = rig.dice.choice(STAFF)
    letter = rig.letter(who, (Notice.HELD,))
    if letter is None:
        return
    word = rig.dice.choice(("#send", "#send", "#note", "#discard", "yes", ""))
    over_words = "has words of an internal note" in letter.text
    apart = any(reason in " ".join(letter.text.split()) for reason in NEVER_INSISTED)
    if apart or (not over_words and any(canary[2].lower() not in "hp" for canary in CANARY.findall(letter.text))):
        # What a letter says of files and addresses does not name all of it; and a forward's comment would go out as an answer.
        word = rig.dice.choice(("#note", "#discard"))
    rig.done[f"held {word}"] += 1
    if word == "#send":
        kinds = "aefhnrsu" if over_words else "h"
        rig.words.free |= {canary.lower() for canary in CANARY.findall(letter.text) if canary[2].lower() in kinds}
    rig.answer(who, letter, word, peer=rig.dice.choice((HOUSE, STRANGE)))


NEVER_INSISTED = ('the file "', "given to somebody else", "facts or the foot", "what would be the customer")


def _attaches(rig: Rig) -> None:
    """A file in an answer to the customer: a note's words packed in some way, or a letter to staff."""
    rig.settle()
    who, letter = _staff(rig)
    if letter is None:
        return
    notes, inner = rig.notes_beside(letter), rig.letter(who)
    kind = rig.dice.choice(list(KINDS))
    files = {}
    if notes and rig.dice.random() < 0.6:
        name, _, content = KINDS[kind](" ".join(rig.dice.choice(notes).split())[:150])
        files = {name: content}
        rig.done[f"file: {kind}"] += 1
    elif inner is not None:
        files = rig.dice.choice((
            {"letter.eml": inner.content}, {"letter.zip": zipped(("letter.eml", inner.content))}, {"letter.html": inner.markup.encode()},
            {"letter.txt": inner.text.encode()},
        ))  # fmt: skip
        rig.done["file: letter"] += 1
    command = rig.dice.choice(("", "", "#resolve\n", "#ask\n", "#close\n", "#broadcast\n"))
    rig.answer(who, letter, command + rig.words.public(), files=files)
    rig.settle()


def _pastes_letter(rig: Rig) -> None:
    """A letter to staff below an answer, as a client leaves it that drops its first lines, or marks lines in a way of its own."""
    who, letter = _staff(rig)
    inner = rig.letter(who)
    if letter is not None and inner is not None:
        lines = inner.text.splitlines()[rig.dice.choice((2, 2, 4, 8)) :]
        mark = rig.dice.choice(("", "", "| ", "    "))
        below = "\n".join(mark + line for line in lines)
        rig.send(who, letter.reply_to, letter.subject, f"{rig.words.public()}\n\n{below}", answers=letter)


def _forwards_letter(rig: Rig) -> None:
    """The desk's own letter is brought to the desk as a customer's mail."""
    who = rig.dice.choice(STAFF)
    inner = rig.letter(who)
    if inner is None:
        return
    person = rig.dice.choice((*CUSTOMERS, *STRANGERS))
    author = rig.dice.choice((f"Accoraze Support <{SUPPORT}>", f"<{inner.reply_to}>", f"<{person}>"))
    text = inner.text if rig.dice.random() < 0.5 else "\n".join(inner.text.splitlines()[rig.dice.choice((2, 4)) :])
    head = f"From: {author}\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nSubject: {inner.subject}\nTo: <{who}>"
    comment = rig.dice.choice((f"#new {person}\n", f"#new {person}\n#note\n", "")) + rig.words.secret()
    body = f"{comment}\n\n---------- Forwarded message ---------\n{head}\n\n{text}"
    files = {"letter.eml": inner.content} if rig.dice.random() < 0.2 else {}
    rig.send(who, SUPPORT, "Fwd: " + inner.subject, body, files=files)


def _corrects_author(rig: Rig) -> None:
    """A customer's mail is brought, then its author put right, perhaps taken back, perhaps after somebody has read it."""
    who = rig.dice.choice(STAFF)
    _brings_mail(rig, who)
    rig.settle()
    for _ in range(rig.dice.choice((1, 1, 2, 3))):
        letters = [letter for letter in rig.boxes.get(who, ()) if letter.notice == Notice.RECEIPT]
        if not letters:
            return
        if rig.dice.random() < 0.2:
            with rig.node.database.writing() as connection:
                connection.execute(update(platform_inbox).where(platform_inbox.c.read_at.is_(None)).values(read_at=rig.now))
        text = rig.dice.choice((f"#author {rig.dice.choice((*CUSTOMERS, *STRANGERS))}", "#undo"))
        rig.done[f"after a forward: {text.split()[0]}"] += 1
        rig.send(who, letters[-1].reply_to, letters[-1].subject, text, answers=letters[-1])
        rig.settle()


def _splits(rig: Rig) -> None:
    """Somebody reads along, or a stranger writes; the message is split off, merged, or taken back."""
    rig.settle()
    letter = rig.letter(rig.dice.choice(CUSTOMERS))
    if letter is None:
        return
    writer = rig.dice.choice((letter.to, *CUSTOMERS, *STRANGERS))
    rig.answer(writer, letter, rig.words.public(), peer=rig.dice.choice((HOUSE, HOUSE, STRANGE)))
    rig.settle()
    reference = next(iter(re.findall(r"ACZ-[0-9A-Z]{6}", letter.text + letter.subject)), "ACZ-000000")
    who = rig.dice.choice(STAFF)
    rig.send(
        who,
        SUPPORT,
        rig.words.plain(2),
        f"#on {reference}\n{rig.dice.choice(('#split', '#split', '#incident', f'#cc {writer}'))}",
    )
    rig.settle()
    receipts = [letter for letter in rig.boxes.get(who, ()) if letter.notice == Notice.RECEIPT]
    if receipts and rig.dice.random() < 0.4:
        rig.send(who, receipts[-1].reply_to, receipts[-1].subject, "#undo", answers=receipts[-1])
        rig.settle()


def _takes_back(rig: Rig) -> None:
    who = rig.dice.choice(STAFF)
    found = [letter for letter in rig.boxes.get(who, ()) if letter.notice == Notice.RECEIPT and letter.others]
    if found:
        letter = rig.dice.choice(found[-3:])
        rig.send(who, rig.dice.choice(letter.others), letter.subject, rig.words.secret("u"), answers=letter)


def _brings_mail(rig: Rig, who: str = "") -> None:
    """A customer's mail passed on by staff, with a comment for staff above it, and perhaps a file of theirs."""
    author = rig.dice.choice(CUSTOMERS)
    head = f"From: {author}\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nSubject: {rig.words.plain(2)}\nTo: <omar@desk.example>"
    forwarded = f"---------- Forwarded message ---------\n{head}\n\n{rig.words.public()}"
    files = {f"{rig.words.canary('f')}.txt": rig.words.secret("f").encode()} if rig.dice.random() < 0.4 else {}
    subject = "Fwd: " + rig.words.plain(2) + rig.dice.choice(("", f" {rig.words.canary('s')}"))
    rig.send(who or rig.dice.choice(STAFF), SUPPORT, subject, f"{rig.words.secret()}\n\n{forwarded}", files=files)


def _bounces(rig: Rig) -> None:
    """A letter comes back: the team hears of it."""
    who = rig.dice.choice((*CUSTOMERS, *STAFF))
    letter = rig.letter(who)
    if letter is not None:
        path = re.search(rb"bounces\+\w+@[\w.]+", letter.content)
        headers = {"Auto-Submitted": "auto-replied"}
        rig.send(f"mailer-daemon@{who.partition('@')[2]}", path[0].decode() if path else letter.reply_to, "Undelivered Mail Returned to Sender",
                 f"<{who}>: host mx said: 550 5.1.1 unknown user\n\n{letter.text}", headers=headers, reverse_path="")  # fmt: skip


def _time_passes(rig: Rig) -> None:
    rig.now += timedelta(hours=rig.dice.choice((1, 5, 30)))


ACTIONS: tuple[Callable[[Rig], None], ...] = (
    _writes, _replies, _passes_on, _chooses, _machine_answers, _writes_in_platform, _answers, _notes, _talks_inside, _pastes, _quotes_note,
    _commands, _errs, _speaks_unproved, _decides_held, _takes_back, _brings_mail, _bounces, _time_passes,
    _attaches, _pastes_letter, _forwards_letter, _corrects_author, _splits,
)  # fmt: skip
WEIGHTS = (6, 10, 3, 4, 3, 5, 10, 9, 4, 6, 5, 16, 4, 4, 7, 3, 2, 2, 0.4, 6, 4, 4, 4, 5)


# -- how clients quote ------------------------------------------------------------------------------------------------

NO_LETTER = Had("", "", "", (), "", "", "", "", b"")
Shape = Callable[[str, Had], tuple[str, str | None]]


def _bare(text: str, letter: Had) -> tuple[str, str | None]:
    return text, None


def _marked(letter: Had) -> str:
    return "\n".join(f"> {line}" for line in letter.text.splitlines())


def _on_top(text: str, letter: Had) -> tuple[str, str | None]:
    return f"{text}\n\nOn Mon, 23 Nov 2026 at 09:00, Accoraze Support <{SUPPORT}> wrote:\n{_marked(letter)}", None


def _below(text: str, letter: Had) -> tuple[str, str | None]:
    return f"On Mon, 23 Nov 2026 at 09:00, Accoraze Support <{SUPPORT}> wrote:\n{_marked(letter)}\n\n{text}", None


def _original(text: str, letter: Had) -> tuple[str, str | None]:
    head = (
        f"From: Accoraze Support <{SUPPORT}>\nSent: Monday, November 23, 2026 9:00 AM\nTo: {letter.to}\nSubject: {letter.subject}"
    )
    return f"{text}\n\n-----Original Message-----\n{head}\n\n{letter.text}", None


def _unmarked(text: str, letter: Had) -> tuple[str, str | None]:
    """A client that puts the letter below and says nothing."""
    return f"{text}\n\n{letter.text}", None


def _gmail(text: str, letter: Had) -> tuple[str, str | None]:
    quote = f'<blockquote class="gmail_quote" style="margin:0">{letter.markup}</blockquote>'
    return _on_top(text, letter)[
        0
    ], f'{_paragraphs(text)}<div class="gmail_quote"><div class="gmail_attr">On Monday wrote:</div>{quote}</div>'


def _apple(text: str, letter: Had) -> tuple[str, str | None]:
    return (
        "",
        f'{_paragraphs(text)}<blockquote type="cite"><div>On 23 Nov 2026, Accoraze Support wrote:</div>{letter.markup}</blockquote>',
    )


def _outlook(text: str, letter: Had) -> tuple[str, str | None]:
    head = f"<b>From:</b> Accoraze Support &lt;{SUPPORT}&gt;<br><b>Sent:</b> Monday<br><b>To:</b> {letter.to}<br><b>Subject:</b> {html.escape(letter.subject)}"
    return "", f'{_paragraphs(text)}<hr><div id="divRplyFwdMsg">{head}</div><div>{letter.markup}</div>'


def _html_unmarked(text: str, letter: Had) -> tuple[str, str | None]:
    return "", f"{_paragraphs(text)}<br><br>{letter.markup}"


SHAPES: tuple[Shape, ...] = (_on_top, _on_top, _below, _original, _unmarked, _gmail, _apple, _outlook, _html_unmarked)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line)


def _built(fields: list[str], plain: str, markup: str | None, files: dict[str, bytes], dice: random.Random) -> bytes:
    parts = [] if markup is not None and not plain else [_part("plain", plain, dice)]
    parts += [_part("html", markup, dice)] if markup is not None else []
    body = parts[0] if len(parts) == 1 else _multipart("alternative", parts)
    if files:
        body = _multipart("mixed", [body, *(_file(name, content) for name, content in files.items())])
    return "\r\n".join([*fields, "MIME-Version: 1.0"]).encode() + b"\r\n" + body


def _part(subtype: str, text: str, dice: random.Random) -> bytes:
    octets = text.encode()
    encoding = dice.choice(("8bit", "quoted-printable", "base64"))
    coded = {
        "8bit": octets.replace(b"\n", b"\r\n"),
        "quoted-printable": quopri.encodestring(octets),
        "base64": base64.encodebytes(octets),
    }
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + coded[encoding]
    )


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    mark = f"{subtype}frontier"
    body = b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{mark}"\r\n\r\n'.encode() + body + f"--{mark}--\r\n".encode()


def _file(name: str, content: bytes) -> bytes:
    head = f'Content-Type: text/plain; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head.encode() + base64.encodebytes(content)


# -- how a letter is looked through -----------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """Everything that a letter says in any layer: octets, header fields, decoded parts, file names, words of html."""
    return "\n".join(_layers(message_from_bytes(content), content))


def _layers(message: Mail, content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    for part in message.walk():
        for value in part.values():
            yield str(make_header(decode_header(str(value))))
        yield part.get_filename() or ""
        octets = part.get_payload(decode=True)
        if isinstance(octets, bytes) and part.get_filename():
            yield words_of_file(
                Leaf(part.get_content_type(), {}, "", part.get_filename() or "", None, octets, 0, related=False), Budget()
            )
        if isinstance(octets, bytes):
            text = octets.decode("utf-8", "replace")
            yield from (text, html.unescape(text), _untagged(text))


def _untagged(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>|\u00ad|\u200b", "", markup))


def _had(notice: str, to: str, content: bytes) -> Had:
    message = message_from_bytes(content)
    texts = {
        part.get_content_type(): part.get_payload(decode=True)
        for part in message.walk()
        if not part.is_multipart() and not part.get_filename()
    }
    text, markup = (
        bytes(texts.get(kind) or b"").decode("utf-8", "replace").replace("\r\n", "\n") for kind in ("text/plain", "text/html")
    )
    reply_to = str(message["Reply-To"] or "").rpartition("<")[2].rstrip(">")
    others = tuple(dict.fromkeys(address for address in re.findall(r"[\w.-]+\+\w{20,}@[\w.-]+", text) if address != reply_to))
    subject = str(make_header(decode_header(str(message["Subject"] or "")))).replace("\n", " ").replace("\r", "")
    return Had(notice, to, reply_to, others, str(message["Message-ID"]).strip("<>"), subject, text, markup, content)


def run(seed: int, count: int) -> str:
    """Raises Leak at the first canary that a customer could read."""
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        rig = started(Path(folder), seed)
        try:
            steps = 0
            while steps < count:
                steps += rig.wave(min(WAVE, count - steps))
        finally:
            rig.node.close()
    made = ", ".join(f"{kind} {number}" for kind, number in sorted(rig.words.made.items()))
    return f"{steps} steps; looked through {dict(rig.seen)}; canaries {made}; freed {len(rig.words.free)}; done {dict(rig.done)}"


def started(folder: Path, seed: int) -> Rig:
    dice = random.Random(seed)
    config = configured(folder / "desk", undo_window="30s")
    made: list[Rig] = []
    node = Node(load(config, {}), lambda: made[0].now, PlainReader())
    made.append(Rig(node, dice, Words(dice)))
    node.prepare()
    return made[0]
