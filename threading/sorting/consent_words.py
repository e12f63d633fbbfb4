"""The plain words that answer the question whether somebody may take part, in the languages of the letters.

They are the texts of the letter's three links, and how people shorten them.
"""

from collections.abc import Iterable
from enum import Enum

from helpdesk.threading.sorting.gratitude import words_without_courtesies


class Consent(Enum):
    """What a customer says about somebody who wrote into their request."""

    ONCE = "once"
    ALWAYS = "always"
    NEVER = "never"


LONGEST = 200  # characters of a reply that may be such an answer
PHRASES: dict[Consent, tuple[str, ...]] = {
    Consent.ONCE: (
        "yes", "yes once", "yes this once", "yes this one message", "yes only this one message", "only this one message", "just this once",
        "ja", "ja einmal", "ja diesmal", "ja diese eine nachricht", "ja nur diese eine nachricht", "nur diese eine nachricht", "nur diesmal",
        "oui", "oui une fois", "oui cette fois", "oui ce message seulement", "ce message seulement", "seulement cette fois",
        "sí", "si", "sí una vez", "sí solo este mensaje", "si solo este mensaje", "solo este mensaje", "solo esta vez",
        "sim", "sim uma vez", "sim só esta mensagem", "só esta mensagem", "só desta vez", "sim só desta vez",
        "sì", "sì una volta", "sì solo questo messaggio", "si solo questo messaggio", "solo questo messaggio", "solo questa volta",
        "ja eenmalig", "ja dit ene bericht", "ja alleen dit bericht", "alleen dit bericht", "alleen deze keer",
    ),
    Consent.ALWAYS: (
        "yes always", "always", "always yes", "ja immer", "immer", "oui toujours", "toujours", "sí siempre", "si siempre", "siempre",
        "sim sempre", "sempre", "sì sempre", "si sempre", "ja altijd", "altijd",
    ),
    Consent.NEVER: (
        "no", "never", "no never", "nein", "nein nie", "nein niemals", "nie", "niemals", "non", "non jamais", "jamais", "no nunca", "nunca",
        "não", "nao", "não nunca", "no mai", "mai", "nee", "nee nooit", "nooit",
    ),
}  # fmt: skip
CHOICES = {phrase: choice for choice, phrases in PHRASES.items() for phrase in phrases}
POLITE = frozenset("please thanks bitte danke merci gracias obrigado obrigada grazie bedankt alsjeblieft graag".split())


def choice_in(text: str, names: Iterable[str] = ()) -> Consent | None:
    """The choice that is all that a reply says, beside a greeting, thanks, a name; None if it says anything else."""
    if len(text) > LONGEST:
        return None
    known = {part.casefold() for name in names for part in name.split()} | POLITE
    return CHOICES.get(" ".join(word for word in words_without_courtesies(text).split() if word not in known))
