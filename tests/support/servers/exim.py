"""An Exim of our own on a port of 127.0.0.1, which keeps in a Maildir what it takes.

Debian's mail servers exclude each other, so that this one is not installed but unpacked: `.ci/run` puts it into build/peers.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for

UNPACKED = Path(__file__).parents[3] / "build" / "peers" / "exim4" / "usr" / "sbin" / "exim4"
INSTALLED = shutil.which("exim4", path=os.environ.get("PATH", "") + ":/usr/sbin")
ACCOUNT = "Debian-exim"  # the account that the program was built for
CONFIGURATION = """
primary_hostname = relay.test
exim_path = {program}
exim_user = {account}
exim_group = {account}
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
message_size_limit = 20000
smtp_accept_queue_per_connection = 0
smtputf8_advertise_hosts = *
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept
begin acl
check_recipient:
  deny message = 5.1.1 nobody of this name
       local_parts = nobody
  defer message = 4.4.2 this domain is down
       domains = slow.test
  accept
begin routers
all:
  driver = accept
  transport = kept
begin transports
kept:
  driver = appendfile
  directory = {folder}/mail
  user = {account}
  maildir_format
"""


@dataclass
class Exim:
    """A running server: unknown are `nobody` of any domain, and slow.test is down."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def kept(self) -> list[bytes]:
        """What was delivered, in no order."""
        return [path.read_bytes() for path in (self.folder / "mail" / "new").glob("*")]

    @property
    def log(self) -> str:
        return "".join(
            path.read_text(errors="replace") for path in sorted((self.folder / "spool").glob("*log")) if path.is_file()
        )

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder)


def exim_program() -> str:
    """The program; "" where there is none, or nobody of its account."""
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return ""
    return str(UNPACKED) if UNPACKED.exists() else INSTALLED or ""


def exim() -> Exim:
    """A running server. Raises Hang where it does not answer."""
    folder = Path(tempfile.mkdtemp(prefix="desk-exim-", dir="/tmp"))
    folder.chmod(0o755)
    program, (port,) = exim_program(), free_ports(1)
    for name in ("spool", "mail"):
        (folder / name).mkdir()
        shutil.chown(folder / name, ACCOUNT, ACCOUNT)
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=port, program=program, account=ACCOUNT))
    (folder / "conf").chmod(0o644)
    command = [program, "-C", str(folder / "conf"), "-bdf", "-q1m"]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    running = Exim(folder, port, process)
    wait_for(partial(answers, port), lambda: f"Exim listens on {port}; it says: {(folder / 'output').read_text()} {running.log}")
    return running
