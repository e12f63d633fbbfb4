"""The database: its schema, transactions and claims, the look-ups before a decision and the rows after it.

This is the only package that imports SQLAlchemy. It contains how things are stored. What follows from a mail is in `threading`, and the
text of letters is in `templates`.
"""
