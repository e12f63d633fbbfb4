"""Find the ticket that a mail or platform reply belongs to, and the person who is answered.

`gather` makes an `Incoming` and the question for the store, `known` holds the store's answer, `match` weighs the clues.
"""
