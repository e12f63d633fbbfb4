"""Plays the moves of a conversation at a real desk: mail as clients write it, the worker, the letters, people who answer what they got."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from html import escape
from pathlib import Path
from random import Random

from support.clients.compose import Answer, Draft, answered_all, written
from support.clients.compose import Deed as Writes
from support.clients.cuts import anchors
from support.clients.quoted import Quoted, received
from support.clients.shapes import CLIENTS, Client, above, below
from support.clients.words import Handwriting, Words, own_text
from support.conversations.books import MARK, STAFF, Books, Letter, Meant, Outcome, as_letter
from support.conversations.moves import CASTS, OPENING, Cast, Deed, Move, Person, Place, Shape
from support.conversations.wording import Pen
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.outbox import list_letters
from helpdesk.store.platform import list_inbox
from helpdesk.threading.model.notice import Notice

FORM = "forms@webshop.example"
OMAR = Person("omar@desk.example", "Omar Haddad")
CLIENT_NAMES = tuple(CLIENTS)
GROUP = "help@groups.partner.example"
MORE = f'[[form]]\naddress = "{FORM}"\n'  # what the desk of a conversation has in its configuration beside that of the stories
ANSWERED_FROM = {str(notice) for notice in (Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED, Notice.ASSIGNMENT)}
REFUSED = "Nothing of this mail was carried out"
COMMANDS = {Deed.ASKS: "#ask", Deed.RESOLVES: "#resolve", Deed.NOTES: "#note"}
SIGNATURES = {"": "Kind regards\n{name}", "acme": "{name}\nAcme Ltd, Dock Street 4", "globex": "Cordiali saluti\n{name}\nGlobex"}
READERS = {cast.customer.account: {cast.customer.address, cast.colleague.address} for cast in CASTS}  # of each account's inbox


@dataclass(frozen=True, slots=True)
class Mail:
    """What lies in somebody's mailbox: a letter of the desk with its notice, or a mail of another person."""

    message: EmailMessage
    thread: int
    notice: str = ""
    ticket: str = ""


@dataclass
class Thread:
    """One request: its people, and who gets the answers."""

    cast: Cast
    takes_part: set[str] = field(default_factory=set)
    may_read: set[str] = field(default_factory=set)  # colleagues in Cc, from the beginning or from their first reply on
    notes: int = 0
    resolved: bool = False
    proved: bool = True  # whether the customer wrote themselves; who is named by a machine has no rows in their account's inbox


@dataclass
class Sent:
    """What a move has brought into the world."""

    meant: Meant
    noted: frozenset[str] = frozenset()  # marks that are meant for the notes, beside the others
    context: frozenset[str] = frozenset()
    author: str = ""
    text: str = ""  # what staff write again where a command was refused


