"""Types of single values in the configuration: what each one accepts, and what a reader is told to write."""

from typing import Annotated, Literal

from helpdesk.config.address import address, domain
from helpdesk.config.hours import clock, holiday, hours, zone
from helpdesk.config.lexicon import by_language, phrase
from helpdesk.config.section import AfterValidator, BeforeValidator, Kind, Located
from helpdesk.config.shapes import (
    LOCAL_SOCKET,
    after,
    authserv_id,
    blob_folder,
    database_url,
    language,
    listen,
    lmtp_listen,
    mailbox_url,
    nameserver,
    network,
    password_hash,
    plain_name,
    prefix,
    relay_url,
    reply_pattern,
    selector,
    socket_mode,
    token_endpoint,
    variable,
)

SEVERITIES = ("low", "normal", "high", "critical")
IMPACTS = ("low", "normal", "high")

Severity = Literal["low", "normal", "high", "critical"]  # also a priority
Impact = Literal["low", "normal", "high"]

Name = Annotated[str, AfterValidator(plain_name), Kind("name")]
Address = Annotated[str, AfterValidator(address), Kind("mail address")]
AuthservId = Annotated[str, AfterValidator(authserv_id), Kind("server name")]
Blobs = Annotated[str, AfterValidator(blob_folder), Located(), Kind("folder")]
Clock = Annotated[str, AfterValidator(clock), Kind('time of day, as "08:00"')]
DatabaseUrl = Annotated[str, AfterValidator(database_url), Located("sqlite:///"), Kind("URL")]
Domain = Annotated[str, AfterValidator(domain), Kind("domain")]
File = Annotated[str, Located(must_be="file"), Kind("file")]
Flag = Annotated[str, AfterValidator(after), Kind('"flag", "flag:KEYWORD", "move:FOLDER", "delete" or "keep"')]
Folder = Annotated[str, Located(must_be="folder"), Kind("folder")]
Holiday = Annotated[str, BeforeValidator(holiday), Kind("date")]
Hours = Annotated[str, AfterValidator(hours), Kind('hours, as "09:00-17:00"')]
Language = Annotated[str, AfterValidator(language), Kind('language, as "de" or "pt-BR"')]
Listen = Annotated[str, AfterValidator(listen), Kind("host and port")]
LmtpListen = Annotated[str, AfterValidator(lmtp_listen), Located(LOCAL_SOCKET), Kind("host and port, or local socket")]
MailboxUrl = Annotated[str, AfterValidator(mailbox_url), Kind("URL")]
Nameserver = Annotated[str, AfterValidator(nameserver), Kind("host and port")]
Network = Annotated[str, AfterValidator(network), Kind("network")]
PasswordHash = Annotated[str, AfterValidator(password_hash), Kind("scrypt hash")]
Prefix = Annotated[str, AfterValidator(prefix), Kind("2 to 10 capital letters or digits")]
RelayUrl = Annotated[str, AfterValidator(relay_url), Located("maildir:"), Kind("URL")]
ReplyPattern = Annotated[str, AfterValidator(reply_pattern), Kind("pattern of {local}, {token} and {domain}")]
SecretFile = Annotated[str, Located(must_be="file", secret=True), Kind("file")]
Selector = Annotated[str, AfterValidator(selector), Kind("name in DNS")]
SocketMode = Annotated[str, AfterValidator(socket_mode), Kind("permissions in octal")]
TokenEndpoint = Annotated[str, AfterValidator(token_endpoint), Kind("https URL")]
Variable = Annotated[str, AfterValidator(variable), Kind("name of an environment variable")]
Zone = Annotated[str, AfterValidator(zone), Kind("IANA time zone")]

Phrase = Annotated[Name, AfterValidator(phrase)]
Words = Annotated[
    dict[str, tuple[Phrase, ...]], BeforeValidator(by_language), Kind("list of phrases, or a table of such lists by language")
]


def one_or_more(value: object) -> object:
    """A list of one, where a single text is written instead of a list."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_more), Kind("name, or list of names")]
