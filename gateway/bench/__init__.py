"""Measurements for `helpdesk bench`: a generated workload, and what the gateway needs for it beside the limits of the same
machine.

Nothing here is used by a running node.
"""
