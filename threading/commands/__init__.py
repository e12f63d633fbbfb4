"""The words of staff commands and their grammar, in all languages.

This package reads commands; `decisions.staff.steps` carries them out.
"""
