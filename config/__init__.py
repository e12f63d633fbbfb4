"""The configuration: what may be changed without programming.

`load` reads a file, the environment and the secret, and reports every problem at once. `Settings` says where this node listens, stores and sends;
`Policy` says what the desk promises, and is equal on all nodes. A key is one field of a section in `settings`, `policy` or `triage`: its type, its
default and its description stand there and nowhere else. What can be computed from a policy alone stands here too: working time (`calendar`),
words in a text (`lexicon`), which addresses are the desk's own (`our_addresses`), the policy in plain sentences (`sentences`).

Not here: what happens with a mail or a ticket (`threading`), and anything that opens a socket or a database. This room imports no other room.
It reads files only while it loads; `private_files` is the one place that makes files and folders for all rooms.
"""
