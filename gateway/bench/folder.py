"""The desk that is measured: one folder with its configuration, secret, database, blobs and letters."""

import secrets
from collections.abc import Iterable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

from helpdesk.config.load import Configuration, load
from helpdesk.config.new_desk import CONFIGURATION, FIRST_KEY, SECRET, new_key
from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.bench.measure import parent_of
from helpdesk.gateway.bench.workload import SUPPORT, Bodies, Mail, OpenConversation
from helpdesk.store.database import Database
from helpdesk.store.inbound import counts_by_state, pending_count
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import list_letters, words_of_letter
from helpdesk.store.schema import UNSENT
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

DESK = f"""
[desk]
name = "Measured Support"
prefix = "MEA"
domain = "{SUPPORT.partition("@")[2]}"
[[address]]
address = "{SUPPORT}"
[smtp]
listen = "127.0.0.1:0"
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
MAILDIR = "maildir:outgoing"
EVERY_LETTER = 10_000_000


class Folder:
    """A new desk in an empty folder, with its schema. `database` reads it from outside.

    `server` is the URL of a PostgreSQL database in which the desk gets a schema of its own, which `close` drops; without it the desk has an
    SQLite file. `more` is added to the configuration.
    """

    def __init__(self, folder: Path, server: str = "", more: str = "") -> None:
        make_folder(folder)
        self.folder = folder
        self._server, self._schema = server, f"helpdesk_bench_{secrets.token_hex(4)}" if server else ""
        self._url = _with_schema(server, self._schema) if server else "sqlite:///helpdesk.db"
        self._more = more
        write_private(folder / SECRET, new_key(FIRST_KEY).encode("ascii"))
        self.config = self.configured(CONFIGURATION)
        self.configuration: Configuration = load(self.config, {})
        self._administer(f"CREATE SCHEMA {self._schema}")
        self.database = Database(self.configuration.settings.database.url)
        migrate(self.database)

    def configured(self, name: str, relay: str = MAILDIR, more: str = "") -> Path:
        """Write a further configuration of this desk, for another relay or another node, and return its file."""
        file = self.folder / name
        storage = f'[database]\nurl = "{self._url}"\nblobs = "blobs"\n[relay]\nurl = "{relay}"\n'
        write_private(file, (DESK + storage + self._more + more).encode())
        return file

    def close(self) -> None:
        self.database.close()
        self._administer(f"DROP SCHEMA {self._schema} CASCADE")

    def _administer(self, statement: str) -> None:
        if self._server:
            server = Database(self._server)
            try:
                with server.writing() as connection:
                    connection.exec_driver_sql(statement)
            finally:
                server.close()

    def pending(self) -> int:
        """How many mails have no committed effects yet."""
        with self.database.reading() as connection:
            return pending_count(connection)

    def dispositions(self) -> dict[Disposition, int]:
        """How many mails have each disposition."""
        with self.database.reading() as connection:
            return counts_by_state(connection)

    def database_process(self) -> int:
        """The PostgreSQL server that serves this desk, if it runs on this machine; 0 otherwise, and on SQLite."""
        return parent_of(self._count("SELECT pg_backend_pid()"), "postgres") if self._server else 0

    def letters(self) -> int:
        """How many letters were ever written."""
        return self._count("SELECT count(*) FROM outbox")

    def unsent(self) -> int:
        """How many letters wait to be sent."""
        return self._count(f"SELECT count(*) FROM outbox WHERE {UNSENT.text}")

    def tickets(self) -> int:
        """How many tickets there are."""
        return self._count("SELECT count(*) FROM ticket")

    def _count(self, statement: str) -> int:
        with self.database.reading() as connection:
            return int(connection.exec_driver_sql(statement).scalar_one())

    def conversations(self, requests: Iterable[Mail]) -> list[OpenConversation]:
        """The requests whose confirmation is in the outbox, with the address to which replies to it go."""
        by_message_id = {request.message_id: request for request in requests}
        found = []
        with self.database.reading() as connection:
            letters = [letter for letter in list_letters(connection, limit=EVERY_LETTER) if letter.notice == Notice.CONFIRMATION]
            for letter in reversed(letters):
                mail = message_from_bytes(words_of_letter(connection, letter.id) or b"", policy=default)
                request = by_message_id.get(str(mail["In-Reply-To"]).strip().strip("<>"))
                if request is not None:
                    reply_address = parseaddr(str(mail["Reply-To"]))[1]
                    words = Bodies(_body(mail, "plain"), _body(mail, "html"))
                    found.append(OpenConversation(request, reply_address, letter.message_id, letter.subject, words))
        return found


def _body(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return "\n".join(str(part.get_content()).splitlines()) if part is not None else ""


def _with_schema(url: str, schema: str) -> str:
    """The URL of the same database, for connections that see only this schema."""
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
