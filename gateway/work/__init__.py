"""Takes whatever waits to its end: stored mails, replies from the platform, due timers, letters that were given up, times of the day.

One module says all about one kind of cause (`kind.CauseKind`): what is due, what to ask the store, what to decide, and what a fault of ours
means. `causes.CAUSES` lists the kinds in the order in which they are worked on. A new kind is a new module and one line of that tuple.
`worker` runs them and `settle` decides and records; neither knows a kind by name. `spine` has the steps that all of them share.

What belongs elsewhere: what follows from a cause (`threading.decisions`), and the rows that let it have its effects once (`store`).
"""
