"""Webhooks: tell a platform that something is new in its feed. They are a bell; the feed is the truth.

What belongs here: what is posted, its signature, when it is tried again, and which addresses may be reached. How far a webhook has been told
stands in `store.webhooks`. It runs in the process that sends letters: that one reads no mail of strangers and holds no key of reply tokens.
"""
