"""An OpenSMTPD of our own on a port of 127.0.0.1, which passes on what it takes by SMTP and by LMTP.

Debian's mail servers exclude each other, so that this one is not installed but unpacked: `.ci/run` puts it into build/peers. Its folders and
accounts are compiled in. It has them in a mount namespace of its own, so that the machine has neither.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for

UNPACKED = Path(__file__).parents[3] / "build" / "peers" / "opensmtpd"
PROGRAM = UNPACKED / "usr" / "sbin" / "smtpd"
ACCOUNTS = {"opensmtpd": 64001, "opensmtpq": 64002}
HOME = "/var/lib/opensmtpd/empty"
CONFIGURATION = """
smtp max-message-size 20000
listen on 127.0.0.1 port {port} hostname relay.test
action "onward" relay host "smtp://127.0.0.1:{smtp}" helo relay.test
action "door" lmtp "127.0.0.1:{lmtp}" rcpt-to virtual {{ "@" = nobody }}
match from any for rcpt-to "nobody@acme.example" reject
match from any for domain "lmtp.example.com" action "door"
match from any for any action "onward"
"""
BEGIN = """
set -e
mount --make-rprivate /
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/group /etc/group
for place in /var/spool /var/lib /run; do mount -t tmpfs -o mode=755 tmpfs $place; done
mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd
chmod 711 /var/spool/smtpd
mount --bind {unpacked}/usr/libexec /usr/libexec
exec {program} -d -f {folder}/smtpd.conf
"""


@dataclass
class OpenSmtpd:
    """A running server. It takes mail on `port` and passes it on to `smtp`, that for lmtp.example.com to `lmtp`."""

    folder: Path
    port: int
    smtp: int
    lmtp: int
    process: "subprocess.Popen[bytes]"

    @property
    def log(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder)


def may_mount() -> bool:
    """Whether this account may have a mount namespace of its own."""
    return (
        PROGRAM.exists()
        and os.geteuid() == 0
        and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    )


def open_smtpd() -> OpenSmtpd:
    """A running server. Raises Hang where it does not answer."""
    folder, (port, smtp, lmtp) = Path(tempfile.mkdtemp(prefix="desk-opensmtpd-", dir="/tmp")), free_ports(3)
    (folder / "smtpd.conf").write_text(CONFIGURATION.format(port=port, smtp=smtp, lmtp=lmtp))
    (folder / "smtpd.conf").chmod(0o600)
    for name, line in (
        ("passwd", f"{{name}}:x:{{number}}:{{number}}::{HOME}:/usr/sbin/nologin"),
        ("group", "{name}:x:{number}:"),
    ):
        lines = [line.format(name=account, number=number) for account, number in ACCOUNTS.items()]
        (folder / name).write_text("\n".join((Path("/etc", name).read_text().rstrip(), *lines, "")))
    begin = BEGIN.format(folder=folder, unpacked=UNPACKED, program=PROGRAM)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", begin], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    running = OpenSmtpd(folder, port, smtp, lmtp, process)
    wait_for(partial(answers, port), lambda: f"OpenSMTPD listens on {port}; it says: {running.log}")
    return running