@dataclass
class Stage:
    """A desk and the mailboxes around it."""

    desk: StoryDesk
    books: Books = field(default_factory=Books)
    threads: dict[int, Thread] = field(default_factory=dict)
    mailboxes: dict[str, list[Mail]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # marks of every mail that came to the desk
    seen_files: set[str] = field(default_factory=set)
    seen_row: int = 0
    seen_messages: set[int] = field(default_factory=set)
    thread_of: dict[str, int] = field(default_factory=dict)  # by reference

    def play(self, moves: Sequence[Move]) -> Books:
        for move in moves:
            if self._play(move):
                self.books.mails += 1
        return self.books

    def _play(self, move: Move) -> bool:
        """One move and what follows from it; False where its author has nothing to act on."""
        random = Random(f"{move.number} {move.thread}")
        self.desk.now = self.desk.now.replace(second=0)
        sent = _DEEDS[move.deed](self, move, random)
        if sent is None:
            return False
        letters = self._new_letters(move.thread)
        if any(letter.notice == Notice.HELD for letter in letters):
            sent, letters = self._decide_held(move, sent, letters)
        if sent.text and any(letter.notice == Notice.RECEIPT and REFUSED in letter.text for letter in letters):
            letters = letters + self._correct(move, sent)
        self._check(move, sent, letters)
        return True

    # What people send

    def opens(self, move: Move, random: Random) -> Sent | None:
        cast = self._begin(move)
        pen = _pen(move, random, cast.customer)
        words, quoted, subject = pen.words(move.shape), None, ""
        if move.deed in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS):
            foreign = Draft(
                "Lena Holm <lena@elsewhere.example>",
                self.desk.now,
                pen.paragraphs(),
                subject="The delivery",
                to=_mailbox(cast.customer),
            )
            quoted = received(written(CLIENTS["thunderbird"], foreign))
        else:
            subject = f"Question {move.thread + 1} about the device"
        cc = ", ".join(_mailbox(person) for person in (cast.colleague, cast.stranger)) if move.cc and quoted is None else ""
        draft = self._draft(move, cast.customer, words, quoted, subject=subject, to=SUPPORT, cc=cc)
        message = written(_placed(move), draft)
        self._send(cast.customer, message, [SUPPORT], move.thread)
        if cc:
            self.threads[move.thread].may_read.add(cast.colleague.address)
        return Sent(Meant(frozenset(pen.marks), staff=True, account=cast.customer.account), author=cast.customer.address)

    def fills_in(self, move: Move, random: Random) -> Sent | None:
        cast = self._begin(move)
        pen = _pen(move, random, cast.customer)
        message = EmailMessage()
        message["From"], message["To"], message["Reply-To"] = f"Web shop <{FORM}>", SUPPORT, _mailbox(cast.customer)
        message["Subject"], message["Message-ID"] = (
            f"Message {move.thread + 1} by the form",
            f"<form{move.number}@webshop.example>",
        )
        message["Date"] = self.desk.now
        text = "\n\n".join(str(block) for block in pen.paragraphs())
        message.set_content(f"Name: {cast.customer.name}\nE-mail: {cast.customer.address}\n\nMessage:\n{text}\n")
        self.books.may_read([cast.customer.address], pen.marks)
        self._bring(FORM, [SUPPORT], message)
        return Sent(Meant(frozenset(pen.marks), staff=True), author=cast.customer.address)

    def by_group(self, move: Move, random: Random) -> Sent | None:
        cast = self._begin(move)
        pen = _pen(move, random, cast.customer)
        draft = self._draft(
            move, cast.customer, pen.words(move.shape), None, subject=f"Question {move.thread + 1} for the group", to=GROUP
        )
        message = written(_placed(move), draft)
        original = str(message["From"])
        del message["From"]
        message["From"] = f"'{cast.customer.name}' via Help <{GROUP}>"
        message["Reply-To"], message["X-Original-From"], message["Sender"] = original, original, GROUP
        message["List-Id"], message["List-Post"] = "<help.groups.partner.example>", f"<mailto:{GROUP}>"
        message["Precedence"] = "list"
        self.books.may_read([cast.customer.address], pen.marks)
        self._bring("help+bounces@groups.partner.example", [SUPPORT], message)
        return Sent(Meant(frozenset(pen.marks), staff=True), author=cast.customer.address)

    def by_staff(self, move: Move, random: Random) -> Sent | None:
        """What stands above a forward of staff is a note; what they forward is the customer's request."""
        cast = self._begin(move)
        pen = _pen(move, random, cast.customer)
        private = Draft(
            _mailbox(cast.customer),
            self.desk.now,
            pen.paragraphs(),
            subject=f"Question {move.thread + 1} for you",
            to=_mailbox(OMAR),
        )
        received_by_omar = written(CLIENTS[random.choice(CLIENT_NAMES)], private)
        self.books.may_read([cast.customer.address], pen.marks)
        asked, said = frozenset(pen.marks), len(pen.marks)
        comment = pen.paragraphs(1) if random.random() < 0.5 else ()
        draft = Draft(_mailbox(OMAR), self.desk.now, comment, received(received_by_omar), Writes.FORWARD, to=SUPPORT)
        self._bring(OMAR.address, [SUPPORT], written(CLIENTS[move.client], draft))
        return Sent(Meant(asked, kept=True), noted=frozenset(pen.marks[said:]), author=OMAR.address)

    def replies(self, move: Move, random: Random) -> Sent | None:
        """Somebody outside answers the newest mail of this request that they have."""
        thread = self.threads.get(move.thread)
        if thread is None:
            return None
        person: Person = getattr(thread.cast, move.role)
        mail = self._newest(person, move.thread)
        desk = self._desk_address(person, move.thread)
        if mail is None or desk is None:
            return None
        pen = _pen(move, random, person)
        quoted = received(mail.message)
        others = answered_all(person.address, quoted) if move.deed is Deed.REPLIES_TO_ALL else ""
        author = "" if quoted.address.endswith("support.example.com") else quoted.address
        to = ", ".join(dict.fromkeys(address for address in (author, desk) if address))
        cc = ", ".join(address for _, address in getaddresses([others]) if address not in to and not _is_desk(address))
        subject = f"Now about the {pen.mark()}" if move.new_subject else ""
        draft, context = self._with_quote(move, person, pen, random, quoted, to=to, cc=cc, subject=subject)
        message = written(_placed(move), draft)
        # What it quotes and the desk never had is news as well.
        news = as_letter(message, "", "").marks - self.known - set(MARK.findall(str(message["Subject"])))
        self._send(person, message, [parseaddr(desk)[1]], move.thread)
        thread.resolved = False
        is_contact = move.role != "stranger"
        if is_contact:
            thread.takes_part.add(person.address)
        # The subject of a mail is shown with it; the inbox shows the words.
        account = person.account if is_contact and thread.proved and not move.new_subject else ""
        return Sent(Meant(frozenset(pen.marks) | news, staff=True, account=account), context=context, author=person.address)

    def writes_aside(self, move: Move, random: Random) -> Sent | None:
        """A colleague answers the customer alone. The desk sees these words only where the customer quotes them."""
        thread = self.threads.get(move.thread)
        mail = self._newest(thread.cast.colleague, move.thread) if thread else None
        if thread is None or mail is None:
            return None
        person, pen = thread.cast.colleague, _pen(move, random, thread.cast.colleague)
        draft = self._draft(move, person, pen.paragraphs(), received(mail.message), to=thread.cast.customer.address)
        message = written(_placed(replace(move, place=Place.ABOVE)), draft)
        self.desk.now = draft.at
        self._put(message, [thread.cast.customer.address, person.address], move.thread)
        return None

    def answers(self, move: Move, random: Random) -> Sent | None:
        """Staff answer, ask, resolve or note."""
        thread = self.threads.get(move.thread)
        found = self._newest_to_staff(move.thread)
        if thread is None or found is None:
            return None
        person, mail = found
        pen = _pen(move, random, person)
        draft, context = self._with_quote(move, person, pen, random, received(mail.message))
        command = "" if thread.resolved and move.deed in (Deed.ASKS, Deed.RESOLVES) else COMMANDS.get(move.deed, "")
        spoken = [draft.words, *(answer.words for answer in draft.answers)]
        text = "\n\n".join([command, *(own_text(words, Handwriting()) for words in spoken if words)]).strip()
        if command:
            draft = replace(draft, words=(command, *draft.words))
        thread.resolved = thread.resolved or move.deed is Deed.RESOLVES
        message = written(_placed(move), draft)
        marks = frozenset(pen.marks)
        is_note = move.deed is Deed.NOTES
        if not is_note:
            self.books.may_read(thread.takes_part | thread.may_read, marks | context)
        thread.notes += is_note
        self._bring(person.address, [parseaddr(str(message["To"]))[1]], message)
        readers = frozenset() if is_note else frozenset(thread.takes_part)
        account = "" if is_note or not thread.proved else thread.cast.customer.account
        meant = Meant(marks, readers=readers, account=account, direction="support", noted=is_note)
        return Sent(meant, context=context, author=person.address, text=text if command else "")

    def takes_in(self, move: Move, random: Random) -> Sent | None:
        thread = self.threads.get(move.thread)
        found = self._newest_to_staff(move.thread)
        if thread is None or found is None:
            return None
        person, mail = found
        draft = self._draft(move, person, (f"#cc {thread.cast.stranger.address}",), received(mail.message))
        message = written(_placed(replace(move, place=Place.ABOVE)), draft)
        self._bring(person.address, [parseaddr(str(message["To"]))[1]], message)
        thread.takes_part.add(thread.cast.stranger.address)
        return Sent(Meant(frozenset()), author=person.address)

    # How it is written and sent

    def _begin(self, move: Move) -> Cast:
        thread = self.threads.setdefault(move.thread, Thread(CASTS[move.thread]))
        thread.takes_part.add(thread.cast.customer.address)
        thread.proved = move.deed not in (Deed.BY_FORM, Deed.BY_GROUP, Deed.BY_STAFF)
        return thread.cast

    def _draft(
        self,
        move: Move,
        person: Person,
        words: Words,
        quoted: Quoted | None,
        subject: str = "",
        to: str = "",
        cc: str = "",
    ) -> Draft:
        signature = SIGNATURES[person.account].format(name=person.name) if move.signature else ""
        if move.place is Place.WITHOUT and move.deed not in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS) and quoted is not None:
            quoted = replace(quoted, html="", text="")
        deed = Writes.FORWARD if move.deed is Deed.FORWARDS else Writes.REPLY
        return Draft(_mailbox(person), self.desk.now, words, quoted, deed, (), signature, person.language, subject, to, cc)

    def _with_quote(
        self, move: Move, person: Person, pen: Pen, random: Random, quoted: Quoted, **fields: str
    ) -> tuple[Draft, frozenset[str]]:
        """The draft of a reply, and the marks of the lines that it answers or changes."""
        lines = [line for line in anchors(quoted) if MARK.search(line)][:4]
        if move.place is Place.BETWEEN and lines:
            chosen = sorted(random.sample(range(len(lines)), min(len(lines), random.randint(1, 2))))
            answers = tuple(Answer(lines[place], (pen.sentence(),)) for place in chosen)
            draft = replace(
                self._draft(move, person, pen.paragraphs(1) if random.random() < 0.3 else (), quoted, **fields), answers=answers
            )
            return draft, frozenset(MARK.findall(" ".join(lines[place] for place in chosen)))
        if move.place is Place.EDITED and lines:
            changed, line = _edited(quoted, random.choice(lines), pen)
            return self._draft(move, person, pen.paragraphs(1), changed, **fields), frozenset(MARK.findall(line))
        shape = Shape.LIST if move.shape is Shape.PICTURE and CLIENTS[move.client].parts == "text" else move.shape
        return self._draft(move, person, pen.words(shape), quoted, **fields), frozenset()

    def _send(self, person: Person, message: EmailMessage, to_desk: list[str], thread: int) -> None:
        """The mail goes to the desk and to whoever else stands in To and Cc."""
        people = [
            address for _, address in getaddresses([str(message["To"]), str(message.get("Cc", ""))]) if not _is_desk(address)
        ]
        self._put(message, [*people, person.address], thread, kept=people)
        self._bring(person.address, to_desk, message)

    def _put(self, message: EmailMessage, readers: list[str], thread: int, kept: list[str] | None = None) -> None:
        self.books.may_read(readers, as_letter(message, "", "").marks)
        for address in readers[:1] if kept is None else kept:
            self.mailboxes.setdefault(address, []).append(Mail(message, thread))

    def _bring(self, reverse_path: str, to: list[str], message: EmailMessage) -> None:
        self.known |= as_letter(message, "", "").marks
        self.desk.deliver(reverse_path, to, message.as_bytes(policy=policy.SMTP), "127.0.0.1")
        self.desk.passes(minutes=7)

    # What people have

    def _newest(self, person: Person, thread: int) -> Mail | None:
        return next((mail for mail in reversed(self.mailboxes.get(person.address, [])) if mail.thread == thread), None)

    def _newest_to_staff(self, thread: int) -> tuple[Person, Mail] | None:
        """The newest letter about the request of the thread, not about those that strangers in Cc began."""
        request = next((reference for reference, number in self.thread_of.items() if number == thread and reference), "")
        found = [
            (address, mail)
            for address, mails in self.mailboxes.items()
            for mail in mails
            if address.endswith(STAFF) and mail.ticket == request and mail.notice in ANSWERED_FROM
        ]
        if not found:
            return None
        address, mail = max(found, key=lambda pair: str(pair[1].message["Date"]) and _time(pair[1].message))
        return Person(address, address.partition("@")[0].title()), mail

    def _desk_address(self, person: Person, thread: int) -> str | None:
        """Where the person reaches the desk about this request: by its letters, or by a mail of theirs that it also got."""
        for mail in reversed(self.mailboxes.get(person.address, [])):
            if mail.thread == thread:
                if mail.notice:
                    return parseaddr(str(mail.message["Reply-To"]))[1]
                return SUPPORT
        return None

    def _new_letters(self, thread: int) -> list[Letter]:
        """Letters that left since the last look, put into mailboxes."""
        folder = Path(self.desk.node.configuration.settings.relay.url.removeprefix("maildir:")) / "new"
        files = [path for path in folder.iterdir() if path.name not in self.seen_files]
        self.seen_files.update(path.name for path in files)
        messages = {_id(message): message for message in (_parsed(path) for path in files)}
        with self.desk.database.reading() as connection:
            rows = [row for row in reversed(list_letters(connection, limit=200)) if row.message_id in messages]
        letters = []
        for row in rows:
            message = messages[row.message_id]
            letters.append(as_letter(message, row.to, row.notice))
            belongs = self.thread_of.setdefault(row.ticket or "", thread)
            mail = Mail(message, belongs if row.ticket else -1, row.notice, row.ticket or "")
            self.mailboxes.setdefault(row.to, []).append(mail)
        self.books.letters += len(letters)
        return letters

    # What became of it

    def _decide_held(self, move: Move, sent: Sent, letters: list[Letter]) -> tuple[Sent, list[Letter]]:
        """The author of a held answer insists, unless a note may be in it; then they give it up, and nobody is meant to read it."""
        self.books.held += 1
        author = self.desk.person(sent.author)
        gives_up = self.threads[move.thread].notes > 0
        author.replies(Notice.HELD, "#discard" if gives_up else "#send", quote=False)
        self.desk.passes(minutes=1)
        later = self._new_letters(move.thread)
        return (Sent(Meant(frozenset()), context=sent.context, author=sent.author) if gives_up else sent), letters + later

    def _correct(self, move: Move, sent: Sent) -> list[Letter]:
        """The author of refused commands is told so, and sends the corrected text in answer to that letter."""
        self.books.refused += 1
        self.desk.person(sent.author).replies(Notice.RECEIPT, sent.text, quote=False)
        self.desk.passes(minutes=1)
        return self._new_letters(move.thread)

    def _check(self, move: Move, sent: Sent, letters: list[Letter]) -> None:
        rows = self._new_rows()
        histories = self._histories(move.thread)
        notes = "\n".join(note.text for history in histories for note in history.notes)
        messages = [
            (message, message is history.messages[0])
            for history in histories
            for message in history.messages
            if message.id not in self.seen_messages
        ]
        self.seen_messages.update(message.id for message, _ in messages)
        said = [message.text for message, is_first in messages if not is_first]
        first = [message.text for message, is_first in messages if is_first]
        if first and move.deed not in OPENING and move.role != "stranger":
            self.books.apart(move.number, sent.author)
        outcome = Outcome(letters, rows, said, first, notes)
        self.books.check_arrival(move.number, sent.meant, outcome)
        self.books.check_arrival(move.number, Meant(sent.noted, noted=True), outcome)
        self.books.check_secrecy(move.number, outcome, READERS)
        self.books.check_once(move.number, replace(sent.meant, marks=sent.meant.marks | sent.noted), outcome, sent.context)
        for letter in letters:
            if letter.to in (FORM, GROUP):
                self.books.machine(move.number, letter)

    def _new_rows(self) -> dict[tuple[str, str], str]:
        """The words of new rows by account, or by address where they are in no account's inbox, and by direction."""
        with self.desk.database.reading() as connection:
            rows = list_inbox(connection, after=self.seen_row)
        texts: dict[tuple[str, str], str] = {}
        for row in rows:
            key = (row.account_id or row.contact_address, row.direction)
            names = " ".join(str(file.get("filename", "")) for file in row.attachments)
            texts[key] = f"{texts.get(key, '')}\n{row.subject}\n{row.body_text}\n{names}"
            self.seen_row = max(self.seen_row, row.id)
        return texts

    def _histories(self, thread: int) -> list[TicketHistory]:
        references = [reference for reference, number in self.thread_of.items() if number == thread and reference]
        with self.desk.database.reading() as connection:
            found = [ticket_history(connection, reference) for reference in references]
        return [history for history in found if history is not None]


