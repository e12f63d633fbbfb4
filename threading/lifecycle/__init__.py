"""How a ticket changes: the lifecycle table, the draft of a decision, and the rules that every decision follows.

The rules: who may read and change what (`permission`), which letters go out (`gate`), what may leave the house (`firewall`), who works on
what (`routing`, `team`), how a new request is sorted (`triage`). What follows from one particular event is a module of `decisions`.
"""
