"""Letters as values: the order for one, its final form, its files, and the counts that limit automatic letters.

Texts and MIME are made in `templates`. Whether a letter may go out is decided in `lifecycle.gate`.
"""
