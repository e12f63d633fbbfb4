"""The desk that is measured: one folder with its configuration, secret, database, blobs and letters."""

from collections.abc import Iterable
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

from helpdesk.config.load import Configuration, load
from helpdesk.config.new_desk import CONFIGURATION, FIRST_KEY, SECRET, new_key
from helpdesk.config.private_files import write_private
from helpdesk.gateway.bench.workload import SUPPORT, Mail, OpenConversation
from helpdesk.store.database import Database
from helpdesk.store.inbound import counts_by_state, pending_count
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import list_letters, words_of_letter
from helpdesk.threading.model.letter_state import UNSENT_STATES
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

TEXT = f"""
[desk]
name = "Measured Support"
prefix = "MEA"
domain = "{SUPPORT.partition("@")[2]}"
[[address]]
address = "{SUPPORT}"
[database]
url = "sqlite:///helpdesk.db"
blobs = "blobs"
[smtp]
listen = "127.0.0.1:0"
[relay]
url = "maildir:outgoing"
[authentication]
assume_from = ["127.0.0.1/32"]
[answering]
digest_at = ""
[[staff]]
name = "Omar Haddad"
address = "omar@desk.example"
[[staff]]
name = "Bela Kovacs"
address = "bela@desk.example"
[[staff]]
name = "Ines Duarte"
address = "ines@desk.example"
role = "senior"
[[account]]
id = "example"
plan = "business"
domains = ["example.net"]
[automatic]
address_hour = 1000000
address_day = 1000000
domain_hour = 1000000
desk_minute = 1000000
desk_hour = 1000000
loop_letters = 1000000
"""
EVERY_LETTER = 10_000_000


class Folder:
    """A new desk in an empty folder, with its schema. `database` reads it from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / CONFIGURATION
        write_private(self.config, TEXT.encode())
        write_private(folder / SECRET, new_key(FIRST_KEY).encode("ascii"))
        self.configuration: Configuration = load(self.config, {})
        self.database = Database(self.configuration.settings.database.url)
        migrate(self.database)

    def close(self) -> None:
        self.database.close()

    def pending(self) -> int:
        """How many mails have no committed effects yet."""
        with self.database.reading() as connection:
            return pending_count(connection)

    def dispositions(self) -> dict[Disposition, int]:
        """How many mails have each disposition."""
        with self.database.reading() as connection:
            return counts_by_state(connection)

    def letters(self) -> int:
        """How many letters were ever written."""
        with self.database.reading() as connection:
            return len(list_letters(connection, limit=EVERY_LETTER))

    def unsent(self) -> int:
        """How many letters wait to be sent."""
        with self.database.reading() as connection:
            return sum(len(list_letters(connection, state, EVERY_LETTER)) for state in UNSENT_STATES)

    def conversations(self, requests: Iterable[Mail]) -> list[OpenConversation]:
        """The requests whose confirmation is in the outbox, with the address to which replies to it go."""
        by_message_id = {request.message_id: request for request in requests}
        found = []
        with self.database.reading() as connection:
            letters = [letter for letter in list_letters(connection, limit=EVERY_LETTER) if letter.notice == Notice.CONFIRMATION]
            for letter in reversed(letters):
                header = BytesHeaderParser().parsebytes(words_of_letter(connection, letter.id) or b"")
                request = by_message_id.get(str(header["In-Reply-To"]).strip().strip("<>"))
                if request is not None:
                    reply_address = parseaddr(str(header["Reply-To"]))[1]
                    found.append(OpenConversation(request, reply_address, letter.message_id, letter.subject))
        return found
