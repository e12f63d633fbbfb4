"""What people do in a conversation: each deed writes one mail, brings it to the desk, and says whom its words are meant for."""

from dataclasses import replace
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from random import Random

from support.clients.compose import Deed as Writes
from support.clients.compose import Draft, answered_all, written
from support.clients.quoted import received
from support.clients.shapes import CLIENTS
from support.clients.words import Handwriting, own_text
from support.conversations.books import MARK, Meant, as_letter
from support.conversations.drafts import Sent, draft_of, draft_with_quote, mailbox, pen_of, placed_client, shape_of
from support.conversations.filters import put_into
from support.conversations.moves import Deed, Move, Person, Place
from support.conversations.stage import Stage, is_desk
from support.conversations.wording import NOTE_SENTENCES
from support.desk.story import SUPPORT

FORM = "forms@webshop.example"
GROUP = "help@groups.partner.example"
MORE = f'[[form]]\naddress = "{FORM}"\n'  # what the desk of a conversation has in its configuration beside that of the stories
OMAR = Person("omar@desk.example", "Omar Haddad")
CLIENT_NAMES = tuple(CLIENTS)
COMMANDS = {Deed.ASKS: "#ask", Deed.RESOLVES: "#resolve", Deed.NOTES: "#note"}


def opens(stage: Stage, move: Move, random: Random) -> Sent | None:
    cast = stage.begin(move)
    pen = pen_of(move, random, cast.customer)
    words, quoted, subject = pen.words(shape_of(move)), None, ""
    if move.deed in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS):
        foreign = Draft(
            "Lena Holm <lena@elsewhere.example>",
            stage.desk.now,
            pen.paragraphs(),
            subject="The delivery",
            to=mailbox(cast.customer),
        )
        quoted = received(written(CLIENTS["thunderbird"], foreign))
    else:
        subject = f"Question {move.thread + 1} about the device"
    cc = ", ".join(mailbox(person) for person in (cast.colleague, cast.stranger)) if move.cc and quoted is None else ""
    draft = draft_of(stage, move, cast.customer, words, quoted, subject=subject, to=SUPPORT, cc=cc)
    message = written(placed_client(move), draft)
    if move.filtered:
        put_into(message, random)
    stage.send(cast.customer, message, [SUPPORT], move.thread)
    if cc:
        stage.threads[move.thread].may_read.add(cast.colleague.address)
    return Sent(Meant(frozenset(pen.marks), staff=True, account=cast.customer.account), author=cast.customer.address)


def fills_in(stage: Stage, move: Move, random: Random) -> Sent | None:
    cast = stage.begin(move)
    pen = pen_of(move, random, cast.customer)
    message = EmailMessage()
    message["From"], message["To"], message["Reply-To"] = f"Web shop <{FORM}>", SUPPORT, mailbox(cast.customer)
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
    pen = pen_of(move, random, cast.customer)
    draft = draft_of(
        stage, move, cast.customer, pen.words(shape_of(move)), None, subject=f"Question {move.thread + 1} for the group", to=GROUP
    )
    message = written(placed_client(move), draft)
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
    """What stands above a forward of staff is a note; what they forward, in their mail or as its attachment, is the customer's request."""
    cast = stage.begin(move)
    pen = pen_of(move, random, cast.customer)
    private = Draft(
        mailbox(cast.customer),
        stage.desk.now,
        pen.paragraphs(),
        subject=f"Question {move.thread + 1} for you",
        to=mailbox(OMAR),
    )
    received_by_omar = written(CLIENTS[random.choice(CLIENT_NAMES)], private)
    stage.books.may_read([cast.customer.address], pen.marks)
    asked, said = frozenset(pen.marks), len(pen.marks)
    pen.sentences = NOTE_SENTENCES
    comment = pen.paragraphs(1) if random.random() < 0.5 else ()
    as_file = move.deed is Deed.BY_STAFF_AS_FILE
    forwarded = received(received_by_omar)
    draft = Draft(mailbox(OMAR), stage.desk.now, comment, forwarded, Writes.FORWARD, to=SUPPORT, shows_quote=not as_file)
    message = written(CLIENTS[move.client], draft)
    if as_file:
        message.add_attachment(received_by_omar)
    stage.bring(OMAR.address, [SUPPORT], message)
    return Sent(Meant(asked, kept=True), noted=frozenset(pen.marks[said:]), author=OMAR.address)


