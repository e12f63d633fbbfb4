"""Builds the rows that `store.record` writes for a decision, in one module for each group of related tables.

Each module has functions that make rows from an outcome, and the statements that write them. `record.EFFECTS` lists both in the order of
writing. The claim of a cause and its end are not here, but in the module of the table that holds the claim.
"""
