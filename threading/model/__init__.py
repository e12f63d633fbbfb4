"""The nouns of the helpdesk: ticket, participant, message, internal note, event, timer, promise, held mail.

Each file holds one noun: a small frozen value that is complete when it exists, with the enums that belong to it. No module here decides
anything, and none imports from another room of `threading`.
"""
