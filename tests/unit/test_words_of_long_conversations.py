"""Which words of a quote are known where a conversation says much the same many times, and where its letters name commands."""

from helpdesk.threading.matching.compared_words import document_of, words_of_line
from helpdesk.threading.matching.known_words import QuotedWords

HISTORY = [f"Please look where number {number} stands on the first page and how long it stays there." for number in range(1, 15)]
FOOT = [
    "How to answer",
    "Your reply goes to the customer. Put #note on a line of its own, and it stays internal.",
    "Commands: #take #reopen #note",
]


def quoted(lines: list[str], commands: tuple[int, ...] = ()) -> QuotedWords:
    return QuotedWords([words_of_line(line) for line in lines], (), commands)


def document(lines: list[str]) -> list[str]:
    return document_of("\n".join(lines), 1000)


def unknown(quote: QuotedWords, lines: list[str]) -> list[str]:
    return [line for row, line in enumerate(lines) if not quote.is_known(row)]


def test_a_sentence_that_recurs_with_other_numbers_is_known_each_time() -> None:
    quote = quoted(HISTORY)
    quote.lay(document(HISTORY))
    assert quote.all_known


def test_answers_among_sentences_that_recur_are_the_only_news() -> None:
    lines = [*HISTORY[:6], "It stood there for an hour.", *HISTORY[6:11], "Here for two.", *HISTORY[11:]]
    quote = quoted(lines)
    quote.lay(document(HISTORY))
    assert unknown(quote, lines) == ["It stood there for an hour.", "Here for two."]


def test_a_sentence_that_is_written_again_with_another_number_is_news() -> None:
    lines = [*HISTORY[:5], "Please look where number 99 stands on the first page and how long it stays there.", *HISTORY[5:]]
    quote = quoted(lines)
    quote.lay(document(HISTORY))
    assert lines[5] in unknown(quote, lines)


def test_a_command_below_the_letter_is_never_taken_for_the_word_in_it() -> None:
    """Other letters of the conversation end with the same words, which leaves one "#note" over."""
    older, letter = (
        ["The first letter has other words than the second.", *FOOT],
        ["The second letter says something of its own.", *FOOT],
    )
    lines = [*letter, "#note", "Their contract ends in May."]
    quote = quoted(lines, commands=(len(letter),))
    for one in (older, letter, older):
        quote.lay(document(one))
    assert unknown(quote, lines) == ["#note", "Their contract ends in May."]
