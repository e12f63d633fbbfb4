"""Decide what follows from an event: a mail, a platform reply, a due time, or the outcome of a letter.

`decide` holds the first questions about mail and platform replies. The packages below answer them: `customer` for what customers
write, `staff` for what staff write, `machines` for reports and automatic mail, `time` for everything that becomes due.
"""
