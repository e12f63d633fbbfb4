"""From the octets of a mail to its document, header fields and attachments (the only room that imports mail-parser).

Nothing here knows what kind of mail it is reading, who may have written it, or which ticket it belongs to.
"""
