"""Types of single values in the configuration: what each one accepts, and what a reader is told to write."""

from typing import Annotated, Literal

from helpdesk.config.address import address, domain
from helpdesk.config.colours import colour
from helpdesk.config.hours import clock, holiday, hours, zone
from helpdesk.config.lexicon import by_language, phrase
from helpdesk.config.section import AfterValidator, BeforeValidator, PathValue, ValueType
from helpdesk.config.shapes import (
    LOCAL_SOCKET,
    authserv_id,
    banner_text,
    blob_place,
    bucket_endpoint,
    database_url,
    language,
    listen_address,
    lmtp_listen,
    mailbox_url,
    nameserver,
    network,
    password_hash,
    plain_lines,
    plain_name,
    prefix,
    relay_url,
    reply_pattern,
    role_name,
    selector,
    socket_mode,
    step_after_storing,
    token_endpoint,
    variable_name,
    web_origin,
    web_page,
    webhook_url,
)

SEVERITIES = ("low", "normal", "high", "critical")
LETTER_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")  # in which customers are written to
LETTER_TAGS = (*LETTER_LANGUAGES, "pt-BR")  # and the regions that have words of their own in letters
IMPACTS = ("low", "normal", "high")

Severity = Literal["low", "normal", "high", "critical"]  # also a priority
Impact = Literal["low", "normal", "high"]

Name = Annotated[str, AfterValidator(plain_name), ValueType("name")]
Address = Annotated[str, AfterValidator(address), ValueType("mail address")]
AuthservId = Annotated[str, AfterValidator(authserv_id), ValueType("server name")]
BannerText = Annotated[str, AfterValidator(banner_text), ValueType("text of a banner", "texts of banners")]
Blobs = Annotated[str, AfterValidator(blob_place), PathValue(), ValueType("folder or s3 URL")]
BucketEndpoint = Annotated[str, AfterValidator(bucket_endpoint), ValueType("URL")]
Clock = Annotated[str, AfterValidator(clock), ValueType('time of day, as "08:00"')]
Colour = Annotated[str, AfterValidator(colour), ValueType('colour, as "#2f5bd3"')]
DatabaseUrl = Annotated[str, AfterValidator(database_url), PathValue("sqlite:///"), ValueType("URL")]
Domain = Annotated[str, AfterValidator(domain), ValueType("domain")]
File = Annotated[str, PathValue(must_be="file"), ValueType("file")]
Flag = Annotated[str, AfterValidator(step_after_storing), ValueType('"flag", "flag:KEYWORD", "move:FOLDER", "delete" or "keep"')]
Folder = Annotated[str, PathValue(must_be="folder"), ValueType("folder")]
Holiday = Annotated[str, BeforeValidator(holiday), ValueType("date")]
Hours = Annotated[str, AfterValidator(hours), ValueType('hours, as "09:00-17:00"')]
Language = Annotated[str, AfterValidator(language), ValueType('language, as "de" or "pt-BR"')]
Lines = Annotated[str, AfterValidator(plain_lines), ValueType("one or more lines")]
Listen = Annotated[str, AfterValidator(listen_address), ValueType("host and port")]
LmtpListen = Annotated[str, AfterValidator(lmtp_listen), PathValue(LOCAL_SOCKET), ValueType("host and port, or local socket")]
MailboxUrl = Annotated[str, AfterValidator(mailbox_url), ValueType("URL")]
Nameserver = Annotated[str, AfterValidator(nameserver), ValueType("IP address", "IP addresses, each with or without a port")]
Network = Annotated[str, AfterValidator(network), ValueType("network")]
PasswordHash = Annotated[str, AfterValidator(password_hash), ValueType("scrypt hash")]
Prefix = Annotated[str, AfterValidator(prefix), ValueType("2 to 10 capital letters or digits")]
RelayUrl = Annotated[str, AfterValidator(relay_url), PathValue("maildir:"), ValueType("URL")]
ReplyPattern = Annotated[str, AfterValidator(reply_pattern), ValueType("pattern of {local}, {token} and {domain}")]
RoleName = Annotated[str, AfterValidator(role_name), ValueType("role of PostgreSQL")]
SecretFile = Annotated[str, PathValue(must_be="file", secret=True), ValueType("file")]
Selector = Annotated[str, AfterValidator(selector), ValueType("name in DNS")]
SocketMode = Annotated[str, AfterValidator(socket_mode), ValueType("permissions in octal")]
TokenEndpoint = Annotated[str, AfterValidator(token_endpoint), ValueType("https URL")]
Variable = Annotated[str, AfterValidator(variable_name), ValueType("name of an environment variable")]
WebhookUrl = Annotated[str, AfterValidator(webhook_url), ValueType("URL")]
WebPage = Annotated[str, AfterValidator(web_page), ValueType("https URL")]
Zone = Annotated[str, AfterValidator(zone), ValueType("IANA time zone")]

WebOrigin = Annotated[str, AfterValidator(web_origin), ValueType("https URL without a path")]

Phrase = Annotated[Name, AfterValidator(phrase)]
Words = Annotated[
    dict[str, tuple[Phrase, ...]],
    BeforeValidator(by_language),
    ValueType("list of phrases, or a table of such lists by language"),
]


def one_or_more(value: object) -> object:
    """A list of one, where a single text is written instead of a list."""
    return (value,) if isinstance(value, str) else value


def page_or_flag(value: object) -> object:
    """No address in place of `true` or `false`, which files from before the address existed have here."""
    return "" if isinstance(value, bool) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_more), ValueType("name, or list of names")]
HelpPage = Annotated[Literal[""] | WebPage, BeforeValidator(page_or_flag), ValueType("https URL")]
