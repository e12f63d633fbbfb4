"""From octets to a `ParsedMessage`: reading and sorting together.

`read` is the whole reading. `degraded` is the plain scanner for mail that the whole reading cannot survive. Every byte string gives a result.
"""
