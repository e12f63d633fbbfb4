"""Recognise requests that report the same fault, by the words that they share.

`decisions.time.outbreak` and `decisions.customer.incident` decide what is done about them.
"""
