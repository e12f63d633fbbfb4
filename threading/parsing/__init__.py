"""From octets to a `ParsedMessage`: `reading` and `sorting` put together.

`read` reads a mail in full. `degraded` is a plain scanner for mail beyond the limits, and for mail that ends the reader process. Every byte
string gives a result. Rules for single fields, texts or kinds do not belong here, but in those two rooms.
"""
