"""The operator's page: what the desk does now, where a mail is, and the few things that an operator may change.

It is a process of its own with a listener, a cookie and a kind of key of its own, and shares nothing with the side that customers reach. What it
shows are values (`views`), which are decided apart from their markup; what it changes, it changes as the command line does
(`gateway.operator_acts`).
"""
