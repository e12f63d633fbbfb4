"""Relative paths of a configuration, made absolute against the folder of its file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from helpdesk.config.settings import Dkim, Relay, Settings, Smtp

SQLITE = "sqlite:///"
MAILDIR = "maildir:"


def settled(settings: Settings) -> Settings:
    """The same settings with every path absolute; an empty one stays empty."""
    folder = settings.folder
    smtp = settings.smtp
    return settings.model_copy(
        update={
            "desk": settings.desk.model_copy(update={"secret_file": _absolute(folder, settings.desk.secret_file)}),
            "database": settings.database.model_copy(
                update={
                    "url": _after(SQLITE, folder, settings.database.url),
                    "blobs": _absolute(folder, settings.database.blobs),
                }
            ),
            "smtp": smtp
            and smtp.model_copy(update={key: _absolute(folder, getattr(smtp, key)) for key in ("certificate", "key")}),
            "relay": settings.relay.model_copy(
                update={
                    "url": _after(MAILDIR, folder, settings.relay.url),
                    "password_file": _absolute(folder, settings.relay.password_file),
                    "ca_file": _absolute(folder, settings.relay.ca_file),
                }
            ),
            "dkim": tuple(
                one.model_copy(update={"key_file": _absolute(folder, one.key_file), "domain": one.domain or settings.desk.domain})
                for one in settings.dkim
            ),
        }
    )


def missing_files(folder: Path, smtp: Smtp | None, relay: Relay | None, dkim: Mapping[str, Dkim]) -> Iterator[tuple[str, str]]:
    """Keys that name a file which is not there, each with the reason."""
    named: dict[str, str] = {}
    if relay:
        named |= {"relay.password_file": relay.password_file, "relay.ca_file": relay.ca_file}
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
