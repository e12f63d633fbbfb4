"""The TLS certificate of a door: read once, checked before it is used, and put in the place of the old one as one object.

A context is never loaded twice. OpenSSL keeps one certificate for each kind of key, so that a context with an RSA certificate that is given a
renewed one of an elliptic curve would still show the old one to every client that asks for RSA.
"""

import os
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

LARGEST_FILE = 1024 * 1024  # octets


class UnusableCertificate(Exception):
    """The certificate and its key cannot be used. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class DoorCertificate:
    """A certificate in use. `digest` tells whether the files have another content now."""

    context: ssl.SSLContext
    digest: bytes


def read_certificate(certificate: str, key: str) -> DoorCertificate:
    """The certificate that stands in these files, without a look at its dates. Raises UnusableCertificate."""
    content = _content(certificate, key)
    return DoorCertificate(_context(content, certificate), sha256(content).digest())


def renewed_certificate(certificate: str, key: str, running: DoorCertificate | None) -> tuple[DoorCertificate, datetime] | None:
    """The certificate that stands in these files now, and the end of its time; None where it is the running one.

    Key and certificate must belong together, and its time must have begun and not be over. Raises UnusableCertificate.
    """
    content = _content(certificate, key)
    digest = sha256(content).digest()
    if running is not None and running.digest == digest:
        return None
    context = _context(content, certificate)
    return DoorCertificate(context, digest), _end_of(context, content, certificate)


def _content(certificate: str, key: str) -> bytes:
    """Both files. They are read once, because a renewal may replace one of them between two looks."""
    try:
        parts = [Path(file).read_bytes()[:LARGEST_FILE] for file in (certificate, key) if file]
    except OSError as fault:
        raise UnusableCertificate(f"{fault.filename}: cannot be read: {fault.strerror}") from None
    return b"\n".join(parts)


def _context(content: bytes, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _load(context, content, name)
    return context


def _load(context: ssl.SSLContext, content: bytes, name: str) -> None:
    """Load a chain and its key from memory; OpenSSL wants a file."""
    descriptor = os.memfd_create("certificate")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_no_password)
    except (ssl.SSLError, ValueError) as fault:
        reason = getattr(fault, "reason", None) or str(fault)
        raise UnusableCertificate(
            f"{name}: not a certificate with its key: {reason.lower().replace('_', ' ')}; both must be PEM and belong together"
        ) from None
    finally:
        os.close(descriptor)


def _no_password() -> str:
    raise ValueError("the key has a password; a node cannot type it")


def _end_of(context: ssl.SSLContext, content: bytes, name: str) -> datetime:
    """When the certificate's time is over, by a handshake in memory with a client that trusts this certificate alone."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cadata=_first_certificate(content))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = context.wrap_bio(there, back, server_side=True), client.wrap_bio(back, there)
    for _ in range(8):
        for end in ends:
            try:
                with suppress(ssl.SSLWantReadError):
                    end.do_handshake()
            except ssl.SSLCertVerificationError as fault:
                raise UnusableCertificate(f"{name}: {fault.verify_message}") from None
            except ssl.SSLError as fault:
                raise UnusableCertificate(f"{name}: no client could use it: {fault.reason}") from None
    found = ends[1].getpeercert()
    if not found:
        raise UnusableCertificate(f"{name}: no client could use it")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)


def _first_certificate(content: bytes) -> str:
    """The certificate of the door itself, without those that vouch for it."""
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    return (begin + content.partition(begin)[2].partition(end)[0] + end).decode("ascii", "replace")
