"""What follows: the one table, staff commands, routing, and the decision."""
