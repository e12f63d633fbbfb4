"""The inbox page: a customer's conversations in the browser, rendered on the server.

What belongs here: pages and forms for one signed-in customer, over the views of the platform's tables. A form becomes a row of
`platform_reply`, as an SQL row or a request of the API does, and everything that is decided about it is decided where such rows are taken.
What does not belong here: tickets, internal notes, staff. A page that is asked for writes nothing; the exchange of a sign-in code is the one
exception.
"""
