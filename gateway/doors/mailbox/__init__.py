"""Mail that waits in a mailbox on somebody else's server: fetched by IMAP or POP3, with a ledger of every mail seen."""
