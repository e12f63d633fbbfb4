"""Decide what follows when a time has come: targets, reminders, closings, digests, weekly reports, outbreaks, gathered letters."""
