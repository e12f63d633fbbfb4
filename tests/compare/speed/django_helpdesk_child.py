"""django-helpdesk in a process of its own: mails come from a local folder, as its command `get_email` reads them; letters are counted and
forgotten.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path[0] = str(Path(__file__).parents[2])
from compare.speed.child import answer

SUPPORT = "help@support.example.com"
QUEUE = "desk"
URLS = "addresses_of_this_run"


class DjangoHelpdesk:
    """One queue with its mail folder."""

    letters = 0

    def __init__(self, folder: Path, database: str, people: list[str]) -> None:
        self._box = folder / "box"
        self._box.mkdir(parents=True)
        _configure(folder, database)
        management, backend = import_module("django.core.management"), import_module("django.core.mail.backends.dummy")
        self._email, self._models = import_module("helpdesk.email"), import_module("helpdesk.models")
        management.call_command("migrate", verbosity=0)
        management.call_command("loaddata", "emailtemplate.json", verbosity=0)
        self._models.Queue.objects.create(
            title="Desk",
            slug=QUEUE,
            email_address=SUPPORT,
            allow_email_submission=True,
            email_box_type="local",
            email_box_local_dir=str(self._box),
            email_box_interval=0,
            logging_type="none",
        )
        plain = backend.EmailBackend.send_messages

        def counted(relay: Any, messages: Any) -> Any:
            messages = list(messages)
            for message in messages:
                message.message().as_bytes()  # what any real way out would need
            self.letters += len(messages)
            return plain(relay, messages)

        backend.EmailBackend.send_messages = counted
        # A folder is listed in no order of its own; the mails are given in the order in which they came.
        self._email.os = SimpleNamespace(listdir=lambda path: sorted(os.listdir(path)), unlink=os.unlink)  # type: ignore[attr-defined]

    def take(self, folder: Path) -> None:
        for file in folder.iterdir():
            file.rename(self._box / file.name)
        self._email.process_email(quiet=True)

    def tickets(self) -> int:
        return int(self._models.Ticket.objects.count())

    def where(self) -> dict[str, int]:
        rows = self._models.FollowUp.objects.exclude(message_id=None).values_list("message_id", "ticket_id")
        return {message_id.strip("<>"): ticket for message_id, ticket in rows}


def _configure(folder: Path, database: str) -> None:
    import_module("django.conf").settings.configure(
        SECRET_KEY="for-this-run-only",
        USE_TZ=True,
        DATABASES={"default": _database(folder, database)},
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        DEFAULT_FROM_EMAIL=SUPPORT,
        MEDIA_ROOT=str(folder / "media"),
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        ROOT_URLCONF=URLS,
        SITE_ID=1,
        ALLOWED_HOSTS=["*"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_VALID_EXTENSIONS=[".pdf", ".txt", ".html"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.sites",
            "django.contrib.humanize",
            "django.contrib.admin",
            "rest_framework",
            "helpdesk",
        ],
    )
    import_module("django").setup()
    urls, module = import_module("django.urls"), ModuleType(URLS)
    module.__dict__["urlpatterns"] = [urls.path("helpdesk/", urls.include("helpdesk.urls", namespace="helpdesk"))]
    sys.modules[URLS] = module


def _database(folder: Path, url: str) -> dict[str, Any]:
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "helpdesk.db")}
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": host,
        "PORT": parts.port or "",
    }


if __name__ == "__main__":
    answer(DjangoHelpdesk)
