"""Checks of single values. Each function gives the value back, in the form in which it is compared, or raises ValueError that says what is
allowed. The types made of them stand in `values`.
"""

import re
import unicodedata
from ipaddress import ip_address, ip_network
from string import Formatter
from urllib.parse import SplitResult, urlsplit

from helpdesk.config.plain_words import words_in

LONGEST_NAME = 200
RELAY_SCHEMES = ("smtp", "smtp+starttls", "smtps")
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")
PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,9}")
AUTHSERV_ID = re.compile(r"[!-~]+")
SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?")  # RFC 6376 §3.1
SCRYPT = re.compile(r"scrypt\$[0-9]+\$[0-9]+\$[0-9]+\$[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]+={0,2}")  # RFC 7914
SOCKET_MODE = re.compile(r"0?[0-7]{3}")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")  # RFC 5646 §2.1: a language and, where it matters, a region
LOCAL_SOCKET = "unix:"
LONGEST_SOCKET_PATH = 100  # the system's bound is 107
BREAKING = ("Cc", "Cs", "Zl", "Zp")
WRITE_RELAY = "allowed: maildir:FOLDER, smtp://HOST:PORT, smtp+starttls://USER@HOST:PORT, smtps://USER@HOST:PORT"
MAILBOX_SCHEMES = ("imaps", "imap+starttls", "imap", "pop3s", "pop3+starttls", "pop3")
TOKEN_TOUCHES = re.compile(r"[a-zA-Z0-9]\{token\}|\{token\}[a-zA-Z0-9]|\}\{")  # a letter, a digit or another field
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
FLAG = re.compile(r"\\(?:Seen|Flagged|Answered)|[A-Za-z0-9$_.-]+")  # RFC 9051 §2.3.2: a system flag or a keyword
WRITE_MAILBOX = (
    "allowed: imaps://USER@HOST:PORT, imap+starttls://USER@HOST:PORT, pop3s://USER@HOST:PORT, pop3+starttls://USER@HOST:PORT"
)
WRITE_ORIGIN = "write scheme and host alone, such as https://support.example.com"
ORIGIN_HOST = re.compile(r"[a-z0-9.:\[\]-]{1,253}")
WRITE_PAGE = "write a whole address such as https://www.example.com/help"
WRITE_HOOK = "write a whole address such as https://app.example.com/hooks/helpdesk"
LONGEST_PAGE = 500  # characters; longer addresses are not made links
MOST_BANNER_WORDS = 60
LONGEST_LINES, MOST_LINES = 2000, 20  # of a text of several lines, in characters and in lines
WRITE_AFTER = 'write "move:FOLDER", "flag", "flag:KEYWORD", "delete" or "keep"'
BUCKET_URL = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9._-]*)*/?"
)  # of a path, names without surprises
WRITE_BLOBS = "write a folder, such as var/blobs, or a bucket with or without a path: s3://bucket/path"
WRITE_BUCKET_SERVER = "write https://host:port of the server, without a user and a path"
WRITE_ENDPOINT = "write an https URL, such as https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WRITE_REPLY = 'write a pattern such as "{local}+{token}@{domain}" or "{token}@reply.example.com"'


def plain_name(text: str) -> str:
    """A name that can stand in a header field: not empty, no line break or other control character (RFC 5322 §2.2)."""
    if any(unicodedata.category(letter) in BREAKING for letter in text):
        raise ValueError("a line break or control character is not allowed here")
    if not text.strip() or len(text) > LONGEST_NAME:
        raise ValueError(f"write a name of 1 to {LONGEST_NAME} characters")
    return text.strip()


def plain_lines(text: str) -> str:
    """A text of several lines, such as a signature: "" or up to `MOST_LINES` lines without control characters."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if any(unicodedata.category(letter) in BREAKING for line in lines for letter in line):
        raise ValueError("a control character is not allowed here")
    if len(lines) > MOST_LINES or len(text) > LONGEST_LINES:
        raise ValueError(f"write at most {MOST_LINES} lines and {LONGEST_LINES} characters")
    return "\n".join(lines)


def banner_text(text: str) -> str:
    """The whole text of a banner that a mail filter adds: 1 to `MOST_BANNER_WORDS` words, in one line or several."""
    text = plain_lines(text)
    if not 1 <= len(words_in(text)) <= MOST_BANNER_WORDS:
        raise ValueError(f"write the whole text of a banner, 1 to {MOST_BANNER_WORDS} words")
    return text


def prefix(text: str) -> str:
    """What a ticket's reference begins with."""
    if not PREFIX.fullmatch(text):
        raise ValueError("write 2 to 10 capital letters or digits, a letter first, such as ACZ")
    return text


def language(text: str) -> str:
    """A language tag."""
    if not LANGUAGE.fullmatch(text):
        raise ValueError('write a language as "de", or with its region as "pt-BR"')
    return text


