"""The smarthost: the mail server that takes all letters of this node and carries them on.

It is configured by one URL, `[relay] url`:

| url | meaning |
|---|---|
| `smtp://host:25` | no login: for a mail server on this machine or in this network. `tls` says more: |
| … with `tls = "none"` | clear text; this is the default |
| … with `tls = "opportunistic"` | STARTTLS where it is offered, with any certificate; else clear text: this stops only passive listeners |
| … with `tls = "required"` | the same as `smtp+starttls://` |
| `smtp+starttls://user@host:587` | STARTTLS is required: where it is not offered, or the certificate fails, nothing is sent |
| `smtps://user@host:465` | TLS from the first octet |

Ports may be left out. A user needs `password_file`, whose first line is the password, or `oauth`; both are sent under verified TLS alone.
The certificate must be valid and name the host of the URL. `ca_file` (PEM) replaces the system's authorities.
An `@` in the user name may be written as it is; other special characters are percent-encoded. An IPv6 address stands in brackets.
"""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from helpdesk.config.settings import OAuth
from helpdesk.config.settings import Relay as RelaySettings


class Security(StrEnum):
    """How the connection to the smarthost is protected."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    STARTTLS = "starttls"
    TLS = "tls"  # from the first octet


# What `tls` means for smtp://
WRITTEN = {"none": Security.NONE, "opportunistic": Security.OPPORTUNISTIC, "required": Security.STARTTLS}

SCHEMES = {
    "smtp": (Security.NONE, 25),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
}


@dataclass(frozen=True, slots=True)
class Smarthost:
    """Where to connect, how the connection is protected, and how to log in. `user` is "" without a login."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    tls: ssl.SSLContext | None = None


def smarthost(settings: RelaySettings) -> Smarthost:
    """Read the `[relay]` section of a node that has a smarthost. Its URL has been checked with the configuration.

    The password and the authorities are read now, so that a missing file shows when the node starts. Raise ValueError with
    one sentence.
    """
    url = urlsplit(settings.url)
    security, usual_port = SCHEMES[url.scheme]
    if security is Security.NONE and settings.tls:
        security = WRITTEN[settings.tls]
    user = unquote(url.username or "")
    if security in (Security.NONE, Security.OPPORTUNISTIC) and (user or settings.ca_file):
        raise ValueError(
            "relay.url: smtp:// does not verify TLS, so it allows no user and no ca_file; write smtp+starttls:// or smtps://"
        )
    return Smarthost(
        host=url.hostname or "",
        port=url.port or usual_port,
        security=security,
        user=user,
        password=read_password(settings.password_file) if user and not settings.oauth else "",
        oauth=settings.oauth,
        tls=tls_context(security, settings.ca_file),
    )


def read_password(file: str) -> str:
    """The first line of the password file. Raise ValueError with one sentence."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"relay.password_file: cannot read {file} ({fault_text(fault)})") from fault
    if not lines or not lines[0]:
        raise ValueError(f"relay.password_file: the first line of {file} is empty; write the password there")
    return lines[0]


def tls_context(security: Security, ca_file: str) -> ssl.SSLContext | None:
    """The TLS settings for a kind of protection; None for clear text."""
    if security is Security.NONE:
        return None
    tls = verifying_context(ca_file)
    if security is Security.OPPORTUNISTIC:
        # RFC 7435 §3: where clear text would be accepted, refusing a certificate gains nothing.
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return tls


def verifying_context(ca_file: str) -> ssl.SSLContext:
    """A context that checks the certificate and its name, by the authorities of the file or of the system."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as fault:  # SSLError is an OSError
        raise ValueError(f"relay.ca_file: no certificates can be read from {ca_file} ({fault_text(fault)})") from fault


def fault_text(fault: Exception) -> str:
    """The reason of a fault in a few words."""
    return getattr(fault, "strerror", None) or type(fault).__name__
