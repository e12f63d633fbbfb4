"""The limits against which a letter counts, and whether it goes out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterLimits:
    """What the gate found about one letter.

    A letter that goes out counts against the caps of `counted_as` (an address in the spelling of `rate_key`, or a sort of warning) and
    against those of `counted_domain`; "" means that nothing is counted. `unproved` letters, which mail without proof brings about,
    count against caps of their own.
    `suppressed` says why the letter does not go out, "" where it does. The platform inbox has the letter all the same.
    `gathered` letters to staff do not go out either: one later letter lists all of them.
    """

    counted_as: str = ""
    counted_domain: str = ""
    unproved: bool = False
    suppressed: str = ""
    gathered: bool = False


UNLIMITED = LetterLimits()
