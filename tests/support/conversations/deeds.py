"""What people do in a conversation: each deed writes one mail, brings it to the desk, and says whom its words are meant for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from html import escape
from random import Random

from support.clients.compose import Answer, Draft, answered_all, written
from support.clients.compose import Deed as Writes
from support.clients.cuts import anchors
from support.clients.quoted import Quoted, received
from support.clients.shapes import CLIENTS, Client, above, below
from support.clients.words import Handwriting, Words, own_text
from support.conversations.books import MARK, Meant, as_letter
from support.conversations.moves import Deed, Move, Person, Place, Shape
from support.conversations.stage import Stage, is_desk
from support.conversations.wording import NOTE_SENTENCES, STAFF_SENTENCES, Pen
from support.desk.story import SUPPORT

FORM = "forms@webshop.example"
GROUP = "help@groups.partner.example"
MORE = f'[[form]]\naddress = "{FORM}"\n'  # what the desk of a conversation has in its configuration beside that of the stories
OMAR = Person("omar@desk.example", "Omar Haddad")
CLIENT_NAMES = tuple(CLIENTS)
COMMANDS = {Deed.ASKS: "#ask", Deed.RESOLVES: "#resolve", Deed.NOTES: "#note"}
SIGNATURES = {"": "Kind regards\n{name}", "acme": "{name}\nAcme Ltd, Dock Street 4", "globex": "Cordiali saluti\n{name}\nGlobex"}


@dataclass
class Sent:
    """What a move has brought into the world."""

    meant: Meant
    noted: frozenset[str] = frozenset()  # marks that are meant for the notes, beside the others
    context: frozenset[str] = frozenset()
    author: str = ""
    text: str = ""  # what staff write again where a command was refused


def opens(stage: Stage, move: Move, random: Random) -> Sent | None:
    cast = stage.begin(move)
    pen = _pen(move, random, cast.customer)
    words, quoted, subject = pen.words(_shape(move)), None, ""
    if move.deed in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS):
        foreign = Draft(
            "Lena Holm <lena@elsewhere.example>",
            stage.desk.now,
            pen.paragraphs(),
            subject="The delivery",
            to=_mailbox(cast.customer),
        )
        quoted = received(written(CLIENTS["thunderbird"], foreign))
    else:
        subject = f"Question {move.thread + 1} about the device"
    cc = ", ".join(_mailbox(person) for person in (cast.colleague, cast.stranger)) if move.cc and quoted is None else ""
    draft = _draft(stage, move, cast.customer, words, quoted, subject=subject, to=SUPPORT, cc=cc)
    message = written(_placed(move), draft)
    stage.send(cast.customer, message, [SUPPORT], move.thread)
    if cc:
        stage.threads[move.thread].may_read.add(cast.colleague.address)
    return Sent(Meant(frozenset(pen.marks), staff=True, account=cast.customer.account), author=cast.customer.address)


def fills_in(stage: Stage, move: Move, random: Random) -> Sent | None:
    cast = stage.begin(move)
    pen = _pen(move, random, cast.customer)
    message = EmailMessage()
    message["From"], message["To"], message["Reply-To"] = f"Web shop <{FORM}>", SUPPORT, _mailbox(cast.customer)
    message["Subject"], message["Message-ID"] = (
        f"Message {move.thread + 1} by the form",
        f"<form{move.number}@webshop.example>",
    )
    message["Date"] = stage.desk.now
    text = "\n\n".join(str(block) for block in pen.paragraphs())
    message.set_content(f"Name: {cast.customer.name}\nE-mail: {cast.customer.address}\n\nMessage:\n{text}\n")
    stage.books.may_read([cast.customer.address], pen.marks)
    stage.bring(FORM, [SUPPORT], message)
    return Sent(Meant(frozenset(pen.marks), staff=True), author=cast.customer.address)


def by_group(stage: Stage, move: Move, random: Random) -> Sent | None:
    cast = stage.begin(move)
    pen = _pen(move, random, cast.customer)
    draft = _draft(
        stage, move, cast.customer, pen.words(_shape(move)), None, subject=f"Question {move.thread + 1} for the group", to=GROUP
    )
    message = written(_placed(move), draft)
    original = str(message["From"])
    del message["From"]
    message["From"] = f"'{cast.customer.name}' via Help <{GROUP}>"
    message["Reply-To"], message["X-Original-From"], message["Sender"] = original, original, GROUP
    message["List-Id"], message["List-Post"] = "<help.groups.partner.example>", f"<mailto:{GROUP}>"
    message["Precedence"] = "list"
    stage.books.may_read([cast.customer.address], pen.marks)
    stage.bring("help+bounces@groups.partner.example", [SUPPORT], message)
    return Sent(Meant(frozenset(pen.marks), staff=True), author=cast.customer.address)


def by_staff(stage: Stage, move: Move, random: Random) -> Sent | None:
    """What stands above a forward of staff is a note; what they forward is the customer's request."""
    cast = stage.begin(move)
    pen = _pen(move, random, cast.customer)
    private = Draft(
        _mailbox(cast.customer),
        stage.desk.now,
        pen.paragraphs(),
        subject=f"Question {move.thread + 1} for you",
        to=_mailbox(OMAR),
    )
    received_by_omar = written(CLIENTS[random.choice(CLIENT_NAMES)], private)
    stage.books.may_read([cast.customer.address], pen.marks)
    asked, said = frozenset(pen.marks), len(pen.marks)
    pen.sentences = NOTE_SENTENCES
    comment = pen.paragraphs(1) if random.random() < 0.5 else ()
    draft = Draft(_mailbox(OMAR), stage.desk.now, comment, received(received_by_omar), Writes.FORWARD, to=SUPPORT)
    stage.bring(OMAR.address, [SUPPORT], written(CLIENTS[move.client], draft))
    return Sent(Meant(asked, kept=True), noted=frozenset(pen.marks[said:]), author=OMAR.address)


