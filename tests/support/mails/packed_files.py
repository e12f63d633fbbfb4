"""The same words in files of every type that the house reads: for tests of what may leave it."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

Packed = tuple[str, str, bytes]  # name, content type, content


def mail(words: str, subject: str = "Old mail", files: tuple[Packed, ...] = (), *, html: bool = False) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ines@desk.example", "omar@desk.example", subject
    message["Message-ID"], message["Date"] = "<inner@desk.example>", "Mon, 23 Nov 2026 08:00:00 +0000"
    message.set_content(f"<p>{words}</p>" if html else words, subtype="html" if html else "plain", cte="base64")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(*members: tuple[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _folded(words: str) -> str:
    return "\r\n ".join(words[at : at + 20] for at in range(0, len(words), 20))


def _document(words: str) -> bytes:
    xml = f"<?xml version='1.0'?><w:document><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:document>"
    return zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", xml.encode()))


def _name(words: str) -> str:
    return words.replace(" ", "_").replace("_", "-")[:180]


KINDS: dict[str, Callable[[str], Packed]] = {
    "text": lambda words: ("a.txt", "text/plain", words.encode()),
    "text of another charset": lambda words: ("a.txt", "text/plain; charset=utf-16", words.encode("utf-16")),
    "text under a name without a type": lambda words: ("history", "application/octet-stream", words.encode()),
    "html": lambda words: ("a.html", "text/html", f"<html><body><b>{words.replace(' ', '</b> <b>')}</b></body></html>".encode()),
    "rtf": lambda words: ("a.rtf", "application/rtf", rf"{{\rtf1\ansi {words}\par}}".encode()),
    "calendar": lambda words: ("a.ics", "text/calendar", f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:{_folded(words)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()),
    "contact": lambda words: ("a.vcf", "text/vcard", f"BEGIN:VCARD\r\nNOTE:{_folded(words)}\r\nEND:VCARD\r\n".encode()),
    "table": lambda words: ("a.csv", "text/csv", ("id,words\n1," + ",".join(words.split())).encode()),
    "json": lambda words: ("a.json", "application/json", json.dumps({"note": words.replace(" ", "\n")}).encode()),
    "xml": lambda words: ("a.xml", "application/xml", f"<?xml version='1.0'?><a><b>{words}</b></a>".encode()),
    "document": lambda words: ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", _document(words)),
    "old document": lambda words: ("a.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + words.encode("utf-16-le")),
    "mail": lambda words: ("a.eml", "application/octet-stream", mail(words)),
    "mail in html": lambda words: ("a.eml", "application/octet-stream", mail(words, html=True)),
    "subject of a mail": lambda words: ("a.eml", "application/octet-stream", mail("nothing", words)),
    "file of a mail": lambda words: ("a.eml", "application/octet-stream", mail("see file", files=(("b.txt", "text/plain", words.encode()),))),
    "file of a mail in a mail": lambda words: ("a.eml", "application/octet-stream", mail("see mail", files=(("b.eml", "application/octet-stream", mail("see file", files=(("c.zip", "application/zip", zipped(("d.txt", words.encode()))),))),))),
    "mails of a folder": lambda words: ("a.mbox", "application/mbox", b"From x\n" + mail("first") + b"\n\nFrom x\n" + mail(words)),
    "zip": lambda words: ("a.zip", "application/zip", zipped(("b.txt", words.encode()))),
    "name in a zip": lambda words: ("a.zip", "application/zip", zipped((_name(words), b"x"))),
    "zip in a zip": lambda words: ("a.zip", "application/zip", zipped(("b.zip", zipped(("c.txt", words.encode()))))),
    "tar": lambda words: ("a.tar", "application/x-tar", tarred(("b.txt", words.encode()))),
    "name in a tar": lambda words: ("a.tar", "application/x-tar", tarred((_name(words), b"x"))),
    "packed tar": lambda words: ("a.tar.gz", "application/gzip", tarred(("b.txt", words.encode()), mode="w:gz")),
    "gzip": lambda words: ("a.log.gz", "application/gzip", gzip.compress(words.encode())),
    "name": lambda words: (f"{_name(words)}.pdf", "application/pdf", b"%PDF-1.4 \0\1\2"),
}  # fmt: skip
