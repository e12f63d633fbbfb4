"""Which ticket a mail or platform reply belongs to, and who is answered.

`gather` makes an `Incoming` and the question for the store, `known` holds the store's answer, `match` weighs the clues.
"""