def replies(stage: Stage, move: Move, random: Random) -> Sent | None:
    """Somebody outside answers the newest mail of this request that they have."""
    thread = stage.threads.get(move.thread)
    if thread is None:
        return None
    person: Person = getattr(thread.cast, move.role)
    mail = stage.newest(person, move.thread)
    desk = stage.desk_address(person, move.thread)
    if mail is None or desk is None:
        return None
    pen = _pen(move, random, person)
    quoted = received(mail.message)
    others = answered_all(person.address, quoted) if move.deed is Deed.REPLIES_TO_ALL else ""
    author = "" if quoted.address.endswith("support.example.com") else quoted.address
    to = ", ".join(dict.fromkeys(address for address in (author, desk) if address))
    cc = ", ".join(address for _, address in getaddresses([others]) if address not in to and not is_desk(address))
    subject = f"Now about the {pen.mark()}" if move.new_subject else ""
    draft, context = _with_quote(stage, move, person, pen, random, quoted, to=to, cc=cc, subject=subject)
    message = written(_placed(move), draft)
    # What it quotes and the desk never had is news as well.
    news = as_letter(message, "", "").marks - stage.known - set(MARK.findall(str(message["Subject"])))
    stage.send(person, message, [parseaddr(desk)[1]], move.thread)
    thread.resolved = False
    is_contact = move.role != "stranger"
    if (
        person.address in thread.takes_part
    ):  # their words belong to the conversation, and those who take part can read it in their inbox
        stage.books.may_read(thread.takes_part, pen.marks)
    if is_contact:
        thread.takes_part.add(person.address)
    # The subject of a mail is shown with it; the inbox shows the words.
    account = person.account if is_contact and thread.proved and not move.new_subject else ""
    return Sent(Meant(frozenset(pen.marks) | news, staff=True, account=account), context=context, author=person.address)


def writes_aside(stage: Stage, move: Move, random: Random) -> Sent | None:
    """A colleague answers the customer alone. The desk sees these words only where the customer quotes them."""
    thread = stage.threads.get(move.thread)
    mail = stage.newest(thread.cast.colleague, move.thread) if thread else None
    if thread is None or mail is None:
        return None
    person, pen = thread.cast.colleague, _pen(move, random, thread.cast.colleague)
    draft = _draft(stage, move, person, pen.paragraphs(), received(mail.message), to=thread.cast.customer.address)
    message = written(_placed(replace(move, place=Place.ABOVE)), draft)
    stage.desk.now = draft.at
    stage.put(message, [thread.cast.customer.address, person.address], move.thread)
    return None


def answers(stage: Stage, move: Move, random: Random) -> Sent | None:
    """Staff answer, ask, resolve or note."""
    thread = stage.threads.get(move.thread)
    found = stage.newest_to_staff(move.thread)
    if thread is None or found is None:
        return None
    person, mail = found
    pen = _pen(move, random, person)
    draft, context = _with_quote(stage, move, person, pen, random, received(mail.message))
    command = "" if thread.resolved and move.deed in (Deed.ASKS, Deed.RESOLVES) else COMMANDS.get(move.deed, "")
    spoken = [draft.words, *(answer.words for answer in draft.answers)]
    # Who is told that nothing was carried out writes again what they had changed in the quote, too.
    quote = draft.quoted.text.split("\n") if draft.quoted else []
    changed = [line.lstrip("> ").rstrip() for line in quote if not set(MARK.findall(line)).isdisjoint(pen.marks)]
    text = "\n\n".join([command, *changed, *(own_text(words, Handwriting()) for words in spoken if words)]).strip()
    if command:
        draft = replace(draft, words=(command, *draft.words))
    thread.resolved = thread.resolved or move.deed is Deed.RESOLVES
    message = written(_placed(move), draft)
    marks = frozenset(pen.marks)
    is_note = move.deed is Deed.NOTES
    if not is_note:
        stage.books.may_read(thread.takes_part | thread.may_read, marks | context)
    thread.notes += is_note
    stage.bring(person.address, [parseaddr(str(message["To"]))[1]], message)
    readers = frozenset() if is_note else frozenset(thread.takes_part)
    account = "" if is_note or not thread.proved else thread.cast.customer.account
    meant = Meant(marks, readers=readers, account=account, direction="support", noted=is_note)
    return Sent(meant, context=context, author=person.address, text=text if command else "")


