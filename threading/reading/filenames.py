"""File names of attachments, safe to show and to save: no path, no invisible letters, never empty."""

import unicodedata

LONGEST = 200  # characters
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SEPARATORS = {"/", "\\"}
EXTENSIONS = {
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/ms-tnef": ".dat",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc",
}


def safe_filename(name: str, content_type: str = "", number: int = 1) -> str:
    """The last component of `name`, cleaned; `attachment-1.pdf` if nothing is left. Applying it twice changes nothing."""
    normal = unicodedata.normalize("NFKC", name)
    for separator in SEPARATORS:
        normal = normal.rpartition(separator)[2]
    visible = "".join(" " if letter.isspace() else letter for letter in normal)
    visible = "".join(letter for letter in visible if unicodedata.category(letter) not in INVISIBLE)
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    trimmed = _shorten(composed.lstrip(". ").strip())
    return trimmed if trimmed.strip(". ") else f"attachment-{number}{EXTENSIONS.get(content_type, '.bin')}"


def _shorten(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:LONGEST].strip()
    return f"{stem[: LONGEST - len(extension) - 1].strip()}.{extension}"
