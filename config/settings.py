"""This node: its doors, relay, database and secrets. May differ from node to node; the desk's promises are in `policy`."""

from pathlib import Path
from typing import Annotated, Literal

from helpdesk.config.address import domain
from helpdesk.config.section import AfterValidator, Field, Section, Timeout, duration, model_validator
from helpdesk.config.shapes import (
    authserv_id,
    blob_folder,
    database_url,
    listen,
    nameserver,
    network,
    one_line,
    prefix,
    relay_url,
    reply_pattern,
    selector,
)

Blobs = Annotated[str, AfterValidator(blob_folder)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
Domain = Annotated[str, AfterValidator(domain)]
Listen = Annotated[str, AfterValidator(listen)]
Name = Annotated[str, AfterValidator(one_line)]
Nameserver = Annotated[str, AfterValidator(nameserver)]
Network = Annotated[str, AfterValidator(network)]
Prefix = Annotated[str, AfterValidator(prefix)]
RelayUrl = Annotated[str, AfterValidator(relay_url)]
ReplyPattern = Annotated[str, AfterValidator(reply_pattern)]
Selector = Annotated[str, AfterValidator(selector)]


class Desk(Section):
    """The desk as its mail shows it. `reply_address` is a pattern of {local}, {token} and {domain}."""

    name: Name
    prefix: Prefix = "HD"
    domain: Domain
    secret_file: str = Field(default="secret", min_length=1)
    reply_address: ReplyPattern = "{local}+{token}@{domain}"
    hostname: Literal[""] | Domain = ""  # in the banner and in trace fields; the domain where it is empty


class Database(Section):
    url: DatabaseUrl = "sqlite:///var/helpdesk.db"
    blobs: Blobs = "var/blobs"
    blob_threshold: int = Field(default=256 * 1024, ge=1024)  # larger mails go to the blob store


class Smtp(Section):
    """The SMTP door and its limits (bytes, seconds, counts)."""

    listen: Listen = "127.0.0.1:2525"
    certificate: str = ""
    key: str = ""
    max_size: int = Field(default=25 * 1024 * 1024, ge=65536)
    max_recipients: int = Field(default=100, ge=100)
    max_sessions: int = Field(default=500, ge=1)
    max_sessions_per_peer: int = Field(default=20, ge=1)
    command_timeout: Timeout = duration("5m")
    data_timeout: Timeout = duration("10m")

    @model_validator(mode="after")
    def _key_belongs_to_a_certificate(self) -> "Smtp":
        if self.key and not self.certificate:
            raise ValueError("key is written without a certificate; name the certificate's file too")
        return self


class Relay(Section):
    """Where letters go out. `maildir:` for trying out; smtp://, smtp+starttls://, smtps:// for a smarthost."""

    url: RelayUrl = "maildir:var/outgoing"
    password_file: str = ""
    connections: int = Field(default=4, ge=1, le=50)
    timeout: Timeout = duration("60s")
    final_dot_timeout: Timeout = duration("10m")
    ca_file: str = ""

    @model_validator(mode="after")
    def _user_and_password_go_together(self) -> "Relay":
        if ("@" in self.url and not self.url.startswith("maildir:")) != bool(self.password_file):
            raise ValueError("the user in url and password_file belong together; write both or neither")
        return self


class Authentication(Section):
    """Our own checks of who wrote a mail, whose Authentication-Results and seals are believed, and whose mail counts as authenticated
    without any. `dns_timeout` is for all look-ups of one mail together."""

    check: bool = True
    dns_timeout: Timeout = Field(default=duration("5s"), le=duration("30s"))
    nameservers: tuple[Nameserver, ...] = ()  # those of the system where there is none
    trusted_sealers: tuple[Domain, ...] = ()

    trusted_authserv_ids: tuple[Annotated[str, AfterValidator(authserv_id)], ...] = ()
    trusted_relays: tuple[Network, ...] = ("127.0.0.0/8",)
    assume_from: tuple[Network, ...] = ()


class Dkim(Section):
    """A key that signs our letters (RFC 6376). `domain` "" stands for the desk's."""

    selector: Selector
    key_file: str = Field(min_length=1)
    domain: Literal[""] | Domain = ""


class Settings(Section):
    """One node. Relative paths have been made absolute against the folder of the file."""

    folder: Path
    desk: Desk
    database: Database = Database()
    smtp: Smtp | None = None
    relay: Relay = Relay()
    authentication: Authentication = Authentication()
    dkim: tuple[Dkim, ...] = ()
    log_format: Literal["text", "json"] = "text"
