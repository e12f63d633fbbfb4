"""Promised times: targets, their clocks, busy periods, and the wait for a customer's reply.

Every function computes from a ticket, a policy and a moment. This package orders no letters.
"""
