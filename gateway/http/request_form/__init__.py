"""The public form for support requests: anybody may use it, with an account or without one.

What belongs here: the page, its limits, and the mail that a sent form becomes. The mail is stored as a door stores it, and everything else is
decided where mail is decided: nobody is signed in here, and nothing here tells who has an account. What does not belong here: reading anything
but the desk's own configuration.
"""
