"""Postfix instances of our own: separate configuration, queue and ports on 127.0.0.1; nothing of the machine's own mail is touched.

Two of them are needed to tell a story as the world tells it. `front` is the desk's Postfix: the MX that hands mail to the gateway,
and the smarthost that takes the gateway's letters. `outside` is everybody else's: it holds the mailboxes, and what is sent to a
mailbox that it does not have comes back from `front` as a real delivery report.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for

POSTFIX = shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin")
FRAGMENTS = Path(__file__).parents[3] / "config" / "postfix"  # what docs/doors.md tells operators to write
ACCOUNT = 65534  # owns the mailboxes; Postfix delivers to nobody's mailbox as root
MASTER = """
{listeners}
pickup     unix  n  -  n  60    1  pickup
cleanup    unix  n  -  n  -     0  cleanup
qmgr       unix  n  -  n  300   1  qmgr
tlsmgr     unix  -  -  n  1000? 1  tlsmgr
rewrite    unix  -  -  n  -     -  trivial-rewrite
bounce     unix  -  -  n  -     0  bounce
defer      unix  -  -  n  -     0  bounce
trace      unix  -  -  n  -     0  bounce
verify     unix  -  -  n  -     1  verify
flush      unix  n  -  n  1000? 0  flush
proxymap   unix  -  -  n  -     -  proxymap
proxywrite unix  -  -  n  -     1  proxymap
smtp       unix  -  -  n  -     -  smtp
relay      unix  -  -  n  -     -  smtp
showq      unix  n  -  n  -     -  showq
error      unix  -  -  n  -     -  error
retry      unix  -  -  n  -     -  error
virtual    unix  -  n  n  -     -  virtual
anvil      unix  -  -  n  -     1  anvil
scache     unix  -  -  n  -     1  scache
postlog    unix-dgram n - n -   1  postlogd
{more}
"""
COMMON = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
local_recipient_maps =
notify_classes =
smtpd_helo_required = yes
disable_vrfy_command = yes
strict_rfc821_envelopes = yes
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
"""
FRONT = """
myhostname = mx.support.example.com
mynetworks = 127.0.0.1/32
relayhost = [127.0.0.1]:{outside}
smtpd_milters =
"""
TABLES = ("recipients", "strangers_claims", "own_received")
OUTSIDE = """
myhostname = mail.outside.example
smtpd_forbid_bare_newline = yes
smtpd_data_restrictions = reject_unauth_pipelining
mynetworks = 127.0.0.1/32
virtual_mailbox_domains = acme.example, globex.example, desk.example
virtual_mailbox_base = {folder}/mailboxes
virtual_mailbox_maps = texthash:{folder}/config/mailboxes
virtual_uid_maps = static:{account}
virtual_gid_maps = static:{account}
transport_maps = inline:{{ support.example.com=smtp:[127.0.0.1]:{front} }}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
MAILBOXES = (
    "anna@acme.example",
    "paul@acme.example",
    "omar@desk.example",
    "bela@desk.example",
    "ines@desk.example",
    "lina@globex.example",
)
HOMES = {address: address for address in MAILBOXES}


class Postfix:
    """One instance. Runs as root, as Postfix must, and drops its rights by itself."""

    def __init__(self, folder: Path, main: str, master: str, tables: dict[str, str]) -> None:
        self.folder = folder
        config = folder / "config"
        for part, owner in ((config, 0), (folder / "queue", 0), (folder / "data", "postfix"), (folder / "mailboxes", ACCOUNT)):
            part.mkdir(parents=True)
            shutil.chown(part, owner)
        (config / "main.cf").write_text(main)
        (config / "master.cf").write_text(master)
        for name, content in tables.items():
            (config / name).write_text(content)

    def start(self) -> None:
        self._postfix("start")

    def stop(self) -> None:
        self._postfix("stop")

    def flush(self) -> None:
        """Try again at once what waits in the queue."""
        self._run("postqueue", "-f")

    def forget(self) -> None:
        """Empty the queue."""
        self._run("postsuper", "-d", "ALL")

    def queued(self) -> int:
        return len(self._run("postqueue", "-j").splitlines())

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _postfix(self, command: str) -> None:
        self._run("postfix", command)

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(Path(POSTFIX or "").with_name(program)), "-c", str(self.folder / "config"), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if ended.returncode:
            raise RuntimeError(f"{' '.join(command)}: {ended.returncode} {ended.stderr.strip()} {self.log[-2000:]}")
        return ended.stdout


@dataclass
class PostOffice:
    """Both instances, the port on which they expect the gateway, and the port of a mail filter (milter) in front of it.

    At `by_lmtp` the MX takes mail that it hands over by LMTP, whatever it does with other mail.
    """

    folder: Path
    front: Postfix
    outside: Postfix
    gateway: int
    mx: int
    smarthost: int
    outside_port: int
    milter: int
    by_lmtp: int

    @property
    def socket(self) -> Path:
        """Where mail is handed over by LMTP."""
        return self.folder / "lmtp"

    @property
    def desk(self) -> Path:
        """The folder of the desk that the pipe delivers to."""
        return self.folder / "desk"

    @property
    def program(self) -> Path:
        """What the pipe calls."""
        return self.folder / "helpdesk"

    def give_to_account(self, folder: Path) -> None:
        """Let the account of the pipe read the secret and write the database."""
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, ACCOUNT, ACCOUNT)

    def clear(self) -> None:
        """As if no mail had ever been."""
        for server in (self.front, self.outside):
            server.forget()
        for mailbox in (self.outside.folder / "mailboxes").iterdir():
            shutil.rmtree(mailbox)

    def mailbox(self, address: str) -> dict[str, EmailMessage]:
        """What has been delivered to an address, by Message-ID."""
        found = {}
        for path in sorted((self.outside.folder / "mailboxes" / address / "new").glob("*")):
            message = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
            found[str(message["Message-ID"]).strip("<>")] = message
        return found

    def close(self) -> None:
        for server in (self.front, self.outside):
            server.stop()
        shutil.rmtree(self.folder)


def post_office(transport: str = "smtp", mailboxes: Mapping[str, str] = HOMES) -> PostOffice:
    """Two running instances; `transport` is how mail is handed to the gateway: smtp, lmtp or pipe. Mail to billing goes by a pipe
    where the others go by SMTP. `mailboxes` says which address, or @domain, has which folder. Raises RuntimeError where Postfix says no, Hang where it says nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix="desk-postfix-", dir="/tmp"))
    folder.chmod(0o755)  # Postfix works under accounts of its own
    gateway, mx, smarthost, outside_port, milter, by_lmtp = free_ports(6)
    there = {
        "/etc/postfix/helpdesk_": f"{folder / 'front' / 'config'}/",
        "127.0.0.1]:2525": f"127.0.0.1]:{gateway}",
        "/run/helpdesk/lmtp": str(folder / "lmtp"),
        "user=helpdesk": "user=nobody",
        "/opt/helpdesk/.venv/bin/helpdesk": str(folder / "helpdesk"),
        "/etc/helpdesk/helpdesk.toml": str(folder / "desk" / "helpdesk.toml"),
    }
    by_pipe = f"billing@{fragment('transport.pipe', there)}" if transport == "smtp" else ""
    front = Postfix(
        folder / "front",
        COMMON.format(folder=folder / "front") + fragment("main.cf", there) + FRONT.format(outside=outside_port),
        MASTER.format(
            listeners=f"127.0.0.1:{mx} inet n - n - - smtpd\n  -o mynetworks= -o smtpd_milters=inet:127.0.0.1:{milter}\n"
            f"127.0.0.1:{smarthost} inet n - n - - smtpd\n"
            f"127.0.0.1:{by_lmtp} inet n - n - - smtpd\n  -o content_filter=helpdesk-lmtp:unix:{folder}/lmtp",
            more=fragment("master.cf", there),
        ),
        {"transport": fragment(f"transport.{transport}", there) + by_pipe, **{name: fragment(name, there) for name in TABLES}},
    )
    outside = Postfix(
        folder / "outside",
        COMMON.format(folder=folder / "outside") + OUTSIDE.format(folder=folder / "outside", front=mx, account=ACCOUNT),
        MASTER.format(listeners=f"127.0.0.1:{outside_port} inet n - n - - smtpd", more=""),
        {"mailboxes": "".join(f"{address} {home}/\n" for address, home in mailboxes.items())},
    )
    office = PostOffice(folder, front, outside, gateway, mx, smarthost, outside_port, milter, by_lmtp)
    front.start()
    outside.start()
    for one, port in ((front, mx), (front, smarthost), (front, by_lmtp), (outside, outside_port)):
        wait_for(partial(answers, port), f"Postfix listens on {port}; its log: {one.log[-2000:]}")
    return office


def fragment(name: str, there: dict[str, str]) -> str:
    """A file as docs/doors.md shows it, with the places of this machine in it."""
    text = (FRAGMENTS / name).read_text()
    for written, meant in there.items():
        text = text.replace(written, meant)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("smtpd_milters"))
