"""Notice → letter: words in text and HTML, headers that thread, final bytes. Knows no rows and no clock."""
