"""An attached file."""

from collections.abc import Iterable
from dataclasses import dataclass

# Parts that programs add to a mail: signatures and keys, a card of the author, a page for another reader, what a container was opened from.
TECHNICAL = frozenset((
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys", "application/pgp-encrypted", "text/vcard", "text/x-vcard", "text/directory",
    "text/x-amp-html", "text/vnd.google.email-reaction+json", "application/ms-tnef", "application/vnd.ms-tnef", "text/x-moz-deleted", "application/x-apple-mail-remote-attachment",
))  # fmt: skip
TECHNICAL_NAMES = ("smime.p7s", "signature.asc", "openpgp-signature.asc", "winmail.dat")
TECHNICAL_ENDS = (".p7s", ".vcf", ".sig")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file. `filename` is safe to show and never a path. `size` counts octets; `sha256` is that of the decoded octets."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    named: bool = True  # False where the mail gave no name, so that `filename` is made up
    recurring: bool = False  # an image of the author's signature: earlier mails of theirs held it, as the store says
    words: str = ""  # the words in it and the names of files packed in it, as far as these were read; not stored

    @property
    def is_technical(self) -> bool:
        """Whether a program added the part, so that nobody sent it on purpose."""
        name = self.filename.lower()
        public_key = name.startswith("openpgp_0x") and name.endswith(".asc")
        return self.content_type in TECHNICAL or name in TECHNICAL_NAMES or name.endswith(TECHNICAL_ENDS) or public_key


def attachments_as_json(attachments: Iterable[Attachment]) -> tuple[dict[str, object], ...]:
    """Return attachments as rows of messages, of notes and of the platform inbox list them."""
    return tuple(
        {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "content_id": attachment.content_id,
            "inline": attachment.inline,
        }
        | ({"recurring": True} if attachment.recurring else {})
        for attachment in attachments
    )
