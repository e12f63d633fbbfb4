"""This node: its doors, relay, database and secrets. May differ from node to node; the desk's promises are in `policy`."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from helpdesk.config.address import address, domain
from helpdesk.config.section import AfterValidator, Duration, Field, Section, Timeout, duration, model_validator
from helpdesk.config.shapes import (
    after,
    authserv_id,
    blob_folder,
    database_url,
    is_loopback,
    listen,
    lmtp_listen,
    mailbox_url,
    nameserver,
    network,
    one_line,
    prefix,
    relay_url,
    reply_pattern,
    selector,
    socket_mode,
    token_endpoint,
    variable,
)

Address = Annotated[str, AfterValidator(address)]
After = Annotated[str, AfterValidator(after)]
Blobs = Annotated[str, AfterValidator(blob_folder)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
Domain = Annotated[str, AfterValidator(domain)]
Listen = Annotated[str, AfterValidator(listen)]
LmtpListen = Annotated[str, AfterValidator(lmtp_listen)]
MailboxUrl = Annotated[str, AfterValidator(mailbox_url)]
Name = Annotated[str, AfterValidator(one_line)]
Nameserver = Annotated[str, AfterValidator(nameserver)]
Network = Annotated[str, AfterValidator(network)]
Prefix = Annotated[str, AfterValidator(prefix)]
RelayUrl = Annotated[str, AfterValidator(relay_url)]
SocketMode = Annotated[str, AfterValidator(socket_mode)]
ReplyPattern = Annotated[str, AfterValidator(reply_pattern)]
Variable = Annotated[str, AfterValidator(variable)]
TokenEndpoint = Annotated[str, AfterValidator(token_endpoint)]

LARGEST_MAIL = 25 * 1024 * 1024
Selector = Annotated[str, AfterValidator(selector)]


class Desk(Section):
    """The desk as its mail shows it. `reply_address` is a pattern of {local}, {token} and {domain}."""

    name: Name
    prefix: Prefix = "HD"
    domain: Domain
    secret_file: str = Field(default="secret", min_length=1)
    reply_address: ReplyPattern = "{local}+{token}@{domain}"
    hostname: Literal[""] | Domain = ""  # in the banner and in trace fields; the domain where it is empty
    templates: str = ""  # a folder with our own words and templates for letters to customers


class Database(Section):
    url: DatabaseUrl = "sqlite:///var/helpdesk.db"
    blobs: Blobs = "var/blobs"
    reserve: int = Field(default=200 * 1024 * 1024, ge=0)  # bytes of free space below which no mail is taken, or
    reserve_fraction: float = Field(default=0.0, ge=0, lt=1)  # this part of the file system, whichever is more
    keep_dropped: Duration = duration("30d")  # content of mail that an operator has dropped
    blob_threshold: int = Field(default=256 * 1024, ge=1024)  # larger mails go to the blob store


class ListeningDoor(Section):
    """A door that others connect to, and its limits (bytes, seconds, counts)."""

    listen: str
    max_size: int = Field(default=LARGEST_MAIL, ge=65536)
    max_recipients: int = Field(default=100, ge=100)
    max_sessions: int = Field(default=500, ge=1)
    max_sessions_per_peer: int = Field(default=20, ge=1)
    command_timeout: Timeout = duration("5m")
    data_timeout: Timeout = duration("10m")


class Smtp(ListeningDoor):
    """The SMTP door."""

    listen: Listen = "127.0.0.1:2525"
    certificate: str = ""
    key: str = ""

    @model_validator(mode="after")
    def _key_belongs_to_a_certificate(self) -> "Smtp":
        if self.key and not self.certificate:
            raise ValueError("key is written without a certificate; name the certificate's file too")
        return self


class OAuth(Section):
    """How a login gets its access tokens (RFC 6749): for a mail server that takes no password.

    With `client_credentials` the secret of the client is enough; with `refresh_token` somebody has consented once.
    """

    token_endpoint: TokenEndpoint
    client_id: Name
    client_secret_file: str = ""
    refresh_token_file: str = ""
    scope: str = ""
    grant: Literal["client_credentials", "refresh_token"] = "client_credentials"

    @model_validator(mode="after")
    def _grant_has_its_secret(self) -> "OAuth":
        if self.grant == "client_credentials" and (self.refresh_token_file or not self.client_secret_file):
            raise ValueError("the grant client_credentials needs client_secret_file and no refresh_token_file")
        if self.grant == "refresh_token" and not self.refresh_token_file:
            raise ValueError("the grant refresh_token needs refresh_token_file")
        return self


class Lmtp(ListeningDoor):
    """The LMTP door, for a mail system of our own: on loopback, or on a local socket with `socket_mode`."""

    listen: LmtpListen = "127.0.0.1:2424"
    socket_mode: SocketMode = "660"
    max_sessions: int = Field(default=100, ge=1)
    max_sessions_per_peer: int = Field(default=100, ge=1)  # all sessions have one peer


class Relay(Section):
    """Where letters go out. `maildir:` for trying out; smtp://, smtp+starttls://, smtps:// for a smarthost."""

    url: RelayUrl = "maildir:var/outgoing"
    tls: Literal["", "required", "opportunistic", "none"] = ""  # "" leaves it to the scheme of the URL
    password_file: str = ""
    oauth: OAuth | None = None
    connections: int = Field(default=4, ge=1, le=50)
    timeout: Timeout = duration("60s")
    final_dot_timeout: Timeout = duration("10m")
    ca_file: str = ""

    @model_validator(mode="after")
    def _tls_fits_the_url(self) -> "Relay":
        if self.tls in ("opportunistic", "none") and not self.url.startswith("smtp://"):
            raise ValueError(f'tls = "{self.tls}" goes with smtp:// alone; other relays get letters under verified TLS')
        return self

    @model_validator(mode="after")
    def _user_and_password_go_together(self) -> "Relay":
        if self.password_file and self.oauth:
            raise ValueError("write password_file or oauth; one login does not take both")
        if ("@" in self.url and not self.url.startswith("maildir:")) != bool(self.password_file or self.oauth):
            raise ValueError("the user in url and password_file (or oauth) belong together; write both or neither")
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


