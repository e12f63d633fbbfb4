"""File names of attachments, safe to show and to save: no path, no invisible letters, never empty, no two alike in one mail."""

import unicodedata

LONGEST = 200  # characters
LONGEST_EXTENSION = 10
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


def name_of_mail(subject: str) -> str:
    """The file name of a mail that has none: its subject, with the extension of mails; "" for a mail without a subject."""
    words = "".join(" " if letter in SEPARATORS else letter for letter in subject).strip(". \t")
    return f"{words}.eml" if words else ""


class DistinctNames:
    """Gives each file of a mail a name of its own: "page.png", "page (2).png", "page (3).png".

    Names that differ in case alone are the same on many disks.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}  # number that was given to a name

    def take(self, name: str) -> str:
        """The name, or the name with a number where another file has it."""
        stem, dot, extension = name.rpartition(".")
        if not stem or len(extension) > LONGEST_EXTENSION:
            stem, dot, extension = name, "", ""
        chosen, number = name, self._last.get(same_name(name), 1)
        while same_name(chosen) in self._taken:
            number += 1
            mark = f" ({number})"
            chosen = f"{stem[: LONGEST - len(mark) - len(dot) - len(extension)].rstrip()}{mark}{dot}{extension}"
        self._last[same_name(name)] = number
        self._taken.add(same_name(chosen))
        return chosen


def same_name(name: str) -> str:
    """The form in which two names are compared."""
    return name.casefold()


def _shorten(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > LONGEST_EXTENSION:
        return name[:LONGEST].strip()
    return f"{stem[: LONGEST - len(extension) - 1].strip()}.{extension}"
