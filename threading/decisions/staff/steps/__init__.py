"""The steps that staff commands take on a ticket, one group of commands a file."""
