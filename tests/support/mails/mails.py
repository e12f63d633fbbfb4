"""Small mails for tests: fields and a body, with CRLF line ends."""


def mail(body: str | bytes = "Hello\n", **fields: str) -> bytes:
    """A mail with a From, a Message-ID and the given fields; `content_type="…"` becomes Content-Type."""
    given = {"From": "Anna <anna@example.org>", "Message-ID": "<one@example.org>"}
    given |= {name.replace("_", "-").title(): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\n" for name, value in given.items() if value)
    octets = body if isinstance(body, bytes) else body.encode()
    return head.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n") + b"\r\n" + octets


def multipart(subtype: str, *parts: str, boundary: str = "frontier", **fields: str) -> bytes:
    """A multipart mail of parts that each begin with their own fields and a blank line."""
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    return mail(body, mime_version="1.0", content_type=f'multipart/{subtype}; boundary="{boundary}"', **fields)


def html_mail(body: str, **fields: str) -> bytes:
    return mail(body, mime_version="1.0", content_type="text/html; charset=utf-8", **fields)
