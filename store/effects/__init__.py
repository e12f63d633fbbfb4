"""The rows that a recorded decision leaves, one module for tables that belong together.

A module has functions that make rows from an outcome, and the statements that write them. `record.EFFECTS` lists both in the order in which
they are written. What a cause claims and how it is marked as dealt with stand beside the table of that cause, not here.
"""
