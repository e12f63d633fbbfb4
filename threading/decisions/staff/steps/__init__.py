"""Steps that staff commands take on a ticket. Each module holds one group of commands."""