class Mailbox(Section):
    """A mailbox on somebody else's server, from which mail is fetched. `poll_every` is the longest time between two looks."""

    name: Name
    url: MailboxUrl
    password_file: str = ""
    password_variable: Variable = ""
    oauth: OAuth | None = None
    folders: tuple[Name, ...] = Field(default=("INBOX",), min_length=1)
    after: After = "flag"
    support_address: Literal[""] | Address = ""
    start_at: Literal["new", "all"] = "new"
    idle: bool = True
    poll_every: Duration = Field(default=duration("60s"), ge=duration("1s"), le=duration("9m"))
    timeout: Timeout = duration("30s")
    ca_file: str = ""
    allow_clear_text: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> "Mailbox":
        scheme, host = self.url.partition("://")[0], urlsplit(self.url).hostname or ""
        if scheme in ("imap", "pop3") and not (self.allow_clear_text or is_loopback(host)):
            raise ValueError(f"{scheme}:// sends the password in clear; write {scheme}s:// or {scheme}+starttls://")
        if sum(map(bool, (self.password_file, self.password_variable, self.oauth))) != 1:
            raise ValueError("write one of password_file, password_variable and oauth: how the user in url logs in")
        if len(set(self.folders)) < len(self.folders) or self.after.removeprefix("move:") in self.folders:
            raise ValueError("each folder stands in folders once, and mail is not moved into one of them")
        if scheme.startswith("pop3") and (self.after not in ("keep", "delete") or self.folders != ("INBOX",)):
            raise ValueError('POP3 has neither folders nor flags; write after = "keep" or after = "delete", and no folders')
        return self


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
    lmtp: Lmtp | None = None
    mailboxes: tuple[Mailbox, ...] = ()
    relay: Relay = Relay()
    authentication: Authentication = Authentication()
    dkim: tuple[Dkim, ...] = ()
    log_format: Literal["text", "json"] = "text"

    @property
    def largest_mail(self) -> int:
        """Octets of the largest mail that is taken, by any door."""
        return self.smtp.max_size if self.smtp else LARGEST_MAIL
