"""Parts of a mail that a program added for other programs: nobody sent them as files."""

from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.mime import Leaf
from helpdesk.threading.reading.parsed import Mailbox

ALWAYS = {
    "application/pkcs7-signature",  # RFC 8551 §3.5.3
    "application/x-pkcs7-signature",
    "application/pgp-signature",  # RFC 3156 §5
    "application/pgp-encrypted",  # RFC 3156 §4: the version alone
    "text/x-amp-html",
    "text/x-watch-html",
    "text/vnd.google.email-reaction+json",
    "text/x-moz-deleted",  # stands where a file was before its owner removed it
    "application/x-apple-mail-remote-attachment",
}
# Parts of reports, and keys. A person may attach a file of such a type too.
UNLESS_ATTACHED = {
    "application/pgp-keys",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "message/global-delivery-status",
    "text/rfc822-headers",
}
NAMES = ("smime.p7s", "signature.asc", "pgpkey.asc", "openpgp_digital_signature.asc", "publickey.asc")
NAME_BEGINNINGS = ("openpgp_0x", "0x")  # of keys that Thunderbird and Enigmail add
CARDS = {"text/vcard", "text/x-vcard", "text/directory", "application/vcard"}
LONGEST_CARD = 64 * 1024  # octets


def is_technical(leaf: Leaf, author: Mailbox | None) -> bool:
    """Whether a part is for programs alone, or is the card of the author, which some programs add to every mail."""
    if leaf.container or leaf.content_type in ALWAYS or _is_another_form(leaf):
        return True
    if leaf.content_type in UNLESS_ATTACHED and not (leaf.filename and leaf.disposition == "attachment"):
        return True
    name = leaf.filename.strip().lower()
    if name.endswith((".asc", ".p7s")):
        return name in NAMES or name.startswith(NAME_BEGINNINGS)
    return _is_card_of(leaf, name, author)


def _is_another_form(leaf: Leaf) -> bool:
    """Whether a part without a name is the message once more for certain programs, such as the calendar form of an invitation."""
    of_text = leaf.content_type.startswith("text/") or leaf.content_type == "application/ics"
    return leaf.group > 0 and of_text and not leaf.filename and leaf.disposition != "attachment"


def _is_card_of(leaf: Leaf, name: str, author: Mailbox | None) -> bool:
    if author is None or not (leaf.content_type in CARDS or name.endswith(".vcf")) or len(leaf.content) > LONGEST_CARD:
        return False
    card = decode(leaf.content, leaf.declared.get("charset", ""))[0]
    if card.upper().count("BEGIN:VCARD") > 1:
        return False
    lines = [line.partition(":") for line in card.splitlines()]
    values = [
        value.strip().lower() for key, _, value in lines if key.partition(";")[0].upper().rpartition(".")[2] in ("FN", "EMAIL")
    ]
    told = [author.address.lower(), author.name.strip().lower()]
    return any(value in told for value in values if value)
