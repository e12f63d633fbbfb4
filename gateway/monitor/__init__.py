"""Watches a node: figures for a monitoring system, health, alarms, and letters on their way round. It has a process of its own, which opens
no door to mail and works on none, so it goes on when one of the others hangs.
"""
