"""Edges and wiring: doors for mail to come in, the relay for letters to go out, the spine between, the command line."""
