"""The HTTP API: what a platform that does not share the database reads and writes of its customers' conversations.

What belongs here: routes, their forms, keys, cursors, problems. A reply becomes a row of `platform_reply`, and everything that is decided about
it is decided where such rows are taken. What does not belong here: tickets, internal notes, staff; this room reads the views of
`store.platform_views` alone, in a process whose database refuses all else (`store.customer_side`).
"""
