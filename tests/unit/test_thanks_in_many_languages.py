"""How often a reply to a resolution is misread: never closed by mistake, seldom opened again by mistake."""

from thanks_examples import CONFIRMED, STILL_OPEN

from helpdesk.threading.sorting.gratitude import is_only_thanks, says_trouble

MOST_FALSE_REOPENINGS = 0.02


def test_nothing_that_says_more_confirms() -> None:
    assert [text for texts in STILL_OPEN.values() for text in texts if is_only_thanks(written(text))] == []


def test_thanks_seldom_open_again() -> None:
    texts = [text for own in CONFIRMED.values() for text in own]
    opened = [text for text in texts if not is_only_thanks(written(text))]
    assert len(opened) <= MOST_FALSE_REOPENINGS * len(texts), opened


def test_what_confirms_says_no_trouble() -> None:
    texts = [text for own in CONFIRMED.values() for text in own]
    trouble = [text for text in texts if says_trouble(written(text))]
    assert len(trouble) <= MOST_FALSE_REOPENINGS * len(texts), trouble


def written(text: str) -> str:
    return text.replace(" / ", "\n")
