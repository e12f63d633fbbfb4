"""Promised times: targets, their clocks, busy periods, and the wait for a customer's reply.

Everything is computed from a ticket, a policy and a moment. No letter is ordered here.
"""
