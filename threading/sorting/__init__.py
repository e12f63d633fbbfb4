"""What kind of mail a mail is: written by a person, automatic, out of office, delivery report, complaint, list, challenge.

Here belongs everything that finds a kind from header fields and words, and what such a mail says: the recipients of a delivery report, the
dates of an absence, whether a reply only says thanks. The modules `*_words` hold tables of words by language. Here does not belong anything
that knows tickets, staff, customers or the sender's identity.
"""
