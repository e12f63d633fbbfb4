"""A desk's figures over a span of time: volumes, answer times, promises kept, backlog.

Everything is computed from rows that the store hands over as values.
"""
