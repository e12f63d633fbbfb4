"""Who wrote a mail, and how sure that is: addresses, reply tokens, signatures, assurance, identity.

Nothing here knows what a mail asks for. What a proved author may do is decided in `lifecycle.permission`.
"""
