"""From a bare Debian 12 to a desk behind Postfix that answers a mail, by the commands of docs/installation.md and nothing else. Then a backup, a machine that loses
its data, and a restore, as docs/operations.md says.

Needs root, debootstrap and the network. What a bare folder cannot run is done in its place: systemd's start of the unit is its command under
its account. The two people of the page are accounts of the machine, so that their letters arrive.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.store.pause import pause

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "installation.md"
MIRROR = "http://deb.debian.org/debian"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNIT = ROOT / "deploy" / "systemd" / "helpdesk.service"
BACKUP = ROOT / "deploy" / "systemd" / "helpdesk-backup.service"
CONFIG = "--config /etc/helpdesk/helpdesk.toml"
HELPDESK = "runuser -u helpdesk -- helpdesk"
# A machine whose data is lost, with the copy of its configuration and the backups: docs/operations.md.
RESTORE = f"""
rm -rf /var/lib/helpdesk && install -d -m 700 -o helpdesk -g helpdesk /var/lib/helpdesk
{HELPDESK} restore /var/backups/helpdesk/helpdesk-* {CONFIG}
{HELPDESK} check {CONFIG} | grep "letters are held"
{HELPDESK} ticket list {CONFIG} | grep "Cannot log in"
"""
PATIENCE = 120.0  # seconds for a letter
EXPECTED = {
    "anna": b"Subject: Your request HD-",
    "omar": b"Cannot log in",
}  # nobody has proved that Anna wrote, so she reads none of it
WHERE_TO_INSTALL_FROM = ("PIP_", "SSL_CERT", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


class NotAnswered(Exception):
    """The walk did not end in a letter. Its text says how far it came."""


def blocks() -> list[str]:
    """The commands of the page, one text for each block."""
    return [found[1] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def run(seed: int, count: int) -> str:
    """Walk through the page once; neither number matters."""
    if os.geteuid() or not shutil.which("debootstrap"):
        return "not run: needs root and debootstrap"
    folder = Path(tempfile.mkdtemp(prefix="bare-debian-"))
    try:
        times = _walk(folder / "root", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "; ".join(f"{what} {seconds:.0f} s" for what, seconds in times.items())


def _walk(root: Path, folder: Path) -> dict[str, float]:
    times: dict[str, float] = {}

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        times[what] = time.monotonic() - begin

    with timed("debootstrap"):
        _done(["debootstrap", "--variant=minbase", "bookworm", str(root), os.environ.get("DEBIAN_MIRROR", MIRROR)])
    with timed("wheel"):
        python = ["python3", "-m", "pip", "--python", str(ROOT / ".venv" / "bin" / "python")]
        _done([*python, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)])
    [wheel] = folder.glob("*.whl")
    shutil.copy(wheel, root / "root")
    shutil.copytree(ROOT / "deploy", root / "root" / "deploy")
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    with _mount(root):
        for number, block in enumerate(blocks(), 1):
            if number == len(blocks()):
                for person in ("anna", "omar"):
                    _inside(root, f"useradd --create-home {person}")
                node = _start_unit(root)
            with timed(f"block {number}"):
                _inside(root, f"cd /root\n{block}")
            if number == 1:  # the machine's own authority, where the network has one
                shutil.copy(certificates, root / "etc" / "ssl" / "certs" / "ca-certificates.crt")
        try:
            with timed("letters"):
                _wait_for_letters(root, "anna", "omar")
            with timed("backup"):
                _inside(root, f"runuser -u helpdesk -- {_command_of(BACKUP)}")
            _stop(node)
            with timed("a lost machine restored"):
                _inside(root, RESTORE)
            node = _start_unit(root)
            with timed("letters after the restore"):
                for person in EXPECTED:
                    (root / "var" / "mail" / person).write_bytes(b"")
                _inside(root, f"{HELPDESK} outbox release {CONFIG}\n{blocks()[-1]}")
                _wait_for_letters(root, "omar")  # an unproved sender has one automatic letter in an hour
        finally:
            _stop(node)
            _inside(root, "service postfix stop", check=False)
    return times


def _stop(node: subprocess.Popen[bytes]) -> None:
    node.send_signal(signal.SIGTERM)
    node.wait(120)


@contextmanager
def _mount(root: Path) -> Iterator[None]:
    places = {root / "proc": ["-t", "proc", "proc"], root / "dev": ["--bind", "/dev"], root / "sys": ["-t", "sysfs", "sys"]}
    mounted = []
    try:
        for place, words in places.items():
            _done(["mount", *words, str(place)])
            mounted.append(place)
        yield
    finally:
        for place in reversed(mounted):
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def _start_unit(root: Path) -> subprocess.Popen[bytes]:
    """Start the command of the unit as its account, and wait until it says that it is ready."""
    words = ["chroot", "--userspec=helpdesk:helpdesk", str(root), *_command_of(UNIT).split()]
    node = subprocess.Popen(words, stdout=subprocess.PIPE, env=_environment(), cwd="/")
    assert node.stdout is not None
    for line in node.stdout:
        if line.strip() == b"ready":
            return node
    raise NotAnswered(f"the node ended with {node.wait()}")


def _command_of(unit: Path) -> str:
    return next(line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith("ExecStart="))


def _wait_for_letters(root: Path, *people: str) -> None:
    end = time.monotonic() + PATIENCE
    mailboxes = root / "var" / "mail"
    while time.monotonic() < end:
        if all((mailboxes / person).exists() and EXPECTED[person] in (mailboxes / person).read_bytes() for person in people):
            return
        pause(1)
    listed = _inside(root, "helpdesk outbox list --config /etc/helpdesk/helpdesk.toml; postqueue -p", check=False)
    raise NotAnswered(f"no letter within {PATIENCE:.0f} s: {listed}")


def _inside(root: Path, script: str, *, check: bool = True) -> str:
    return _done(["chroot", str(root), "/bin/sh", "-e", "-c", script], check=check, environment=_environment())


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(WHERE_TO_INSTALL_FROM)}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", **kept}


def _done(words: list[str], *, check: bool = True, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if check and done.returncode:
        raise NotAnswered(f"{words[0]} … {words[-1][:200]!r} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout + done.stderr
