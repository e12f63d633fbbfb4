"""Who wrote a mail, and how sure that is: addresses, reply tokens, signatures, assurance, identity.

Here belongs every question about the author of a mail, and about tokens that letters of ours carry. `assurance` gives the answer, an
`identity.Identity`. Here does not belong what a mail asks for, or what a proved author may do (`lifecycle.permission`). Signatures are
verified and DNS is asked in `gateway.origin`; this room only judges the results.
"""
