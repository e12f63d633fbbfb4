"""Rows: schema, transactions, claims, and what is looked up and recorded. The only room that knows SQLAlchemy.

Here belongs how things are kept. Not here: what follows from a mail (threading), how a letter reads (templates).
"""
