"""Of a reply the words that its ticket knows are left out, and no others, whatever a mail client does to what it quotes."""

import random
from collections.abc import Callable
from textwrap import wrap

import pytest

from helpdesk.threading.matching.compared_words import words_of_line
from helpdesk.threading.matching.said import Said, said_by_staff, said_in_reply
from helpdesk.threading.matching.sent_words import SentWords, documents_of, packed
from helpdesk.threading.reading.reply_text import plain_lines, split_reply

WORDS = (
    "please check the lamp at the back of your press and tell us which number stands on its label then open cover two pull the grey lever "
    "wait until it clicks send a picture if nothing moves we call the workshop on monday about spare parts invoice order account"
).split()
HEADER = "From: Acme Support <help@support.example.com>\nSent: Monday, 23 November 2026 10:00\nTo: Anna\nSubject: Re: Press\n\n"
ATTRIBUTION = "On Mon, 23 Nov 2026 at 10:00, Acme Support <help@support.example.com> wrote:\n"

Quoting = Callable[[list[str]], list[str]]


def as_it_is(lines: list[str]) -> list[str]:
    return lines


def marked(lines: list[str]) -> list[str]:
    return [f"> {line}" for line in lines]


def wrapped(width: int) -> Quoting:
    return lambda lines: [piece for line in lines for piece in (wrap(line, width) or [""])]


def wrapped_and_marked(lines: list[str]) -> list[str]:
    return marked(wrapped(72)(lines))


def prettier(lines: list[str]) -> list[str]:
    """Typographic quotes, spaces that do not break, emphasis, other bullets."""
    return [line.replace('"', "”").replace("- ", "•\u00a0").replace(" the ", " *the* ").replace("'", "’") for line in lines]


def links_written_twice(lines: list[str]) -> list[str]:
    return [line.replace("https://acme.example/help", "https://acme.example/help <https://acme.example/help>") for line in lines]


def links_rewritten(lines: list[str]) -> list[str]:
    safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.example%2Fhelp&data=05"
    return [line.replace("https://acme.example/help", safe) for line in lines]


def with_banner(lines: list[str]) -> list[str]:
    return ["CAUTION: This email originated from outside of the organization. Do not click links.", "", *lines]


