"""Bytes → ParsedMessage: limits, headers, charsets, MIME tree, HTML, reply text, forwards, attachments.

Here belongs what a mail *says*. Not here: who may be believed (trust), which ticket it is about (matching).
"""