def takes_in(stage: Stage, move: Move, random: Random) -> Sent | None:
    thread = stage.threads.get(move.thread)
    found = stage.newest_to_staff(move.thread)
    if thread is None or found is None:
        return None
    person, mail = found
    draft = _draft(stage, move, person, (f"#cc {thread.cast.stranger.address}",), received(mail.message))
    message = written(_placed(replace(move, place=Place.ABOVE)), draft)
    stage.bring(person.address, [parseaddr(str(message["To"]))[1]], message)
    thread.takes_part.add(thread.cast.stranger.address)
    return Sent(Meant(frozenset()), author=person.address)


DEEDS: dict[Deed, Callable[[Stage, Move, Random], Sent | None]] = {
    Deed.OPENS: opens,
    Deed.OPENS_WITH_QUOTE: opens,
    Deed.FORWARDS: opens,
    Deed.BY_FORM: fills_in,
    Deed.BY_GROUP: by_group,
    Deed.BY_STAFF: by_staff,
    Deed.REPLIES: replies,
    Deed.REPLIES_TO_ALL: replies,
    Deed.ASIDE: writes_aside,
    Deed.ANSWERS: answers,
    Deed.ASKS: answers,
    Deed.RESOLVES: answers,
    Deed.NOTES: answers,
    Deed.TAKES_IN: takes_in,
}


def _draft(
    stage: Stage,
    move: Move,
    person: Person,
    words: Words,
    quoted: Quoted | None,
    subject: str = "",
    to: str = "",
    cc: str = "",
) -> Draft:
    signature = SIGNATURES[person.account].format(name=person.name) if move.signature else ""
    shows_quote = move.place is not Place.WITHOUT or move.deed in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS)
    deed = Writes.FORWARD if move.deed is Deed.FORWARDS else Writes.REPLY
    return Draft(
        _mailbox(person), stage.desk.now, words, quoted, deed, (), signature, person.language, subject, to, cc, shows_quote
    )


def _with_quote(
    stage: Stage, move: Move, person: Person, pen: Pen, random: Random, quoted: Quoted, **fields: str
) -> tuple[Draft, frozenset[str]]:
    """The draft of a reply, and the marks of the lines that it answers or changes."""
    lines = [line for line in anchors(quoted) if MARK.search(line)][:4]
    if move.place is Place.BETWEEN and lines:
        chosen = sorted(random.sample(range(len(lines)), min(len(lines), random.randint(1, 2))))
        answers = tuple(Answer(lines[place], (pen.sentence(),)) for place in chosen)
        draft = replace(
            _draft(stage, move, person, pen.paragraphs(1) if random.random() < 0.3 else (), quoted, **fields), answers=answers
        )
        return draft, frozenset(MARK.findall(" ".join(lines[place] for place in chosen)))
    whole = [line for line in lines if line in quoted.text and escape(line) in quoted.html]
    if move.place is Place.EDITED and whole:
        changed, line = _edit(quoted, random.choice(whole), pen)
        return _draft(stage, move, person, pen.paragraphs(1), changed, **fields), frozenset(MARK.findall(line))
    return _draft(stage, move, person, pen.words(_shape(move)), quoted, **fields), frozenset()


def _shape(move: Move) -> Shape:
    """What the words have beside paragraphs. A client that writes plain text sets no picture into it."""
    return Shape.LIST if move.shape is Shape.PICTURE and CLIENTS[move.client].parts == "text" else move.shape


def _placed(move: Move) -> Client:
    client = CLIENTS[move.client]
    return below(client) if move.place is Place.BELOW else above(client) if move.place in (Place.ABOVE, Place.EDITED) else client


def _pen(move: Move, random: Random, person: Person) -> Pen:
    sentences = NOTE_SENTENCES if move.deed is Deed.NOTES else STAFF_SENTENCES if move.role == "staff" else ()
    return Pen(move.number, random, person.language, sentences)


def _edit(quoted: Quoted, line: str, pen: Pen) -> tuple[Quoted, str]:
    """The quoted mail with one word of a line changed into a mark."""
    words = line.split()
    place = max((index for index, word in enumerate(words) if word.isalpha()), key=lambda index: len(words[index]))
    changed = " ".join([*words[:place], pen.mark(), *words[place + 1 :]])
    html = quoted.html.replace(escape(line), escape(changed), 1)
    return replace(quoted, html=html, text=quoted.text.replace(line, changed, 1)), line


def _mailbox(person: Person) -> str:
    return f"{person.name} <{person.address}>"
