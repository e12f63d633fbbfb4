"""Decide what staff mail does: answers, notes and commands, answers to a digest, and mail that is held until its author confirms it."""
