"""This node: its doors, relay, database and secrets. Nodes may differ here; what the desk promises stands in `policy`."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from helpdesk.config.request_form import PATH, RequestFormSettings
from helpdesk.config.section import (
    Duration,
    Field,
    NameInFile,
    OneOrMore,
    PathValue,
    Section,
    Timeout,
    ValueType,
    duration,
    model_validator,
)
from helpdesk.config.shapes import is_loopback
from helpdesk.config.values import (
    Address,
    AuthservId,
    Blobs,
    BucketEndpoint,
    DatabaseUrl,
    Domain,
    File,
    Flag,
    Folder,
    Listen,
    LmtpListen,
    MailboxUrl,
    Name,
    Nameserver,
    Network,
    Prefix,
    RelayUrl,
    ReplyPattern,
    RoleName,
    SecretFile,
    Selector,
    SocketMode,
    TokenEndpoint,
    Variable,
    WebhookUrl,
    WebOrigin,
    WebPage,
)

LARGEST_MAIL = 25 * 1024 * 1024


class NodeSettings(Section):
    """The processes of this node."""

    workers: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="Processes that decide mail and write letters; by default one for each core. With 0 the whole node runs in one process, "
        "for small machines.",
        examples=[2],
    )
    control: Annotated[str, PathValue(), ValueType("path")] = Field(
        default="var/control",
        min_length=1,
        description="Local socket over which `helpdesk reload` speaks with this node; its owner alone may connect. Each node has its own.",
    )


class DeskSettings(Section):
    """The desk as its mail shows it."""

    name: Name = Field(description="Name in From of every letter.")
    prefix: Prefix = Field(default="HD", description="Beginning of each ticket's reference, as in HD-K7Q2M9.")
    domain: Domain = Field(
        description="Domain of all support addresses. It must not be the organisation's own mail domain.",
    )
    secret_file: Annotated[str, PathValue(), ValueType("file")] = Field(
        default="secret",
        min_length=1,
        description="Keys that sign reply tokens, one a line as `name hexadecimal`, the newest first. HELPDESK_SECRET may hold them instead.",
    )
    reply_address: ReplyPattern = Field(
        default="{local}+{token}@{domain}",
        description='Pattern of the addresses to which customers and staff reply. Write "{token}@reply.example.com" where a '
        "domain takes mail for every local part.",
    )
    hostname: Literal[""] | Domain = Field(
        default="", description='Name of this host in the SMTP banner and in trace fields; "" stands for desk.domain.'
    )
    request_page: Literal[""] | WebPage = Field(
        default="",
        description='Address of the page on which customers create a support request; letters that point there name it. "" names none.',
        examples=["https://app.example.com/support/new"],
    )
    templates: Folder = Field(
        default="",
        description="Folder with your own words and templates for letters to customers: `helpdesk template list`.",
    )


class Bucket(Section):
    """How the bucket is reached that `blobs` names: a service of S3, or a server that speaks its protocol, such as MinIO or Ceph.

    Without this table the bucket is one of AWS, and the environment (AWS_ACCESS_KEY_ID, AWS_REGION …) or the machine's own role logs in. The
    extra `s3` has to be installed: pip install 'helpdesk-gateway[s3]'.
    """

    endpoint: BucketEndpoint = Field(
        default="", description='Address of the server; "" stands for AWS.', examples=["https://s3.example.com"]
    )
    region: str = Field(
        default="", pattern="^[a-z0-9-]{0,40}$", description='Region of the bucket; "" is "us-east-1".', examples=["eu-central-1"]
    )
    key_id: str = Field(default="", description="Access key of the login.", examples=["AKIAEXAMPLE"])
    secret_file: SecretFile = Field(
        default="", description="File whose one line is the secret of the access key.", examples=["bucket-secret"]
    )
    ca_file: File = Field(default="", description="Certificates to trust besides the system's.")

    @model_validator(mode="after")
    def _key_and_secret_go_together(self) -> "Bucket":
        if bool(self.key_id) != bool(self.secret_file):
            raise ValueError("key_id and secret_file belong together; write both or neither")
        return self


class DatabaseSettings(Section):
    """Where tickets and mail are kept."""

    url: DatabaseUrl = Field(
        default="sqlite:///var/helpdesk.db",
        description="Database of this desk. For several nodes write postgresql+psycopg://user@host/name.",
    )
    statement_timeout: Timeout = Field(
        default=duration("1m"),
        description="Longest time that PostgreSQL works on one statement of a node. Commands such as `helpdesk report` have no limit.",
    )
    blobs: Blobs = Field(
        default="var/blobs", description="Folder for large mails, which all nodes share; or a bucket, as s3://bucket/path."
    )
    bucket: Bucket | None = Field(
        default=None,
        description="Where blobs names a bucket that is not of AWS, or has a login of its own: a table [database.bucket].",
    )
    reserve: int = Field(
        default=200 * 1024 * 1024,
        ge=0,
        description='Bytes of free space that new mail leaves alone: with less, doors say "try again later" (452).',
    )
    reserve_fraction: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="The same as a part of the file system, such as 0.02. The larger of the two counts.",
    )
    keep_dropped: Duration = Field(
        default=duration("30d"),
        description="How long the content of a mail stays that `helpdesk quarantine drop` has discarded.",
    )
    blob_threshold: int = Field(
        default=256 * 1024,
        ge=1024,
        description="Size in bytes. Larger mails stand in the folder of blobs, smaller ones in the database.",
    )

    @property
    def blob_folder(self) -> Path | None:
        """The folder of blobs; None where they stand in a bucket."""
        return None if self.blobs.startswith("s3://") else Path(self.blobs)

    @model_validator(mode="after")
    def _bucket_has_its_url(self) -> "DatabaseSettings":
        if self.bucket is not None and self.blob_folder is not None:
            raise ValueError("[database.bucket] goes with blobs = s3://bucket/path; write such a URL, or take the table away")
        return self


class ListeningDoor(Section):
    """A door that other mail servers connect to, and its limits."""

    listen: str
    max_size: int = Field(default=LARGEST_MAIL, ge=65536, description="Largest mail, in bytes.")
    max_recipients: int = Field(
        default=100, ge=100, description="Most recipients of one mail, 100 at least (RFC 5321 §4.5.3.1.8)."
    )
    max_sessions: int = Field(
        default=500,
        ge=1,
        description="Most connections at once. A tenth of them is kept for trusted_relays of [authentication]. When the rest is "
        "taken, a peer that has brought no mail for ten seconds gives up its place.",
    )
    max_sessions_per_peer: int = Field(
        default=20,
        ge=1,
        description="Most connections at once from one address, or from one /64 network of IPv6. Each trusted relay counts by itself.",
    )
    command_timeout: Timeout = Field(default=duration("5m"), description="Longest wait for the next command.")
    data_timeout: Timeout = Field(default=duration("10m"), description="Longest time for all of one mail.")


class Smtp(ListeningDoor):
    """The SMTP door. Without this section it stays shut. For several listeners write [[smtp]], in two brackets, for each."""

    listen: Listen = Field(
        default="127.0.0.1:2525",
        description='Host and port where the door listens. "*:25" and "[::]:25" stand for every address, IPv4 and IPv6.',
    )
    submission: bool = Field(
        default=False,
        description="A door for staff's mail programs (RFC 6409), which takes mail only after a login. It needs a certificate.",
    )
    tls: Literal["starttls", "implicit"] = Field(
        default="starttls",
        description='"implicit": TLS begins with the first octet, as on port 465 (RFC 8314). It needs a certificate.',
    )
    proxy_from: tuple[Network, ...] = Field(
        default=(),
        description="Networks of load balancers that begin each connection with a PROXY header, version 1 or 2; who connects "
        "from elsewhere is not asked for one.",
    )
    certificate: File = Field(
        default="",
        description="TLS certificate with its chain. With it the door offers STARTTLS, and login for staff.",
    )
    key: SecretFile = Field(default="", description="Private key of the certificate, where the certificate's file has none.")

    @model_validator(mode="after")
    def _key_belongs_to_a_certificate(self) -> "Smtp":
        if self.key and not self.certificate:
            raise ValueError("key is written without a certificate; name the certificate's file too")
        if not self.certificate and (self.submission or self.tls == "implicit"):
            raise ValueError("submission and implicit TLS need a certificate; name its file")
        return self


class Lmtp(ListeningDoor):
    """The LMTP door, for a mail system of our own: on loopback or on a local socket. Without this section it stays shut."""

    listen: LmtpListen = Field(
        default="127.0.0.1:2424",
        description='Host and port, never port 25; or a local socket: "unix:/run/helpdesk/lmtp".',
    )
    socket_mode: SocketMode = Field(
        default="660", description="Permissions of the local socket: who may connect. 660 stands for its owner and group."
    )
    max_sessions: int = Field(default=100, ge=1, description="Most connections at once.")
    max_sessions_per_peer: int = Field(
        default=100, ge=1, description="Most connections at once from one address. A local socket counts as one address."
    )


class OAuth(Section):
    """Access tokens for a login (RFC 6749), for a mail server that takes no password.

    With the grant "client_credentials" the client's own secret is enough. With "refresh_token" somebody has consented once.

    The examples are those of Microsoft 365. Google, after a consent to https://mail.google.com/, wants
    token_endpoint = "https://oauth2.googleapis.com/token", client_id = "000000000000-example.apps.googleusercontent.com",
    client_secret_file = "client-secret", refresh_token_file = "refresh-token" and grant = "refresh_token".
    """

    token_endpoint: TokenEndpoint = Field(
        description="Where access tokens are asked for.", examples=["https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"]
    )
    client_id: Name = Field(description="Name of this client at the provider.", examples=["00000000-0000-0000-0000-000000000000"])
    client_secret_file: SecretFile = Field(
        default="", description="File whose one line is the client's secret.", examples=["client-secret"]
    )
    refresh_token_file: SecretFile = Field(
        default="", description="File whose one line is the refresh token. The program keeps it up to date."
    )
    scope: str = Field(
        default="",
        description="Scope to ask for, where the provider wants one.",
        examples=["https://outlook.office365.com/.default"],
    )
    grant: Literal["client_credentials", "refresh_token"] = Field(
        default="client_credentials", description="How the client proves who it is."
    )

    @model_validator(mode="after")
    def _grant_has_its_secret(self) -> "OAuth":
        if self.grant == "client_credentials" and (self.refresh_token_file or not self.client_secret_file):
            raise ValueError("the grant client_credentials needs client_secret_file and no refresh_token_file")
        if self.grant == "refresh_token" and not self.refresh_token_file:
            raise ValueError("the grant refresh_token needs refresh_token_file")
        return self


class Relay(Section):
    """Where letters go out."""

    url: RelayUrl = Field(
        default="maildir:var/outgoing",
        description="maildir:FOLDER keeps letters on this machine, for trying out. For a relay write smtp://host:25 (no login), "
        "smtp+starttls://user@host:587 or smtps://user@host:465.",
    )
    tls: Literal["", "required", "opportunistic", "none"] = Field(
        default="",
        description='TLS of smtp:// without login: "none" (as without this key), "opportunistic" (STARTTLS where it is offered, '
        'certificate unchecked) or "required" (a good certificate, or nothing is sent; so it is with the other schemes).',
    )
    password_file: SecretFile = Field(default="", description="File that holds the password of the user in url.")
    oauth: OAuth | None = Field(
        default=None, description="Instead of password_file: a table [relay.oauth], for a server that wants OAuth."
    )
    connections: int = Field(default=4, ge=1, le=50, description="Most connections at once.")
    timeout: Timeout = Field(default=duration("60s"), description="Longest wait in each step of the conversation.")
    final_dot_timeout: Timeout = Field(
        default=duration("10m"),
        description="Longest wait for the answer after a mail's end, which comes late (RFC 5321 §4.5.3.2.6).",
    )
    ca_file: File = Field(default="", description="Certificates to trust instead of the system's.")

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


class Dkim(Section):
    """A key that signs our letters (RFC 6376). `helpdesk dkim key` makes one; write one [[dkim]] for each."""

    selector: Selector = Field(description="Name of the key in DNS.", examples=["s2026"])
    key_file: SecretFile = Field(
        min_length=1, description="File that holds the key, readable by its owner alone.", examples=["s2026.key"]
    )
    domain: Literal[""] | Domain = Field(default="", description='Domain for which the key signs; "" stands for desk.domain.')


class MetricsListener(Section):
    """A small listener for a monitoring system: /metrics for Prometheus, /healthz and /readyz. Without this section nothing listens."""

    listen: Listen = Field(default="127.0.0.1:9125", description="Host and port where it listens.")
    key_file: SecretFile = Field(
        default="",
        description="File whose one line is the key that /metrics asks for, as `Authorization: Bearer KEY`. /healthz and /readyz ask for none "
        "and say no details.",
    )


class HttpSettings(Section):
    """The HTTP API for platforms that do not share the database, the inbox page for customers, and the operator's page. Without this section
    nothing listens.

    Keys: `helpdesk key add`.
    """

    listen: Literal[""] | Listen = Field(
        default="127.0.0.1:8025",
        description='Host and port where it listens, without TLS: a proxy that speaks TLS stands before it. "" is no API.',
    )
    operator_listen: Literal[""] | Listen = Field(
        default="",
        description='Host and port of the operator\'s page, for loopback and a proxy of its own. It shares no address with the API; "" is no page.',
        examples=["127.0.0.1:8026"],
    )
    address: Literal[""] | WebOrigin = Field(
        default="",
        description="Address of this server as customers' browsers name it, without a path: that of the proxy. With it there is the inbox page, "
        'at /inbox; "" stands for none.',
        examples=["https://support.example.com"],
    )
    embed: tuple[WebOrigin, ...] = Field(
        default=(),
        description="Addresses of web applications whose pages may show the inbox page in a frame. Without any, none may.",
        examples=[["https://app.example.com"]],
    )
    proxies: tuple[Network, ...] = Field(
        default=("127.0.0.0/8", "::1/128"),
        description="Networks of the proxies that stand before this server. Their X-Forwarded-For says from where somebody comes, which "
        "[request_form] counts.",
    )
    links: Annotated[Duration, Field(ge=duration("1h"), le=duration("365d"))] = Field(
        default=duration("30d"),
        description="How long a link in a letter leads to a file that was too large for it. Letters have such links where there is an address.",
    )
    requests_per_minute: int = Field(
        default=1200, ge=1, description="Most requests of one key, or of one customer's browser, in a minute, on this node."
    )
    database_role: Literal[""] | RoleName = Field(
        default="",
        description="Role of PostgreSQL with which this process reads and writes; it has no right to internal notes. "
        '"" stands for the login of [database] url, whose rights go further. SQLite needs none.',
        examples=["helpdesk_http"],
    )
    directory_role: Literal[""] | RoleName = Field(
        default="",
        description="Role of PostgreSQL with which it reads and changes accounts, contacts and staff; it has no right to conversations. "
        '"" stands for the login of [database] url. SQLite needs none.',
        examples=["helpdesk_http_directory"],
    )


class WebhookSettings(Section):
    """A place that is told when something is new in the feed (Standard Webhooks 1.0.0). Write one [[webhook]] for each."""

    name: Name = Field(
        description="Name of the webhook in the log, in metrics and for `helpdesk webhook`. Never change it.", examples=["portal"]
    )
    url: WebhookUrl = Field(
        description="Where each event is posted. Redirects are not followed. Private networks are allowed; link-local and metadata addresses "
        "only where the URL itself names the address.",
        examples=["https://app.example.com/hooks/helpdesk"],
    )
    secret_file: SecretFile = Field(
        min_length=1,
        description="File with the secret that signs: a line `whsec_` and 24 to 64 octets in base64. With two lines both sign, so that the "
        "receiver can be given the new one.",
        examples=["portal-webhook"],
    )
    accounts: tuple[Name, ...] = Field(
        default=(), description="Ids of the accounts whose events it gets; without any, all of them."
    )
    include: Literal["", "words"] = Field(
        default="",
        description='"words" adds subject and text of each message. What a receiver keeps, `helpdesk erase` cannot reach.',
    )


class AlarmSettings(Section):
    """Who is told when something stalls, and when it works again. Without this section nobody is."""

    mail_to: tuple[Address, ...] = Field(
        default=(), description="Addresses that get a letter, by [relay]. Take mailboxes that need nothing of this desk."
    )
    webhook: Literal[""] | TokenEndpoint = Field(
        default="",
        description="Where a JSON object is posted for each alarm. Its `text` is what chat programs show.",
        examples=["https://chat.example.com/hooks/desk"],
    )
    relay: Relay | None = Field(
        default=None,
        description="A second way for the letters: a table [alarm.relay] with the keys of [relay]. It is used where [relay] is in trouble.",
    )
    heartbeat_url: Literal[""] | TokenEndpoint = Field(
        default="",
        description="Address that is fetched each minute while all is well. A service that misses the visits tells you about a machine that "
        "is gone.",
        examples=["https://heartbeat.example.com/desk"],
    )


class CanarySettings(Section):
    """A letter that goes the outside way, by [relay] to `to` and back through a door, again and again. Without this section none does."""

    to: Literal[""] | Address = Field(
        default="",
        description="An address whose mail comes back to an [[address]]: one of this desk whose mail takes the way of customers' mail, or an "
        'outside mailbox that forwards to it; "" stands for the first [[address]].',
    )
    every: Annotated[Duration, Field(ge=duration("1m"))] = Field(default=duration("15m"), description="Time between two letters.")
    late_after: Timeout = Field(
        default=duration("1h"), description="Time since the last one that came back after which it is an alarm."
    )


class MailboxSettings(Section):
    """A mailbox on another server, from which mail is fetched. Write one [[mailbox]] for each."""

    name: Name = Field(
        description="Name of the mailbox in the log and in the ledger of its mails. Never change it.", examples=["support"]
    )
    url: MailboxUrl = Field(
        description="User, host and port. The scheme is imaps, imap+starttls, pop3s or pop3+starttls; imap and pop3 only on this machine.",
        examples=["imaps://help@support.example.com@mail.example.com:993"],
    )
    password_file: SecretFile = Field(
        default="", description="File that holds the password of the user in url.", examples=["mailbox-password"]
    )
    password_variable: Variable = Field(
        default="", description='Instead of a file: an environment variable that holds the password, such as "SUPPORT_PASSWORD".'
    )
    oauth: OAuth | None = Field(
        default=None,
        description="Instead of a password: a table [mailbox.oauth] with the keys of [relay.oauth], for a server that wants OAuth.",
    )
    folders: tuple[Name, ...] = Field(
        default=("INBOX",), min_length=1, description="Folders to read, in this order. The first one is watched."
    )
    after: Flag = Field(
        default="flag",
        description='What happens to a mail on its server once it is stored here. "flag" marks it \\Seen, "flag:KEYWORD" marks it '
        'with a keyword, "move:Processed" moves it to that folder, "delete" deletes it, "keep" leaves it alone. POP3 knows '
        '"keep" and "delete".',
    )
    support_address: Literal[""] | Address = Field(
        default="", description='An [[address]], for mail that names none of them; "" stands for the first one.'
    )
    start_at: Literal["new", "all"] = Field(
        default="new", description='"new" leaves alone what was there before the first look; "all" fetches that too.'
    )
    idle: bool = Field(default=True, description="Let the server say at once when mail comes, where it can (IDLE).")
    poll_every: Duration = Field(
        default=duration("60s"), ge=duration("1s"), le=duration("9m"), description="Longest time between two looks."
    )
    timeout: Timeout = Field(default=duration("30s"), description="Longest wait for each answer of the server.")
    ca_file: File = Field(default="", description="Certificates to trust instead of the system's.")
    allow_clear_text: bool = Field(
        default=False, description="Allow imap:// and pop3:// to other machines, where the password travels in clear."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "MailboxSettings":
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


class Authentication(Section):
    """Whose word about the author of a mail counts. Staff commands need an authenticated author."""

    check: bool = Field(
        default=True,
        description="Check SPF, DKIM and DMARC of mail that came by SMTP. Mail of trusted_relays whose word is taken below is not "
        "checked again, nor mail from assume_from.",
    )
    dns_timeout: Timeout = Field(
        default=duration("5s"),
        le=duration("30s"),
        description="Longest time for all DNS look-ups of one mail. Without an answer its author is unverified.",
    )
    nameservers: tuple[Nameserver, ...] = Field(
        default=(), description='DNS servers, such as "127.0.0.1:53"; without any, those of the system.'
    )
    trusted_sealers: tuple[Domain, ...] = Field(
        default=(), description='Domains of forwarders whose ARC seal is believed, such as "lists.example.com".'
    )
    trusted_authserv_ids: tuple[AuthservId, ...] = Field(
        default=(),
        description='Servers whose Authentication-Results are believed, such as "mx.example.com", in mail from trusted_relays.',
    )
    trusted_relays: tuple[Network, ...] = Field(
        default=("127.0.0.0/8",),
        description="Networks of our own mail servers: their Authentication-Results and the times in their Received fields are "
        "believed, and the doors keep room for them.",
    )
    assume_from: tuple[Network, ...] = Field(
        default=(),
        description="Networks whose mail counts as authenticated without any check. For trying out only: whoever sends from there "
        "can be anybody.",
    )


class Settings(Section):
    """One node. Relative paths have been made absolute against the folder of the file."""

    folder: Annotated[Path, NameInFile("")]
    log_format: Literal["auto", "text", "journal", "json"] = Field(
        default="auto",
        description='Lines of the log: "text" for people, "json" for machines, "journal" for journald (a priority and no date). "auto" stands '
        'for "journal" where systemd leads the log to the journal, and for "text" elsewhere.',
    )
    node: NodeSettings = NodeSettings()
    desk: DeskSettings
    database: DatabaseSettings = DatabaseSettings()
    smtp_doors: Annotated[tuple[Smtp, ...], NameInFile("smtp"), OneOrMore()] = ()
    lmtp: Lmtp | None = None
    relay: Relay = Relay()
    dkim: tuple[Dkim, ...] = ()
    mailboxes: Annotated[tuple[MailboxSettings, ...], NameInFile("mailbox")] = ()
    authentication: Authentication = Authentication()
    http: HttpSettings | None = None
    request_form: RequestFormSettings | None = None
    webhook: tuple[WebhookSettings, ...] = ()
    metrics: MetricsListener | None = None
    alarm: AlarmSettings | None = None
    canary: CanarySettings | None = None

    @property
    def smtp(self) -> Smtp | None:
        """The first SMTP door, which takes the world's mail; None where there is none."""
        return self.smtp_doors[0] if self.smtp_doors else None

    @property
    def has_api(self) -> bool:
        return self.http is not None and bool(self.http.listen)

    @property
    def has_request_form(self) -> bool:
        return self.request_form is not None and self.has_api and self.http is not None and bool(self.http.address)

    @property
    def request_page(self) -> str:
        """Address of the page for new requests that letters name: the one that is configured, else that of our own form; "" for none."""
        own = f"{self.http.address}{PATH}" if self.has_request_form and self.http is not None else ""
        return self.desk.request_page or own

    @property
    def has_operator_page(self) -> bool:
        return self.http is not None and bool(self.http.operator_listen)

    @property
    def is_watched(self) -> bool:
        """Whether the node has a process that watches it."""
        return bool(self.metrics or self.alarm or self.canary)

    @property
    def largest_mail(self) -> int:
        """Octets of the largest mail that is taken, by any door."""
        return max((door.max_size for door in self.smtp_doors), default=LARGEST_MAIL)
