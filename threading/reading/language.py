"""The language of a text, surely enough to choose the language of a letter. The only module that knows the language detector.

Of a few words the frequent ones of each language are asked first: three letters in a row say little there.

The detector works with groups of three letters. Compared with its accurate mode, the mode used here needs 58 MB instead of 450 MB, and it
is as good on texts of some sixty characters. It knows more languages than letters are written in: a detector that did not know Hungarian
would take a Hungarian text for Italian.
"""

import re
from collections.abc import Sequence
from functools import cache

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

from helpdesk.threading.reading.language_words import WORDS

LANGUAGES = tuple(
    "en de fr es pt it nl pl sv da no fi cs tr ru uk zh ja ko ca eu hu ro sk sl hr sr bg mk sq be el et lv lt is ga cy af vi id tl ms".split()
)
CHARACTERS_READ = 1_500
CHARACTERS_OF_PROSE = 120  # more of them take longer, and the answer is the same
FEWEST_WORDS = 4  # a name, a place or a greeting says too little
FEWEST_LETTERS = 6  # of a language that is written without spaces
WITHOUT_SPACES = ("zh", "ja", "ko")
MOST_FEW_WORDS = 10
FEWEST_POINTS = 1.0  # of frequent words
LEAD_IN_POINTS = 0.6
FEWEST_WORDS_AROUND = 3  # of a text in which one word decides
WORDS_FOR_A_POINT = 5  # names and things are in no table
SURE_POINTS = 4.0  # of a longer text, which the detector need not be asked about
SURE_TIMES = 4.0  # as many points as any other language has
LEAD = 0.7  # of the probabilities, between the best language and the second
NORWEGIAN = "nb"  # the detector's code for what mail calls "no"
LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, others in WORDS.items() if word in others) for words in WORDS.values() for word in words
}
WORD = re.compile(r"[^\W\d_]+")
NOT_PROSE = re.compile(r"://|@|\.(?:com|org|net)\b")


def language_of(text: str) -> str | None:
    """One of `LANGUAGES`, an ISO 639-1 code; None where the text is too short or says too little.

    The first call of a process loads the models, unless `load_models` has done so.
    """
    prose = text[:CHARACTERS_READ]
    if NOT_PROSE.search(prose):
        prose = " ".join(word for word in prose.split() if not NOT_PROSE.search(word))
    prose = prose[:CHARACTERS_OF_PROSE]
    words = WORD.findall(prose)
    known = _by_words(words) if len(words) > 1 else None
    if known is not None:
        return known
    if len(words) < FEWEST_WORDS and len("".join(words)) < FEWEST_LETTERS:
        return None
    language = _detector().detect_language_of(prose)
    if language is None:
        return None
    code = language.iso_code_639_1.name.lower().replace(NORWEGIAN, "no")
    return code if code in WITHOUT_SPACES or len(words) >= FEWEST_WORDS else None


def _by_words(words: Sequence[str]) -> str | None:
    """The language whose frequent words the text has, if no other comes near; None for any other text.

    A word of several languages counts for each of them, as a part of one. Of more words than a few, many must be frequent ones: then they tell
    more surely than the detector, which takes names for words, and in a tenth of its time.
    """
    points: dict[str, float] = {}
    found = 0
    for word in words:
        languages = LANGUAGES_OF.get(word.lower(), ())
        found += bool(languages)
        for language in languages:
            points[language] = points.get(language, 0.0) + 1 / len(languages)
    first, second = (*sorted(points.values(), reverse=True), 0.0, 0.0)[:2]
    if len(words) > MOST_FEW_WORDS and (first < SURE_POINTS or first < SURE_TIMES * second):
        return None
    if found < 2 and len(words) < FEWEST_WORDS_AROUND:
        return None
    if first < FEWEST_POINTS or first - second < LEAD_IN_POINTS or len(words) > first * WORDS_FOR_A_POINT:
        return None
    return max(points, key=points.__getitem__)


def load_models() -> None:
    """Load the language models, which takes a third of a second and some 58 MB, so that no mail waits for them."""
    _detector()


@cache
def _detector() -> LanguageDetector:
    codes = [getattr(IsoCode639_1, language.replace("no", NORWEGIAN).upper()) for language in LANGUAGES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().with_preloaded_language_models()
    return builder.with_minimum_relative_distance(LEAD).build()
