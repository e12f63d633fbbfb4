"""Each deed of a conversation with the function that does it."""

from collections.abc import Callable
from random import Random

from support.conversations.deeds import answers, by_group, by_staff, fills_in, opens, replies, takes_in, writes_aside
from support.conversations.drafts import Sent
from support.conversations.further_deeds import advises, comes_again, consults, hands_on, writes_in_platform
from support.conversations.moves import Deed, Move
from support.conversations.stage import Stage

DEEDS: dict[Deed, Callable[[Stage, Move, Random], Sent | None]] = {
    Deed.OPENS: opens,
    Deed.OPENS_WITH_QUOTE: opens,
    Deed.FORWARDS: opens,
    Deed.BY_FORM: fills_in,
    Deed.BY_GROUP: by_group,
    Deed.BY_STAFF: by_staff,
    Deed.BY_STAFF_AS_FILE: by_staff,
    Deed.BEGINS_IN_PLATFORM: writes_in_platform,
    Deed.REPLIES: replies,
    Deed.REPLIES_TO_ALL: replies,
    Deed.ASIDE: writes_aside,
    Deed.WRITES_IN_PLATFORM: writes_in_platform,
    Deed.HANDS_ON: hands_on,
    Deed.COMES_AGAIN: comes_again,
    Deed.ANSWERS: answers,
    Deed.ASKS: answers,
    Deed.RESOLVES: answers,
    Deed.NOTES: answers,
    Deed.TAKES_IN: takes_in,
    Deed.CONSULTS: consults,
    Deed.ADVISES: advises,
}
