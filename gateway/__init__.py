"""The edges of the house: everything that does I/O. Doors take mail in, delivery sends letters, `node` wires the parts of a
process.

`doors/` mail comes in · `origin/` checks where a mail comes from · `worker` and `process` take each cause to its recorded
effects · `delivery/` sends letters · `cli/` the commands · `bench/` measurements. What a mail or a reply means for a ticket
is decided in `threading`, not here.
"""
