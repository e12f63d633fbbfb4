"""A desk with the mailboxes of the people around it: mail goes in, letters come out, and everything new is found."""

from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from pathlib import Path
from random import Random

from support.conversations.books import STAFF, Books, Letter, as_letter, marks_in_file
from support.conversations.moves import CASTS, Cast, Deed, Move, Person
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.gateway.node.node import number_inbox
from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.kept_files import content_of_file
from helpdesk.store.outbox import list_letters
from helpdesk.store.platform import InboxMessage, list_inbox
from helpdesk.threading.model.notice import Notice

# Letters to staff of which a reply is for the customer.
ANSWERED_FROM = {str(notice) for notice in (Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED, Notice.ASSIGNMENT)}
MACHINES = (
    Deed.BY_FORM,
    Deed.BY_GROUP,
    Deed.BY_STAFF,
    Deed.BY_STAFF_AS_FILE,
)  # the customer does not write to the desk themselves


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
    brought: dict[int, tuple[str, list[str], EmailMessage]] = field(default_factory=dict)  # by thread, the last mail from outside

    def begin(self, move: Move) -> Cast:
        """The people of a request that begins."""
        thread = self.threads.setdefault(move.thread, Thread(CASTS[move.thread]))
        thread.takes_part.add(thread.cast.customer.address)
        thread.proved = move.deed not in MACHINES
        return thread.cast

    def send(self, person: Person, message: EmailMessage, to_desk: list[str], thread: int) -> None:
        """Deliver the mail to the desk and to the other people in To and Cc."""
        people = [
            address for _, address in getaddresses([str(message["To"]), str(message.get("Cc", ""))]) if not is_desk(address)
        ]
        self.put(message, [*people, person.address], thread, kept=people)
        self.brought[thread] = (person.address, to_desk, message)
        self.bring(person.address, to_desk, message)

    def put(self, message: EmailMessage, readers: list[str], thread: int, kept: list[str] | None = None) -> None:
        self.books.may_read(readers, as_letter(message, "", "").marks)
        for address in readers[:1] if kept is None else kept:
            self.mailboxes.setdefault(address, []).append(Mail(message, thread))

    def bring(self, reverse_path: str, to: list[str], message: EmailMessage) -> None:
        self.known |= as_letter(message, "", "").marks
        self.desk.deliver(reverse_path, to, message.as_bytes(policy=policy.SMTP), "127.0.0.1")
        self.desk.passes(minutes=7)

    def newest(self, person: Person, thread: int, older: Random | None = None) -> Mail | None:
        """The newest mail of the thread that the person has, or any that `older` chooses."""
        found = [mail for mail in self.mailboxes.get(person.address, []) if mail.thread == thread]
        return None if not found else found[-1] if older is None else older.choice(found)

    def newest_to_staff(self, thread: int, older: Random | None = None) -> tuple[Person, Mail] | None:
        """The newest letter about the request of the thread, or any that `older` chooses."""
        request = self.request(thread)
        found = [
            (address, mail)
            for address, mails in self.mailboxes.items()
            for mail in mails
            if address.endswith(STAFF) and mail.ticket == request and mail.notice in ANSWERED_FROM
        ]
        if not found:
            return None
        found.sort(key=lambda pair: _time(pair[1].message))
        address, mail = found[-1] if older is None else older.choice(found)
        return Person(address, address.partition("@")[0].title()), mail

    def desk_address(self, person: Person, thread: int) -> str | None:
        """Where the person reaches the desk about this request: by its letters, or by a mail of theirs that it also got."""
        for mail in reversed(self.mailboxes.get(person.address, [])):
            if mail.thread == thread:
                if mail.notice:
                    return parseaddr(str(mail.message["Reply-To"]))[1]
                return SUPPORT
        return None

    def new_letters(self, thread: int) -> list[Letter]:
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
        for ticket in self.desk.tickets():  # also those about which no letter was sent
            self.thread_of.setdefault(ticket.reference, thread)
        self.books.letters += len(letters)
        return letters

    def new_rows(self) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
        """The words of new rows, and their HTML, by account, or by address where they are in no account's inbox, and by direction."""
        number_inbox(self.desk.database)
        with self.desk.database.reading() as connection:
            rows = list_inbox(connection, after=self.seen_row)
        texts: dict[tuple[str, str], str] = {}
        markup: dict[tuple[str, str], str] = {}
        for row in rows:
            key = (row.account_id or row.contact_address, row.direction)
            beside = f"{row.subject}\n{self._files(row)}"
            texts[key] = f"{texts.get(key, '')}\n{row.body_text}\n{beside}"
            markup[key] = f"{markup.get(key, '')}\n{row.body_html or ''}\n{beside}"
            self.seen_row = max(self.seen_row, row.position)
        return texts, markup

    def _files(self, row: InboxMessage) -> str:
        """The names of a row's files, and the marks in them."""
        with self.desk.database.reading() as connection:
            contents = [
                content_of_file(connection, self.desk.node.blobs, str(file["id"])) for file in row.attachments if file.get("id")
            ]
        return " ".join([*(str(file.get("filename", "")) for file in row.attachments), *map(marks_in_file, contents)])

    def thread_key(self, thread: int) -> str | None:
        """The platform's key of the request of the thread."""
        with self.desk.database.reading() as connection:
            history = ticket_history(connection, self.request(thread))
        return None if history is None else history.ticket.thread_key

    @staticmethod
    def written_to(message: EmailMessage) -> str:
        return parseaddr(str(message["To"]))[1]

    def request(self, thread: int) -> str:
        """The reference of the request of the thread, not of those that strangers in Cc began; "" where there is none yet."""
        return next((reference for reference, number in self.thread_of.items() if number == thread and reference), "")

    def histories(self, thread: int) -> list[TicketHistory]:
        references = [reference for reference, number in self.thread_of.items() if number == thread and reference]
        with self.desk.database.reading() as connection:
            found = [ticket_history(connection, reference) for reference in references]
        return [history for history in found if history is not None]


def is_desk(address: str) -> bool:
    return address.endswith("@support.example.com")


def _id(message: EmailMessage) -> str:
    return str(message["Message-ID"]).strip("<>")


def _time(message: EmailMessage) -> float:
    return float(message["Date"].datetime.timestamp())


def _parsed(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
