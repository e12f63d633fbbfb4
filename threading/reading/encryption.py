"""Whether a mail is encrypted, so that nobody but the holder of a key can read it. The gateway holds no keys."""

from collections.abc import Sequence

from helpdesk.threading.reading import smime
from helpdesk.threading.reading.mime import Leaf

PGP_VERSION = "application/pgp-encrypted"  # RFC 3156 §4
ARMOUR = "-----BEGIN PGP MESSAGE-----"  # RFC 9580 §6.2
ENCRYPTED_TYPES = ("enveloped-data", "authenveloped-data")
READABLE_TYPES = ("signed-data", "certs-only", "compressed-data")  # of smime-type (RFC 8551 §3.2.2)


def encryption_of(leaves: Sequence[Leaf], text: str) -> str:
    """How a mail is encrypted: "S/MIME", "PGP", or "" where it is not. `text` are the author's own words in it.

    A file that was encrypted by itself makes a mail an encrypted one only where the mail says nothing else.
    """
    if any(leaf.content_type == PGP_VERSION for leaf in leaves) or _holds_armour(text):
        return "PGP"
    if any(_is_encrypted_by_smime(leaf) for leaf in leaves):
        return "S/MIME"
    if text.strip():
        return ""
    if any(_is_armoured(leaf) for leaf in leaves):
        return "PGP"
    return "S/MIME" if any(_may_be_smime(leaf) for leaf in leaves) else ""


def _holds_armour(text: str) -> bool:
    return ARMOUR in text and any(line.strip() == ARMOUR for line in text.splitlines())


def _is_armoured(leaf: Leaf) -> bool:
    return leaf.content[:200].lstrip().startswith(ARMOUR.encode())


def _is_encrypted_by_smime(leaf: Leaf) -> bool:
    if leaf.content_type not in smime.ENVELOPES or leaf.container:
        return False
    kind, declared = smime.content_kind(leaf.content), leaf.declared.get("smime-type", "").lower()
    return kind is smime.ContentKind.ENVELOPED or (kind is smime.ContentKind.UNKNOWN and declared in ENCRYPTED_TYPES)


def _may_be_smime(leaf: Leaf) -> bool:
    """Whether a file with the name or type of encrypted mail could not be opened, and does not say that it is only signed."""
    unread = not leaf.container and smime.is_enveloped(leaf.content_type, leaf.filename)
    readable = leaf.declared.get("smime-type", "").lower() in READABLE_TYPES
    return unread and not readable and smime.content_kind(leaf.content) is not smime.ContentKind.SIGNED
