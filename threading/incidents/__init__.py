"""Which requests report the same fault, by the words that they share.

Nothing here decides what is done about it: see `decisions.time.outbreak` and `decisions.customer.incident`.
"""
