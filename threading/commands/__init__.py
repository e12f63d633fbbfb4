"""The words of staff commands and their grammar, in all languages.

Nothing here carries a command out: that is `decisions.staff.steps`.
"""
