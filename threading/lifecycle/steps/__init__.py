"""What each staff command does: one step for each word, from a draft to the next one, with a sentence for the receipt.

A step decides about one ticket and touches no other; where two are concerned (`several`), it brings the other one's decision along.
"""
