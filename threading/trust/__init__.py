"""Who wrote it, and how sure are we: addresses, tokens, Authentication-Results, assurance."""
