"""A Cyrus of our own: IMAP on a port of 127.0.0.1, its mail in a folder; any password is right.

Debian's servers of mailboxes exclude each other, so that this one is not installed but unpacked: `.ci/run` puts it into build/peers.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from imaplib import IMAP4
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for

UNPACKED = Path(__file__).parents[3] / "build" / "peers" / "cyrus"
PROGRAMS = UNPACKED / "usr" / "lib" / "cyrus" / "bin"
LIBRARIES = (UNPACKED / "usr" / "lib" / "x86_64-linux-gnu", UNPACKED / "lib" / "x86_64-linux-gnu")
ACCOUNT, GROUP = "nobody", "nogroup"
CONFIGURATION = """
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/spool
admins: admin
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN
cyrus_user: nobody
cyrus_group: nogroup
unixhierarchysep: no
altnamespace: no
fulldirhash: no
imapidlepoll: 1
"""
SERVICES = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{port}" prefork=1
}}
EVENTS {{
}}
"""


@dataclass
class Cyrus:
    """A running server. Levels of folders are parted by a dot, and all folders of a user stand below `INBOX.`."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def add_user(self, user: str, *folders: str) -> None:
        """Make a user with an INBOX and further folders: none comes to be by itself."""
        for name in ("", *(f".{folder}" for folder in folders)):
            with self.client("admin") as client:
                kind, said = client.create(f"user.{user}{name}")
                assert kind == "OK", said

    def put(self, user: str, *contents: bytes, folder: str = "INBOX") -> None:
        """Mails in a mailbox, as if they had been delivered."""
        with self.client(user) as client:
            for content in contents:
                kind, said = client.append(folder, "", "", content)
                assert kind == "OK", said

    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder, oldest first."""
        with self.client(user) as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]  # type: ignore[index,misc]

    def client(self, user: str) -> IMAP4:
        """Another mail program at the same mailbox."""
        client = IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(user, "secret")
        return client

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder)


def cyrus() -> Cyrus:
    """A running server. Raises Hang where it does not answer."""
    folder, (port,) = Path(tempfile.mkdtemp(prefix="desk-cyrus-", dir="/tmp")), free_ports(1)
    folder.chmod(0o755)
    (folder / "imapd.conf").write_text(CONFIGURATION.format(folder=folder))
    (folder / "cyrus.conf").write_text(SERVICES.format(folder=folder, programs=PROGRAMS, port=port))
    for name in ("conf", "spool"):
        (folder / name).mkdir()
        shutil.chown(folder / name, ACCOUNT, GROUP)
    files = ("-C", folder / "imapd.conf", "-M", folder / "cyrus.conf", "-p", folder / "pid")
    command = [str(word) for word in (PROGRAMS / "master", "-D", *files)]
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, LIBRARIES))}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    wait_for(partial(answers, port), lambda: f"Cyrus listens on {port}; it says: {(folder / 'output').read_text()}")
    return Cyrus(folder, port, process)