def replies(stage: Stage, move: Move, random: Random) -> Sent | None:
    """Somebody outside answers the newest mail of this request that they have."""
    thread = stage.threads.get(move.thread)
    if thread is None:
        return None
    person: Person = getattr(thread.cast, move.role)
    mail = stage.newest(person, move.thread, random if move.older else None)
    desk = stage.desk_address(person, move.thread)
    if mail is None or desk is None:
        return None
    pen = pen_of(move, random, person)
    quoted = received(mail.message)
    others = answered_all(person.address, quoted) if move.deed is Deed.REPLIES_TO_ALL else ""
    author = "" if quoted.address.endswith("support.example.com") else quoted.address
    to = ", ".join(dict.fromkeys(address for address in (author, desk) if address))
    cc = ", ".join(address for _, address in getaddresses([others]) if address not in to and not is_desk(address))
    subject = f"Now about the {pen.mark()}" if move.new_subject else ""
    drafted = draft_with_quote(stage, move, person, pen, random, quoted, to=to, cc=cc, subject=subject)
    draft = drafted.draft
    message = written(placed_client(move), draft)
    if move.filtered:
        put_into(message, random)
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
    meant = Meant(frozenset(pen.marks) | news, staff=True, account=account)
    return Sent(meant, context=drafted.context, cited=drafted.cited, author=person.address)


def writes_aside(stage: Stage, move: Move, random: Random) -> Sent | None:
    """A colleague answers the customer alone. The desk sees these words only where the customer quotes them."""
    thread = stage.threads.get(move.thread)
    mail = stage.newest(thread.cast.colleague, move.thread) if thread else None
    if thread is None or mail is None:
        return None
    person, pen = thread.cast.colleague, pen_of(move, random, thread.cast.colleague)
    draft = draft_of(stage, move, person, pen.paragraphs(), received(mail.message), to=thread.cast.customer.address)
    message = written(placed_client(replace(move, place=Place.ABOVE)), draft)
    stage.desk.now = draft.at
    stage.put(message, [thread.cast.customer.address, person.address], move.thread)
    return None


def answers(stage: Stage, move: Move, random: Random) -> Sent | None:
    """Staff answer, ask, resolve or note."""
    thread = stage.threads.get(move.thread)
    found = stage.newest_to_staff(move.thread, random if move.older else None)
    if thread is None or found is None:
        return None
    person, mail = found
    pen = pen_of(move, random, person)
    drafted = draft_with_quote(stage, move, person, pen, random, received(mail.message))
    draft = drafted.draft
    command = "" if thread.resolved and move.deed in (Deed.ASKS, Deed.RESOLVES) else COMMANDS.get(move.deed, "")
    spoken = [draft.words, *(answer.words for answer in draft.answers)]
    # Who is told that nothing was carried out writes again what they had changed in the quote, too.
    quote = draft.quoted.text.split("\n") if draft.quoted else []
    changed = [line.lstrip("> ").rstrip() for line in quote if not set(MARK.findall(line)).isdisjoint(pen.marks)]
    text = "\n\n".join([command, *changed, *(own_text(words, Handwriting()) for words in spoken if words)]).strip()
    if command:
        draft = replace(draft, words=(command, *draft.words))
    thread.resolved = thread.resolved or move.deed is Deed.RESOLVES
    message = written(placed_client(move), draft)
    marks = frozenset(pen.marks)
    is_note = move.deed is Deed.NOTES
    if not is_note:
        stage.books.may_read(thread.takes_part | thread.may_read, marks | drafted.context)
    thread.notes += is_note
    stage.bring(person.address, [stage.written_to(message)], message)
    readers = frozenset() if is_note else frozenset(thread.takes_part)
    account = "" if is_note or not thread.proved else thread.cast.customer.account
    meant = Meant(marks, readers=readers, account=account, direction="support", noted=is_note)
    return Sent(meant, context=drafted.context, cited=drafted.cited, author=person.address, text=text if command else "")


def takes_in(stage: Stage, move: Move, random: Random) -> Sent | None:
    thread = stage.threads.get(move.thread)
    found = stage.newest_to_staff(move.thread)
    if thread is None or found is None:
        return None
    person, mail = found
    draft = draft_of(stage, move, person, (f"#cc {thread.cast.stranger.address}",), received(mail.message))
    message = written(placed_client(replace(move, place=Place.ABOVE)), draft)
    stage.bring(person.address, [stage.written_to(message)], message)
    thread.takes_part.add(thread.cast.stranger.address)
    return Sent(Meant(frozenset()), author=person.address)
