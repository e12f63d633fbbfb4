"""Templates: a letter order becomes a letter, with its words in text and HTML, its header fields, and its final octets.

This room knows languages, Jinja2 and MIME. It knows no database rows, and the time is an argument. Which letter is sent to
whom is decided in `threading`; letters are sent by `gateway.delivery`.
"""
