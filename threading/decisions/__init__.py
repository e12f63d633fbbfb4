"""What follows from something that happened: one module for each thing that can happen.

`decide` holds the order of questions for mail and platform replies. The rooms below it answer them: `customer` for what customers write,
`staff` for what staff write, `machines` for reports and automatic mail, `time` for everything that a clock brings about.
"""
