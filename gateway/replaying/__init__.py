"""Decide recorded mails again by today's program and policy, in a scratch database, and tell what comes out differently.

The desk's own store is only read, and nothing is sent. Not here: `helpdesk replay N`, which processes a mail of the desk again
(`store.quarantine`), and `helpdesk simulate` (`work.rehearsal`).
"""
