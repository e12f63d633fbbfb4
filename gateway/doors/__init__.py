"""How mail comes in. A door acknowledges what has been stored, and understands nothing of it."""