_DEEDS = {
    Deed.OPENS: Stage.opens,
    Deed.OPENS_WITH_QUOTE: Stage.opens,
    Deed.FORWARDS: Stage.opens,
    Deed.BY_FORM: Stage.fills_in,
    Deed.BY_GROUP: Stage.by_group,
    Deed.BY_STAFF: Stage.by_staff,
    Deed.REPLIES: Stage.replies,
    Deed.REPLIES_TO_ALL: Stage.replies,
    Deed.ASIDE: Stage.writes_aside,
    Deed.ANSWERS: Stage.answers,
    Deed.ASKS: Stage.answers,
    Deed.RESOLVES: Stage.answers,
    Deed.NOTES: Stage.answers,
    Deed.TAKES_IN: Stage.takes_in,
}


def _placed(move: Move) -> Client:
    client = CLIENTS[move.client]
    return below(client) if move.place is Place.BELOW else above(client) if move.place in (Place.ABOVE, Place.EDITED) else client


def _pen(move: Move, random: Random, person: Person) -> Pen:
    return Pen(move.number, random, person.language, move.role == "staff")


def _edited(quoted: Quoted, line: str, pen: Pen) -> tuple[Quoted, str]:
    """The quoted mail with one word of a line changed into a mark."""
    words = line.split()
    place = max((index for index, word in enumerate(words) if word.isalpha()), key=lambda index: len(words[index]))
    changed = " ".join([*words[:place], pen.mark(), *words[place + 1 :]])
    html = quoted.html.replace(escape(line), escape(changed), 1)
    return replace(quoted, html=html, text=quoted.text.replace(line, changed, 1)), line


def _mailbox(person: Person) -> str:
    return f"{person.name} <{person.address}>"


def _is_desk(address: str) -> bool:
    return address.endswith("@support.example.com")


def _id(message: EmailMessage) -> str:
    return str(message["Message-ID"]).strip("<>")


def _time(message: EmailMessage) -> float:
    return float(message["Date"].datetime.timestamp())


def _parsed(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
