"""What kind of mail a mail is: written by a person, automatic, out of office, delivery report, complaint, list, thanks.

A kind is found from header fields and words alone. Nothing here knows tickets, staff or customers.
"""
