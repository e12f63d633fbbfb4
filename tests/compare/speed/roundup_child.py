"""Roundup in a process of its own: mails come from an mbox, as `roundup-mailgw TRACKER mailbox FILE` reads them; letters are counted and
forgotten. All people who write are known, so that no password is hashed for them.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path[0] = str(Path(__file__).parents[2])
from compare.speed.child import answer

ADMIN = str(Path(sys.executable).with_name("roundup-admin"))


class RoundupTracker:
    """A tracker made from the template `classic`; every author gets a letter for each of their mails."""

    letters = 0

    def __init__(self, folder: Path, database: str, people: list[str]) -> None:
        self._folder, self._home = folder, folder / "tracker"
        self._home.mkdir(parents=True)
        subprocess.run(
            [ADMIN, "-i", str(self._home), "install", "classic", "sqlite"], check=True, capture_output=True, input="", text=True
        )
        _configure(self._home / "config.ini", database)
        subprocess.run(
            [ADMIN, "-i", str(self._home), "initialise", "for-this-run-only"], check=True, capture_output=True, text=True
        )
        mailer, program = import_module("roundup.mailer"), import_module("roundup.scripts.roundup_mailgw")
        self._instance = import_module("roundup.instance").open(str(self._home))
        with self._opened() as handle:
            for person in people:
                handle.user.create(username=person.partition("@")[0], address=person, roles="User")
            handle.commit()
        plain = mailer.Mailer.smtp_send

        def counted(this: Any, to: Any, message: Any, *more: Any, **named: Any) -> Any:
            self.letters += 1
            return plain(this, to, message, *more, **named)

        mailer.Mailer.smtp_send = counted
        _, arguments = program.parse_arguments([str(self._home)])
        gateway = getattr(self._instance, "MailGW", program.mailgw.MailGW)
        self._gateway = gateway(self._instance, arguments)

    def take(self, folder: Path) -> None:
        box = self._folder / "box"
        box.unlink(missing_ok=True)
        with box.open("wb") as mbox:
            for number, file in enumerate(sorted(folder.iterdir())):
                content = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
                mbox.write(b"From author@example.net Mon Nov  2 08:00:%02d 2026\n" % (number % 60) + content + b"\n")
        self._gateway.do_mailbox(str(box))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        handle = self._instance.open("admin")
        try:
            yield handle
        finally:
            handle.close()

    def tickets(self) -> int:
        with self._opened() as handle:
            return len(handle.issue.list())

    def where(self) -> dict[str, int]:
        with self._opened() as handle:
            return {
                handle.msg.get(message, "messageid").strip("<>"): int(issue)
                for issue in handle.issue.list()
                for message in handle.issue.get(issue, "messages")
            }


def _configure(file: Path, url: str) -> None:
    config = import_module("roundup.configuration").CoreConfig()
    config.load(str(file.parent))
    for name, value in {
        "ADMIN_EMAIL": "admin@support.example.com",
        "TRACKER_EMAIL": "help@support.example.com",
        "TRACKER_WEB": "http://support.example.com/",
        "MAIL_DOMAIN": "support.example.com",
        "MAIL_HOST": "localhost",
        "MAIL_DEBUG": "/dev/null",
        "MESSAGES_TO_AUTHOR": "yes",
    }.items():
        config[name] = value
    config["RDBMS_BACKEND"] = "postgresql" if url else "sqlite"
    if url:
        parts = urlsplit(url)
        config["RDBMS_NAME"] = parts.path.strip("/")
        config["RDBMS_USER"] = parts.username or ""
        config["RDBMS_PASSWORD"] = parts.password or ""
        config["RDBMS_HOST"] = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
        config["RDBMS_PORT"] = str(parts.port or "")
    config.save(str(file))


if __name__ == "__main__":
    answer(RoundupTracker)
