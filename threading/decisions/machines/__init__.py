"""Decide what follows from mail that machines send, and from letters of the desk that did not arrive."""