def without_end(lines: list[str]) -> list[str]:
    """Some clients and people leave a part out."""
    return lines[: len(lines) * 3 // 4]


MANGLINGS: dict[str, Quoting] = {
    "as it is": as_it_is,
    "marked": marked,
    "wrapped": wrapped(78),
    "wrapped and marked": wrapped_and_marked,
    "prettier": prettier,
    "links written twice": links_written_twice,
    "links rewritten": links_rewritten,
    "banner": with_banner,
    "without its end": without_end,
}


def letter_of(chance: random.Random) -> str:
    """A letter of the desk: sentences, a list with short items, a link."""
    sentences = [" ".join(chance.choices(WORDS, k=chance.randint(6, 25))).capitalize() + "." for _ in range(chance.randint(2, 5))]
    items = [f"{number}. {' '.join(chance.choices(WORDS, k=chance.randint(1, 6)))}" for number in range(1, chance.randint(3, 6))]
    link = 'It is explained "here": https://acme.example/help'
    lines = [
        "##- Please type your reply above this line -##",
        "",
        "Hello Anna,",
        "",
        *sentences,
        "",
        *items,
        "",
        link,
        "",
        "Omar",
    ]
    return "\n".join(lines)


def read(mail: str, *sent: SentWords) -> Said:
    return said_in_reply(split_reply(plain_lines(mail)).labelled, documents_of(sent))


def new_words(said: Said) -> str:
    """The text without the lines that are marked as quoted from the desk."""
    return "\n".join(line for line in said.text.splitlines() if not line.startswith("> "))


@pytest.mark.parametrize("mangling", MANGLINGS)
@pytest.mark.parametrize("seed", range(12))
def test_every_inserted_word_is_shown_and_no_word_of_the_letter_as_new(seed: int, mangling: str) -> None:
    chance = random.Random(f"{seed} {mangling}")
    letter = letter_of(chance)
    quoted = MANGLINGS[mangling](letter.splitlines())
    begin = HEADER if chance.random() < 0.5 or not quoted[0].startswith(">") else ATTRIBUTION
    news = {f"zq{seed}x{number}" for number in range(chance.randint(0, 4))}
    for word in sorted(news):
        full = [at for at, line in enumerate(quoted) if words_of_line(line) and at > 4]
        answer = chance.choice([word, f"Yes, {word} is right.", f"{word}, and please look at that soon"])
        quoted.insert(chance.choice(full) + 1, answer)
    said = read(f"My answer is vxq{seed}.\n\n{begin}" + "\n".join(quoted), SentWords(2, True, packed(letter, "")))
    for word in (*news, f"vxq{seed}"):
        assert word in new_words(said), said.text
    allowed = {*news, f"vxq{seed}", "my", "answer", "is", "yes", "right", "and", "please", "look", "at", "that", "soon"}
    assert {word for line in new_words(said).splitlines() for word in words_of_line(line)} <= allowed, said.text


def test_what_a_mail_answers_is_compared_first_and_then_the_newest() -> None:
    names = ("first", "second", "third", "fourth")
    sent = [SentWords(number, True, b"", name, "", message_id=f"{name}@desk.example") for number, name in enumerate(names)]
    documents = documents_of(sent, ("second@desk.example", "elsewhere@desk.example", "first@desk.example"))
    assert [document.words for document in documents] == [["second"], ["first"], ["fourth"], ["third"]]


LETTER = "Hello Anna,\n\nplease try this:\n\n1. Log out.\n2. Clear the cache.\n3. Log in again.\n\nDoes it work then?\n\nOmar\nAcme Support"
SENT = SentWords(2, True, packed(LETTER, "<body><div>Hello Anna, please try this</div></body>"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Clear the cache.", "Empty the cache.", "2. Empty the cache."),
        ("Log out.", "Log out. Done.", "> 1. Log out.\nDone."),
        (
            "cache.\n3. Log in again.",
            "cache. It is clear, so is the cache.\n3. Log in again. When?",
            "> 2. Clear the cache.\nIt is clear, so is the cache.\n\n> 3. Log in again.\nWhen?",
        ),
        ("work then?", "work then?\nYes", "> Does it work then?\nYes"),
        ("Log in again.", "Log in again.\nClear the cache", "> 3. Log in again.\nClear the cache"),
        ("Hello Anna,", "https://acme.example/my/screenshot\nHello Anna,", "https://acme.example/my/screenshot"),
        ("Omar\n", "It said: see 12:45 on 1/2.\nOmar\n", "> Does it work then?\nIt said: see 12:45 on 1/2."),
    ],
    ids=[
        "a word changed",
        "behind an item",
        "ends with a word of the letter",
        "one word",
        "an answer in words of the letter",
        "a link",
        "figures",
    ],
)
def test_what_the_author_changed_or_added_in_the_quote_is_seen(old: str, new: str, expected: str) -> None:
    assert read(f"See below.\n\n{HEADER}{LETTER.replace(old, new)}", SENT).text == f"See below.\n\n{expected}"


def test_one_s_own_earlier_words_are_an_answer_again() -> None:
    """The customer has written "Yes" and a sentence before; below the question they say the same anew."""
    earlier = SentWords(1, True, b"", "Yes\nIt does not start since Monday", "")
    said = read(f"Hi\n\n{HEADER}{LETTER.replace('then?', 'then?' + chr(10) + 'Yes')}", SENT, earlier)
    assert said.text == "Hi\n\n> Does it work then?\nYes"


def test_the_whole_conversation_below_is_known_with_its_headers_and_signatures() -> None:
    first = SentWords(1, True, b"", "It does not work.", "Anna Weber\nWeber Ltd")
    chain = f"{HEADER}{LETTER}\n\nFrom: Anna <anna@acme.example>\nSent: Monday, 23 November 2026 09:00\nTo: help\nSubject: Press\n\nIt does not work.\n\nAnna Weber\nWeber Ltd"
    assert read(f"It works now.\n\n{chain}", SENT, first).text == "It works now."


def test_a_reply_to_an_unknown_mail_is_kept_with_its_header() -> None:
    assert read(f"See.\n\n{HEADER}Lamp four broke.", SENT).text == f"See.\n\n{HEADER}Lamp four broke."


def by_staff(mail: str, *sent: SentWords) -> str | None:
    """The text with the answers within the quote; None where there is none."""
    said = said_by_staff(split_reply(plain_lines(mail)).labelled, tuple(documents_of(sent)))
    return said.text if said and said.news else None


def pasted_by_staff(mail: str, *sent: SentWords) -> tuple[str, ...]:
    said = said_by_staff(split_reply(plain_lines(mail)).labelled, tuple(documents_of(sent)))
    return said.pasted if said else ()


def test_staff_answer_between_the_lines_and_nothing_of_their_letter_leaves() -> None:
    customers = "Who may open the rear cover?\n\nWhere is the manual?"
    inside = f"New request from Anna\n\n{customers}\n\nAbout this request\n\nAssignee: omar@desk.example\nStatus: in review"
    sent = SentWords(2, False, packed(inside, "")), SentWords(1, True, b"", customers, "")
    assert by_staff(f"See below.\n\n{HEADER}{inside}", *sent) is None
    answered = inside.replace("cover?", "cover?\nYou may.").replace("in review", "in review\nIt is mine now.")
    assert (
        by_staff(f"See below.\n\n{HEADER}{answered}", *sent)
        == "See below.\n\n> Who may open the rear cover?\nYou may.\n\nIt is mine now."
    )


def test_a_colleague_s_mail_below_the_answer_of_staff_never_leaves() -> None:
    sent = SentWords(2, False, packed("New request from Anna: the lamp is red since Monday", ""))
    mail = f"We look at it.\n\n{HEADER}They pay late, keep them waiting.\n\nInes"
    assert by_staff(mail, sent) is None
    assert pasted_by_staff(mail, sent) == ("They pay late, keep them waiting.", "Ines")


def test_a_letter_of_the_desk_about_something_else_is_nothing_pasted() -> None:
    mail = f"Thank you.\n\n{HEADER}##- Please type your reply above this line -##\n\nWhat you have open: 1. The delivery, 2. The crate"
    assert pasted_by_staff(mail) == ()
    assert pasted_by_staff(mail.replace("##- Please type your reply above this line -##", "Hello,")) != ()


FORWARDS = (
    "----- Original message -----\nFrom: Lena Holm <lena@elsewhere.example>\nTo: Anna <anna@acme.example>\nSubject: The delivery\nDate: Monday, 23 November 2026 09:00",
    "-----Ursprüngliche Nachricht-----\nVon: Lena Holm <lena@elsewhere.example>\nGesendet: Montag, 23. November 2026 09:00\nAn: Anna <anna@acme.example>\nBetreff: Die Lieferung",
    "________________________________\nDe : Lena Holm <lena@elsewhere.example>\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Anna <anna@acme.example>\nObjet : La livraison",
    "Le lun. 23 nov. 2026 à 09:00, Lena Holm <lena@elsewhere.example> a écrit :",
    "---------- Forwarded message ----------\n\nFrom: Lena Holm <lena@elsewhere.example>\nDate: Monday, 23 November 2026 09:00\nSubject: The delivery",
)


@pytest.mark.parametrize("header", FORWARDS)
def test_staff_answer_below_a_letter_that_ends_with_a_forward(header: str) -> None:
    letter = f"New request from Anna\n\nAssignee: omar@desk.example\nStatus: in review\nCategory: delivery\n\nPlease look at this delivery.\n\n{header}\n\nThe second crate is open.\n\nYour reply goes to the customer."
    answer = "Please send us a picture of the crate, and tell us which of the seals is broken, and who was there when it came."
    sent = SentWords(2, False, packed(letter, ""))
    assert by_staff(f"{HEADER}{letter}\n\n{answer}", sent) == answer
    other = letter.replace("The second crate is open.", "They pay late, so keep them waiting.").replace("Lena Holm", "Ines Ray")
    assert by_staff(f"{HEADER}{letter.partition(header)[0]}{other.partition('delivery.')[2]}", sent) is None


def test_short_lines_beside_words_that_another_message_has_too_are_known() -> None:
    words = "After the restart the small display shows E401 for a moment and goes on as if nothing had happened, twice a day."
    items = ["- cable E7", "- sensor E8", "- lamp E9"]
    sent = SentWords(2, True, b"", "We have seen it.", words), SentWords(1, True, b"", "\n".join([words, *items]), "")
    body = "\n\n".join([words, "Only once.", items[0], items[1], "Not this one.", items[2]])
    assert said_in_reply(split_reply(plain_lines(f"{HEADER}{body}")).labelled, documents_of(sent)).news == (
        "Only once.",
        "Not this one.",
    )
