"""This node: its doors, relay, database and secrets. May differ from node to node; the desk's promises are in `policy`."""

from pathlib import Path
from typing import Literal

from helpdesk.config.section import Duration, Field, Section, duration


class Desk(Section):
    """The desk as its mail shows it. `reply_address` is a pattern of {local}, {token} and {domain}."""

    name: str
    prefix: str = "HD"
    domain: str
    secret_file: str = "secret"
    reply_address: str = "{local}+{token}@{domain}"
    hostname: str = ""  # in the banner and in trace fields; the domain where it is empty


class Database(Section):
    url: str = "sqlite:///var/helpdesk.db"
    blobs: str = "var/blobs"
    blob_threshold: int = Field(256 * 1024, ge=1024)  # larger mails go to the blob store


class Smtp(Section):
    """The SMTP door and its limits (bytes, seconds, counts)."""

    listen: str = "127.0.0.1:2525"
    certificate: str = ""
    key: str = ""
    max_size: int = Field(25 * 1024 * 1024, ge=65536)
    max_recipients: int = Field(100, ge=100)
    max_sessions: int = Field(500, ge=1)
    max_sessions_per_peer: int = Field(20, ge=1)
    command_timeout: Duration = duration("5m")
    data_timeout: Duration = duration("10m")


class Relay(Section):
    """Where letters go out. `maildir:` for trying out; smtp://, smtp+starttls://, smtps:// for a smarthost."""

    url: str = "maildir:var/outgoing"
    password_file: str = ""
    connections: int = Field(4, ge=1, le=50)
    timeout: Duration = duration("60s")
    final_dot_timeout: Duration = duration("10m")
    ca_file: str = ""


class Authentication(Section):
    trusted_authserv_ids: tuple[str, ...] = ()
    trusted_relays: tuple[str, ...] = ("127.0.0.0/8",)
    assume_from: tuple[str, ...] = ()


class Settings(Section):
    """One node. Relative paths have been made absolute against the folder of the file."""

    folder: Path
    desk: Desk
    database: Database = Database()
    smtp: Smtp | None = None
    relay: Relay = Relay()
    authentication: Authentication = Authentication()
    log_format: Literal["text", "json"] = "text"
