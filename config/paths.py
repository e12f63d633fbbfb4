"""Relative paths of a configuration, made absolute against the folder of its file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from helpdesk.config.settings import Desk, Dkim, Mailbox, OAuth, Relay, Settings, Smtp
from helpdesk.config.shapes import LOCAL_SOCKET

SQLITE = "sqlite:///"
MAILDIR = "maildir:"


def settled(settings: Settings) -> Settings:
    """The same settings with every path absolute; an empty one stays empty."""
    folder = settings.folder
    smtp, lmtp = settings.smtp, settings.lmtp
    return settings.model_copy(
        update={
            "desk": settings.desk.model_copy(
                update={key: _absolute(folder, getattr(settings.desk, key)) for key in ("secret_file", "templates")}
            ),
            "database": settings.database.model_copy(
                update={
                    "url": _after(SQLITE, folder, settings.database.url),
                    "blobs": _absolute(folder, settings.database.blobs),
                }
            ),
            "smtp": smtp
            and smtp.model_copy(update={key: _absolute(folder, getattr(smtp, key)) for key in ("certificate", "key")}),
            "lmtp": lmtp and lmtp.model_copy(update={"listen": _after(LOCAL_SOCKET, folder, lmtp.listen)}),
            "mailboxes": tuple(
                one.model_copy(
                    update={
                        "password_file": _absolute(folder, one.password_file),
                        "ca_file": _absolute(folder, one.ca_file),
                        "oauth": settled_oauth(folder, one.oauth),
                    }
                )
                for one in settings.mailboxes
            ),
            "relay": settings.relay.model_copy(
                update={
                    "url": _after(MAILDIR, folder, settings.relay.url),
                    "password_file": _absolute(folder, settings.relay.password_file),
                    "oauth": settled_oauth(folder, settings.relay.oauth),
                    "ca_file": _absolute(folder, settings.relay.ca_file),
                }
            ),
            "dkim": tuple(
                one.model_copy(update={"key_file": _absolute(folder, one.key_file), "domain": one.domain or settings.desk.domain})
                for one in settings.dkim
            ),
        }
    )


def settled_oauth(folder: Path, oauth: OAuth | None) -> OAuth | None:
    return oauth and oauth.model_copy(update={key: _absolute(folder, path) for key, path in oauth_files(oauth).items()})


def oauth_files(oauth: OAuth | None) -> dict[str, str]:
    """The keys that name a file, with the file; "" where none is named."""
    return {key: getattr(oauth, key) for key in ("client_secret_file", "refresh_token_file")} if oauth else {}


def missing_files(
    folder: Path,
    desk: Desk | None,
    smtp: Smtp | None,
    relay: Relay | None,
    mailboxes: Mapping[str, Mailbox],
    dkim: Mapping[str, Dkim],
) -> Iterator[tuple[str, str]]:
    """Keys that name a file or a folder which is not there, each with the reason."""
    if desk and desk.templates and not Path(_absolute(folder, desk.templates)).is_dir():
        yield "desk.templates", f"no such folder: {_absolute(folder, desk.templates)}"
    named: dict[str, str] = {}
    for key, mailbox in mailboxes.items():
        named |= {f"{key}.password_file": mailbox.password_file, f"{key}.ca_file": mailbox.ca_file}
        named |= {f"{key}.oauth.{name}": path for name, path in oauth_files(mailbox.oauth).items()}
    if relay:
        named |= {"relay.password_file": relay.password_file, "relay.ca_file": relay.ca_file}
        named |= {f"relay.oauth.{key}": path for key, path in oauth_files(relay.oauth).items()}
    if smtp:
        named |= {"smtp.certificate": smtp.certificate, "smtp.key": smtp.key}
    named |= {f"{key}.key_file": one.key_file for key, one in dkim.items()}
    for key, path in named.items():
        if path and not Path(_absolute(folder, path)).is_file():
            yield key, f"no such file: {_absolute(folder, path)}"


def _absolute(folder: Path, path: str) -> str:
    return str(folder / Path(path).expanduser()) if path else ""


def _after(scheme: str, folder: Path, url: str) -> str:
    """A URL whose path stands behind `scheme`; any other URL as it is."""
    return scheme + _absolute(folder, url.removeprefix(scheme)) if url.startswith(scheme) else url
