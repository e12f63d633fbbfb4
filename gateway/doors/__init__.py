"""Doors: how mail comes in, by SMTP, LMTP, a pipe, an archive file, or (in `mailbox/`) IMAP and POP3.

A door reads octets, stores each mail as a `RawMessage` and acknowledges it only then. A door understands nothing of a mail
beyond its size, its line ends and its Received fields: what a mail means is decided in `gateway.work` and `threading`.
Letters that go out belong to `gateway.delivery`, look-ups about a mail's origin to `gateway.origin`.
"""
