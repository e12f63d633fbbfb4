"""Every letter as a person reads it, next to this file as `<audience>_<notice>.txt`.

`RENEW_LETTERS=1 pytest tests/letters` writes them anew; the difference is reviewed as text.
"""

import os
from pathlib import Path

import pytest
from support.desk.letter_orders import CONTENTS, EVERY, LETTERHEAD, NOW, order
from support.mails.composed_mail import header_block, read, text_of

from helpdesk.templates.compose import compose
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.model.notice import Notice

FOLDER = Path(__file__).parent
FIXED = order("customer", Notice.CONFIRMATION, fixed_text=True)
CASES = {f"{audience}_{notice}": order(audience, notice) for audience, notice in EVERY} | {"customer_confirmation_fixed": FIXED}


@pytest.mark.parametrize("name", CASES)
def test_the_letter_reads_as_agreed(name: str) -> None:
    shown = shown_letter(CASES[name])
    golden = FOLDER / f"{name}.txt"
    if os.environ.get("RENEW_LETTERS"):
        golden.write_text(shown, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == shown


def test_no_golden_letter_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CASES)


def shown_letter(one: LetterOrder) -> str:
    letter = compose(one, LETTERHEAD, CONTENTS, NOW)
    return header_block(letter.content) + "\n" + text_of(read(letter.content))
