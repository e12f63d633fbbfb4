"""Mail that waits in a mailbox on another server, fetched by IMAP or POP3.

A ledger in the store has a line for every mail that was seen, so that none is stored twice or forgotten. `imap_session` and
`pop3_session` speak the protocols behind one interface (`session`); `look` reads a folder; `watcher` does so in a thread for
as long as the node runs.
"""