def network(text: str) -> str:
    """An IP network or a single address."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("write a network such as 192.0.2.0/24, 2001:db8::/32 or a single address, no host bits set") from None


def authserv_id(text: str) -> str:
    """The name under which a trusted server writes Authentication-Results (RFC 8601 §2.5)."""
    if not AUTHSERV_ID.fullmatch(text):
        raise ValueError("write the server's name as it stands in Authentication-Results, such as mx.example.com")
    return text.lower()


def selector(text: str) -> str:
    """The name under which a DKIM key stands in DNS."""
    if not SELECTOR.fullmatch(text) or ".." in text:
        raise ValueError("write letters, digits and -, such as s2026")
    return text.lower()


def nameserver(text: str) -> str:
    """A DNS server as `127.0.0.1:53`; port 53 where none is written."""
    host = text.removeprefix("[").rpartition("]:")[0] or text.rpartition(":")[0]
    with_port = text if _is_address(host) and not _is_address(text) else f"[{text}]:53" if ":" in text else f"{text}:53"
    try:
        address, port = endpoint(with_port)
        if not _is_address(address) or not port:
            raise ValueError
    except ValueError:
        raise ValueError("write an IP address, with or without a port: 127.0.0.1 or 127.0.0.1:53 or [::1]:53") from None
    return with_port


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def endpoint(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:2525`, `[::1]:2525` or `mail.example.com:25`; port 0 lets the system choose."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if (
        not bare
        or (":" in bare and bare == host)
        or not port.isascii()
        or not port.isdigit()
        or len(port) > 5
        or int(port) > 65535
    ):
        raise ValueError("write host and port, such as 127.0.0.1:2525 or [::1]:2525")
    return bare, int(port)


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen_address(text: str) -> str:
    """Where a door listens: host and port. `:25` stands for `*:25`, every address of this machine."""
    written = f"*{text}" if text.startswith(":") and not text.startswith("::") else text
    endpoint(written)
    return written


def socket_path(text: str) -> str | None:
    """The path of a local socket in `unix:/run/helpdesk/lmtp`; None for anything else."""
    return text.removeprefix(LOCAL_SOCKET) if text.startswith(LOCAL_SOCKET) else None


def lmtp_listen(text: str) -> str:
    """Where LMTP is spoken. Never port 25, where the world expects SMTP (RFC 2033 §5)."""
    path = socket_path(text)
    if path is None:
        if endpoint(text)[1] == 25:
            raise ValueError("LMTP is not spoken on port 25; write another port, such as 127.0.0.1:2424")
        return text
    if not path or path.endswith("/") or len(path.encode()) > LONGEST_SOCKET_PATH:
        raise ValueError(f"write a path of at most {LONGEST_SOCKET_PATH} octets: unix:/run/helpdesk/lmtp")
    return text


def socket_mode(text: str) -> str:
    """Who may connect to a local socket: permission bits in octal."""
    if not SOCKET_MODE.fullmatch(text):
        raise ValueError('write permissions in octal, such as "660" for owner and group')
    return text


def relay_url(text: str) -> str:
    """Where letters go out. Credentials never stand in the URL, and never travel in clear."""
    if text.startswith("maildir:"):
        if not text.removeprefix("maildir:").strip("/"):
            raise ValueError("write a folder: maildir:var/outgoing")
        return text
    url = _split(text, WRITE_RELAY)
    if url.scheme not in RELAY_SCHEMES or not url.hostname or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(WRITE_RELAY)
    if url.password is not None:
        raise ValueError("take the password out of the URL and name a file with it in password_file")
    if url.scheme == "smtp" and url.username is not None:
        raise ValueError("smtp:// would send the user's password in clear; write smtp+starttls:// or smtps://")
    return text


def mailbox_url(text: str) -> str:
    """Where mail waits. The user stands in it (an @ in its name may stay), the password never."""
    url = _split(text, WRITE_MAILBOX)
    if url.scheme not in MAILBOX_SCHEMES or not url.hostname or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(WRITE_MAILBOX)
    if not url.username:
        raise ValueError(f"write the user in front of the host; {WRITE_MAILBOX}")
    if url.password is not None:
        raise ValueError("take the password out of the URL and name a file with it in password_file")
    return text


def step_after_storing(text: str) -> str:
    """What happens to a mail on its server once it is stored here."""
    step, _, name = text.partition(":")
    if text in ("keep", "delete", "flag") or (step == "flag" and FLAG.fullmatch(name)):
        return text
    if step == "move" and name.strip():
        return f"move:{plain_name(name)}"
    raise ValueError(WRITE_AFTER)


def token_endpoint(text: str) -> str:
    """Where OAuth tokens are asked for: https, because the request carries the secret; in clear on this machine alone."""
    url = _split(text, WRITE_ENDPOINT)
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
    if not safe or not url.hostname or url.username is not None or url.fragment or not text.isascii() or not text.isprintable():
        raise ValueError(WRITE_ENDPOINT)
    return text


def webhook_url(text: str) -> str:
    """Where a webhook is posted: http or https with a host, without a user or a fragment."""
    url = _split(text, WRITE_HOOK)
    plain = text.isascii() and text.isprintable() and " " not in text
    if url.scheme not in ("https", "http") or not url.hostname or url.username is not None or url.fragment or not plain:
        raise ValueError(WRITE_HOOK)
    return text


def web_page(text: str) -> str:
    """The address of a page that letters name: http or https with a host, without a user, a space or a quotation mark."""
    url = _split(text, WRITE_PAGE)
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \"'<>\\^`{|}")
    if (
        url.scheme not in ("https", "http")
        or not url.hostname
        or url.username is not None
        or not plain
        or len(text) > LONGEST_PAGE
    ):
        raise ValueError(WRITE_PAGE)
    return text


def web_origin(text: str) -> str:
    """A server as browsers name it in Origin: scheme, host and port; in clear on this machine alone."""
    url = _split(text, WRITE_ORIGIN)
    is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
    port = f":{url.port}" if url.port else ""
    if (
        not is_safe
        or not url.hostname
        or text != f"{url.scheme}://{url.hostname}{port}"
        or not ORIGIN_HOST.fullmatch(url.hostname)
    ):
        raise ValueError(WRITE_ORIGIN)
    return text


def variable_name(text: str) -> str:
    """The name of an environment variable, "" for none."""
    if text and not VARIABLE.fullmatch(text):
        raise ValueError("write the name of an environment variable, such as SUPPORT_PASSWORD")
    return text


def role_name(text: str) -> str:
    """A role of PostgreSQL that needs no quotes."""
    if not ROLE.fullmatch(text):
        raise ValueError("write small letters, digits and _, such as helpdesk_http")
    return text


def database_url(text: str) -> str:
    """A file of SQLite or a database of PostgreSQL."""
    allowed = "allowed: sqlite:///FILE, postgresql+psycopg://USER@HOST/NAME"
    url = _split(text, allowed)
    if url.scheme not in DATABASE_SCHEMES:
        raise ValueError(allowed)
    if url.scheme == "sqlite" and (url.netloc or url.path.strip("/") in ("", ":memory:")):
        raise ValueError("a database in memory would lose mail; name a file: sqlite:///var/helpdesk.db")
    return text


def blob_place(text: str) -> str:
    """A folder, or a bucket of S3 with or without a path: s3://BUCKET/PATH."""
    if not text.strip() or ("://" in text and not BUCKET_URL.fullmatch(text)):
        raise ValueError(WRITE_BLOBS)
    return text


