"""How letters go out: claim, relay, outcome. Bytes were final when they were queued."""
