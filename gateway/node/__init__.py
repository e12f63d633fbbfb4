"""A node: its parts, its processes, and the supervisor that starts them, restarts them and lets them finish.

A node is a door process, worker processes, a sender, a housekeeper and, where there are mailboxes, a process that watches them. Each one opens
its own connections; only wake-ups cross between them (`bells`). With `[node] workers = 0` all of it runs in one process.
"""
