"""What does the mail say? Bytes come in, a `ParsedMessage` goes out: every byte string gives one, in linear time."""