def bucket_endpoint(text: str) -> str:
    """The address of a server that speaks the protocol of S3; "" stands for AWS."""
    url = _split(text, WRITE_BUCKET_SERVER)
    if text and (
        url.scheme not in ("https", "http") or not url.hostname or url.username is not None or url.path.strip("/") or url.query
    ):
        raise ValueError(WRITE_BUCKET_SERVER)
    return text.rstrip("/")


def password_hash(text: str) -> str:
    """A scrypt hash, or "" for somebody who does not log in; never the password itself."""
    if text and not SCRYPT.fullmatch(text):
        raise ValueError("write a hash as scrypt$n$r$p$salt$hash, never the password itself")
    return text


def reply_pattern(text: str) -> str:
    """A pattern for addresses: one {token}, at most one {local}, both before the @ and kept apart by a mark."""
    try:
        fields = [
            f"{field}{spec}{conversion or ''}" for _, field, spec, conversion in Formatter().parse(text) if field is not None
        ]
    except ValueError:
        raise ValueError(WRITE_REPLY) from None
    local_part, at, host = text.rpartition("@")
    if not at or "{token}" not in local_part or "{token}" in host or "{local}" in host or "{domain}" in local_part:
        raise ValueError(f"{WRITE_REPLY}: {{token}} stands before the @")
    if sorted(fields) != sorted(set(fields)) or not set(fields) <= {"local", "token", "domain"} or "{{" in text or "}}" in text:
        raise ValueError(f"{WRITE_REPLY}: {{token}}, {{local}} and {{domain}}, each once at most")
    if TOKEN_TOUCHES.search(local_part):
        raise ValueError(f"{WRITE_REPLY}: a mark such as + keeps {{token}} apart from its neighbours")
    return text


def _split(text: str, allowed: str) -> SplitResult:
    try:
        url = urlsplit(text)
        if url.port == 0:
            raise ValueError
    except ValueError:
        raise ValueError(allowed) from None
    return url
