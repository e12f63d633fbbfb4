"""What follows from what staff write: answers, notes, commands, held mail and its release, answers to a digest."""
