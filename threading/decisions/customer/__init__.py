"""Decide what follows from what customers write: a new request, a reply, a consent, a rating."""
