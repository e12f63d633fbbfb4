"""From the octets of a mail to its header fields, its text and its attachments. The only room that imports mail-parser.

Here belongs what any mail says, whatever it is about: the header, the MIME tree, charsets, HTML, the author's own words apart from quotes and
signature, forwards, language, secrets. Everything takes hostile input: time and memory are linear in it, and nothing raises. Here does not
belong what kind of mail it is (`sorting`), who wrote it (`trust`), or which ticket it belongs to (`matching`).
"""
