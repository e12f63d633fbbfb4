"""Which words of a quote are known where a conversation says much the same many times, and where its letters name commands."""

from helpdesk.threading.matching.compared_words import document_of, words_of, words_of_line
from helpdesk.threading.matching.known_words import QuotedWords
from helpdesk.threading.matching.said import Document, said_by_staff
from helpdesk.threading.reading.labels import Label, LabelledLines
from helpdesk.threading.reading.lines import Line

HISTORY = [f"Please look where number {number} stands on the first page and how long it stays there." for number in range(1, 15)]
FOOT = [
    "How to answer",
    "Your reply goes to the customer. Put #note on a line of its own, and it stays internal.",
    "Commands: #take #reopen #note",
]


def lines_of(text: str, label: Label) -> tuple[list[Line], list[Label]]:
    lines = [Line(line) for line in text.split("\n")]
    return lines, [label] * len(lines)


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
    for mail in (older, letter, older):
        quote.lay(document(mail))
    assert unknown(quote, lines) == ["#note", "Their contract ends in May."]


def test_a_command_between_the_lines_is_never_taken_for_the_word_that_the_letter_has_there() -> None:
    above, below = "The lamp at the back of the machine is red since Monday.", "It blinks twice and then goes out for an hour."
    lines = [above, "#note", below]
    quote, plain = quoted(lines, commands=(1,)), quoted(lines)
    for compared in (quote, plain):
        compared.lay(document([above, "Commands", "#note", "#take", below]))
    assert unknown(quote, lines) == ["#note"]
    assert plain.all_known


def test_no_picture_and_no_rule_of_the_letter_is_a_question() -> None:
    letter = "The lamp at the back of the machine is red.\n[image: lamp.png]\n--"
    lines, labels = lines_of(letter, Label.CONTEXT)
    answer, of_author = lines_of("Please press it for ten seconds.", Label.REPLY)
    said = said_by_staff(LabelledLines.of(lines + answer, labels + of_author), [Document(document_of(letter, 100))])
    assert said is not None
    assert said.text == "> The lamp at the back of the machine is red.\nPlease press it for ten seconds."


def test_no_line_that_only_staff_have_is_part_of_a_question() -> None:
    secret, public = "Their contract ends in May and they do not know it yet.", "the lamp at the back of the machine is red."
    lines, labels = lines_of(f"{secret[:-1]}\n{public}", Label.CONTEXT)
    answer, of_author = lines_of("Please press it for ten seconds.", Label.REPLY)
    documents = [Document(document_of(f"{secret}\n{public}", 100), public=False), Document(document_of(public, 100))]
    said = said_by_staff(LabelledLines.of(lines + answer, labels + of_author), documents)
    assert said is not None
    assert said.text == f"> {public}\nPlease press it for ten seconds."


def test_the_address_of_a_link_to_write_to_us_is_no_word() -> None:
    address = "help+naansuc6mcmt3s2aqbr7nqyahdgoddu7chkq4a@support.example.com"
    assert words_of(f"Write a note <{address}>") == words_of(f"Write a note <{address}") == ("write", "a", "note")
    assert "anna" in words_of("Write to anna+printer@acme.example.com")
