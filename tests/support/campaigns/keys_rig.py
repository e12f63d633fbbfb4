"""Changes the keys of reply addresses on two nodes again and again, while Anna and Omar write to each other through both.

Their mails have nothing but the reply address to find the request by. Between any two steps of a change one of them answers, at the node that
has the newer or the older keys: were a letter signed with a key that its reader's node does not know, the answer would open another request.
"""

import re
import shutil
import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import cycle
from pathlib import Path

import psycopg
from click.testing import CliRunner
from support.campaigns.kill_rig import Gateway
from support.desk.story import SUPPORT, UNCAPPED, configured
from support.servers.databases import PostgresqlServer, _prepared_server
from support.servers.peers import free_ports, wait_for

from helpdesk.gateway.cli.reload import reload_command
from helpdesk.gateway.cli.token import token_group
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

ANNA, OMAR = "anna@acme.example", "omar@desk.example"
NODE = "\n[node]\nworkers = 1\n"


class Pair:
    """Two nodes with one database and one folder of letters, and their operator. `differs`: words of the first file, and those of the second."""

    def __init__(self, folder: Path, server: PostgresqlServer, closing: ExitStack, differs: tuple[str, str] = ("", "")) -> None:
        url = server.create()
        database = Database(url)
        migrate(database)
        database.close()
        self.url, self.letters = url, folder / "outgoing"
        self.folders, self.ports, self.gateways = [folder / "one", folder / "two"], free_ports(2), list[Gateway]()
        for place, port in zip(self.folders, self.ports, strict=True):
            config = configured(place, database=url, relay=f"maildir:{self.letters}", more=UNCAPPED + NODE, stale_guard="off")
            text = config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}")
            text = text.replace('role = "senior"', 'role = "senior"\nqueues = ["billing"]')
            text = text.replace('blobs = "blobs"', f'blobs = "{folder / "blobs"}"')
            config.write_text(text.replace(*differs) if self.gateways else text)
            gateway = Gateway(config, closing.enter_context((place / "log").open("wb")))
            closing.callback(gateway.kill)
            gateway.start()
            gateway.wait_until_ready()
            self.gateways.append(gateway)
        self._answered: set[str] = set()

    def token(self, *words: str, refused: bool = False) -> None:
        done = CliRunner().invoke(token_group, [*words, "--config", str(self.folders[0] / "helpdesk.toml")])
        assert bool(done.exit_code) is refused, done.output

    def give(self, place: int) -> None:
        """Give a node the secret file of the first, and reload it."""
        if place:
            shutil.copy(self.folders[0] / "secret", self.folders[place] / "secret")
        done = CliRunner().invoke(reload_command, ["--config", str(self.folders[place] / "helpdesk.toml")])
        assert done.exit_code == 0, done.output

    def newest(self, to: str) -> EmailMessage:
        """The newest letter to a person that they have not answered, which may still be on its way."""
        found: list[EmailMessage] = []

        def has_come() -> bool:
            for file in self.letters.glob("new/*"):
                letter = BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes(), headersonly=True)
                if (
                    to in str(letter["To"])
                    and "+r" in str(letter["Reply-To"])
                    and str(letter["Message-ID"]) not in self._answered
                ):
                    found.append(letter)
            return bool(found)

        wait_for(has_come, f"a letter to {to} comes")
        newest = found[-1]
        self._answered.update(str(letter["Message-ID"]) for letter in found)
        return newest

    def send(self, place: int, sender: str, to: str, number: int) -> None:
        mail = f"From: {sender}\r\nTo: {to}\r\nSubject: Word {number}\r\nMessage-ID: <{number}.{time.time_ns()}@desk.example>\r\n\r\nNo. {number}.\r\n"
        with smtplib.SMTP("127.0.0.1", self.ports[place], "client.example", timeout=60) as session:
            session.sendmail(sender, [to], mail)

    def tickets(self) -> int:
        with psycopg.connect(self.url) as connection:
            return int(connection.execute("SELECT count(*) FROM ticket").fetchone()[0])  # type: ignore[index]


def _conversation(pair: Pair) -> Iterator[str]:
    """Answer the newest letter, at the one node and then at the other. Gives the name of the key that had signed it."""
    pair.send(0, ANNA, SUPPORT, 0)
    turns = cycle([(OMAR, 1), (ANNA, 0), (OMAR, 0), (ANNA, 1)])
    for number, (who, place) in enumerate(turns, 1):
        address = str(pair.newest(who)["Reply-To"]).rpartition("<")[2].rstrip(">")
        pair.send(place, who, address, number)
        yield re.sub(r".*\+r(.).*", r"\1", address)


def run(seed: int, count: int) -> str:
    """`count` changes of the key; what was seen. Raises AssertionError when an answer found another request."""
    folder = Path(tempfile.mkdtemp(prefix="desk-keys-"))
    server = _prepared_server()
    server.start()
    seen = list[str]()
    begin = time.monotonic()
    with ExitStack() as closing:
        closing.callback(server.stop)
        pair = Pair(folder, server, closing)
        talk = _conversation(pair)
        key = "a"
        for change in range(count):
            first, second = (0, 1) if (seed + change) % 2 else (1, 0)
            name = "b" if key == "a" else "a"
            pair.token("add")
            pair.give(first)
            seen.append(next(talk))
            pair.token("use", name, refused=True)
            pair.give(second)
            seen.append(next(talk))
            pair.token("use", name)
            for place in (first, second):
                pair.give(place)
                seen.append(next(talk))
            for _ in range(2):  # so that the letters that wait for an answer are signed with the new key
                seen.append(next(talk))
            pair.token("remove", key)
            for place in (first, second):
                pair.give(place)
                seen.append(next(talk))
            key = name
            assert pair.tickets() == 1, f"{pair.tickets()} requests after change {change + 1}; left in {folder}"
        for gateway in pair.gateways:
            assert gateway.stop() == 0
    shutil.rmtree(server.folder)
    return f"{count} changes of key in {time.monotonic() - begin:.0f} s, {len(seen)} answers in one request, {len(set(seen))} keys signed"
