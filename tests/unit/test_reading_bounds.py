"""What lies beyond a bound of a scanner is kept, or hidden where it may be a secret; it is never lost and never costs more."""

from helpdesk.threading.reading import limits, secrets, tags
from helpdesk.threading.reading.encodings import GROWTH, STRANGE_LINES, undo_encoding
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.flowed import unflow
from helpdesk.threading.reading.forwards import find_forward
from helpdesk.threading.reading.reply_text import plain_lines
from helpdesk.threading.reading.tags import without_tags
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.report_text import LONGEST_LINE, recipients_in_text

UUENCODED = split_header(b"Content-Transfer-Encoding: x-uuencode\n\n")
FORWARD = "---------- Forwarded message ---------\nFrom: A <a@b.org>\nDate: 1 May 2024\nSubject: s\nTo: c@d.org\n\nText"


def test_behind_a_list_of_leaked_cards_nothing_is_shown() -> None:
    leaked = "4111 1111 1111 1111\n" * (secrets.MOST + 5) + "password: hunter2!"
    hidden = secrets.mask(leaked)
    assert "4111" not in hidden and "hunter2!" not in hidden
    assert hidden.count("\n") == secrets.MOST
    assert secrets.mask(hidden) == hidden


def test_behind_a_list_of_leaked_passwords_nothing_is_shown() -> None:
    hidden = secrets.mask("password: hunter2!\n" * (secrets.MOST + 5) + "the end")
    assert "hunter2!" not in hidden and "the end" not in hidden


def test_soft_line_breaks_beyond_the_bound_stay() -> None:
    text = "a \nb\n" * limits.FLOWED_LINES
    assert unflow(text).count("a b") == limits.FLOWED_LINES // 2
    assert unflow(text).count("a \nb") == limits.FLOWED_LINES // 2


def test_references_beyond_the_bound_stay() -> None:
    text = without_tags("&amp;" * (tags.MOST_REFERENCES + 2))
    assert text == "&" * tags.MOST_REFERENCES + "&amp;" * 2


def test_a_uuencoded_file_does_not_grow_without_end() -> None:
    content = b"_\n" * 100_000  # each line says that it has 63 octets
    assert len(undo_encoding(UUENCODED, content)) < len(content) * GROWTH + 100


def test_what_is_not_uuencoded_is_left_soon() -> None:
    line = b"#86)C\n"
    assert undo_encoding(UUENCODED, b"begin 644 a\n" + line + b"``\nend\nnot read") == b"abc"
    assert undo_encoding(UUENCODED, b"--b\n" * STRANGE_LINES + line) == b"abc"
    assert undo_encoding(UUENCODED, b"--b\n" * (STRANGE_LINES + 1) + line) == b""


def test_a_forward_below_more_than_is_searched_is_text() -> None:
    above = "x" * 100 + "\n"
    assert find_forward(plain_lines(above * 100 + FORWARD), "Fwd: s") is not None
    assert find_forward(plain_lines(above * (limits.REPLY_CHARACTERS // 100) + FORWARD), "Fwd: s") is None


def test_blank_lines_without_end_are_no_begin_of_a_header() -> None:
    field = b"Subject: Login\n\nHi\n"
    assert split_header(b"\n" * 1000 + field).first("subject") == b"Login"
    assert split_header(b"\n" * (limits.HEADER_OCTETS + 1) + field).first("subject") is None


def test_a_recipient_stands_near_the_begin_of_a_line() -> None:
    def found(before: int) -> list[str]:
        text = "x" * before + " <bob@example.net>: 550 user unknown"
        mail = MailEvidence((), "failure notice", "mailer-daemon@example.org", "", text, (), "")
        return [one.address for one in recipients_in_text(mail)]

    assert found(100) == ["bob@example.net"]
    assert found(LONGEST_LINE) == []
