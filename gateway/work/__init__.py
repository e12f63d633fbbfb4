"""The worker: it processes stored mails, replies from the platform, due timers, failed letters, and what the time of day makes due.

One module describes one kind of cause (`kind.CauseKind`): which causes are due, what to look up, how to decide, and what to do after a fault
of the program. `causes.CAUSES` lists the kinds in the order of work; a new kind is a new module and one line in that tuple. `worker` runs
the kinds and `settle` decides and records; neither refers to a kind by name. `spine` has the steps that all kinds share.

The rules of a decision are in `threading.decisions`. The rows that ensure that a cause has its effects once are in `store`.
"""
