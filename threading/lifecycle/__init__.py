"""How a ticket changes: the lifecycle table, the draft of a decision, and the rules that every decision follows.

The rules say who may read and change a ticket (`permission`), which automatic letters may leave (`gate`), which texts customers
may read (`firewall`), who works on a ticket (`routing`, `team`), and how a new request is classified (`triage`). Each kind of
event has a module in `decisions`.
"""
