"""neomutt as somebody's mail client: it reads a Maildir, and its user answers letters in it by keys, an editor, and its own SMTP."""

import os
import pty
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from select import select

from support.servers.peers import PATIENCE, Hang

NEOMUTT = shutil.which("neomutt")

SETTINGS = """\
set from="{address}" realname="{name}" hostname="{domain}" use_from=yes use_envelope_from=no
set folder="{home}" spoolfile="{maildir}" mbox_type=Maildir record="" postponed="{home}/postponed" tmpdir="{home}"
set smtp_url="{smtp}" smtp_authenticators="plain" ssl_starttls=yes ssl_force_tls=yes
set ssl_ca_certificates_file="{authority}" certificate_file="{home}/certificates" smtp_pass="{password}"
set editor="{editor}" autoedit=yes edit_headers=no fast_reply=yes include=yes reply_to=yes text_flowed=no
set abort_unmodified=no abort_nosubject=no abort_noattach=no copy=no postpone=no recall=no move=no delete=no quit=yes
set sleep_time=0 wait_key=no beep=no send_charset="utf-8" charset="utf-8" pager_stop=yes mailcap_path=""
alternative_order text/plain text/html
"""


@dataclass(frozen=True, slots=True)
class Neomutt:
    """One person's client. `home` is a folder of its own; a `password` makes it log in with the address."""

    home: Path
    maildir: Path
    port: int
    authority: Path
    name: str
    address: str
    password: str = ""

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)

    def writes(self, subject: str, text: str, to: str) -> None:
        """A new mail, without the screen."""
        ended = subprocess.run(
            [*self._command(), "-s", subject, "--", to], input=text.encode(), env=self._environment(), capture_output=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr.decode() or ended.stdout.decode()

    def answers(self, message_id: str, words: str, *, below: bool = False) -> None:
        """The user finds a letter, presses the key for a reply, types `words` above or below the quote, and sends it."""
        self._types(words, below=below)
        keys = f"<search>~i {message_id.replace('.', '[.]')}<enter><reply><send-message><quit>"
        self._at_screen(["-R", "-f", str(self.maildir), "-e", f'push "{keys}"'])

    def _types(self, words: str, *, below: bool) -> None:
        typed = self.home / "typed"
        typed.write_text(words + "\n", encoding="utf-8")
        order = '"$1" "$typed"' if below else '"$typed" "$1"'
        editor = self._editor
        editor.write_text(f'#!/bin/sh\ntyped={shlex.quote(str(typed))}\ncat {order} >"$1.new" && mv "$1.new" "$1"\n')
        editor.chmod(0o755)

    def _at_screen(self, arguments: list[str]) -> None:
        """Run it at a terminal until it ends by itself; a Hang shows the last screen."""
        master, terminal = pty.openpty()
        process = subprocess.Popen(
            [*self._command(), *arguments], stdin=terminal, stdout=terminal, stderr=terminal, env=self._environment(),
            start_new_session=True,
        )  # fmt: skip
        os.close(terminal)
        try:
            screen = _drained(master, process)
        finally:
            process.kill()
            process.wait()
            os.close(master)
        assert process.returncode == 0, screen.decode("utf-8", "replace")

    @property
    def _editor(self) -> Path:
        return self.home / "editor"

    def _command(self) -> list[str]:
        assert NEOMUTT is not None
        local, _, domain = self.address.partition("@")
        user = f"{local}%40{domain}@" if self.password else ""
        settings = self.home / "neomuttrc"
        settings.write_text(
            SETTINGS.format(
                address=self.address, name=self.name, domain=domain, home=self.home, maildir=self.maildir, password=self.password,
                smtp=f"smtp://{user}localhost:{self.port}", authority=self.authority, editor=self._editor,
            )
        )  # fmt: skip
        return [NEOMUTT, "-n", "-F", str(settings)]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        return {**kept, "HOME": str(self.home), "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def _drained(master: int, process: "subprocess.Popen[bytes]") -> bytes:
    screen, end = b"", time.monotonic() + PATIENCE
    while process.poll() is None:
        if time.monotonic() > end:
            raise Hang(f"neomutt did not end within {PATIENCE:.0f} s; its screen: {screen[-2000:]!r}")
        ready, _, _ = select([master], [], [], 0.1)
        try:
            screen += os.read(master, 65536) if ready else b""
        except OSError:  # the terminal is closed
            process.wait(PATIENCE)
    return screen
