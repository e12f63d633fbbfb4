"""How the operator sorts mail: which `[[rule]]` fits a mail and what follows, which sender is allowed or blocked, and what a spam filter said.

The rules of a policy are compiled once (`index`); the cost of a mail does not grow with their number. Nothing here decides about a mail:
a `Sorting` says what the operator wishes, and `decisions` says where a wish counts.

Not here: triage of requests (`lifecycle.triage`), what kind of mail it is (`sorting`), and who wrote it (`trust`).
"""
