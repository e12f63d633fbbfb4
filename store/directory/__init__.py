"""The directory: accounts, contacts, domains and staff as rows of the database, their changes, and the undoing of those.

What belongs here: listings, the comparison of what a source wants with what is there, writing the difference, and taking it back. Who a
mail's author is by these rows is asked in `store.people`; what becomes of requests whose people left is asked in `store.succession`.
"""
