"""Which ticket it belongs to: clues are gathered, weighed, and kept as evidence."""
