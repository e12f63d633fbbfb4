"""Greetings and closings: a name is said as people say it, and what a staff member typed is not said twice."""

import pytest

from helpdesk.templates.courtesies import begins_with_greeting, ends_with_closing, ends_with_name, spoken_name

NAMES = [
    ("Anna Petrova", "Anna Petrova"),
    ("Müller, Jörg (IT)", "Jörg Müller"),
    ("Müller, Dr. Jörg", "Dr. Jörg Müller"),
    ("JÖRG MÜLLER", "Jörg Müller"),
    ("MÜLLER, JÖRG", "Jörg Müller"),
    ("ANNE-MARIE O'NEIL", "Anne-Marie O'Neil"),
    ("J. R. SMITH", "J. R. Smith"),
    ("IBM", "IBM"),
    ("ACME GMBH", "ACME GMBH"),
    ("Smith, Jr", "Smith, Jr"),
    ("Dr. Anna Schmidt", "Dr. Anna Schmidt"),
    ("Frau Schmidt via Portal", "Frau Schmidt"),
    ("'Anna Schmidt' via Support", "Anna Schmidt"),
    ("Schmidt, Anna via Portal", "Anna Schmidt"),
    ("Anna Schmidt | Acme GmbH", "Anna Schmidt"),
    ("Anna Schmidt - Acme", "Anna Schmidt"),
    ("Anna Schmidt im Auftrag von Acme", "Anna Schmidt"),
    ("Lucía Gómez en nombre de Acme", "Lucía Gómez"),
    ('"Anna Schmidt"', "Anna Schmidt"),
    ("Jean-Luc Rivière [extern]", "Jean-Luc Rivière"),
    ("via Portal", "via Portal"),
    ("jm@x", ""),
    ("jm@x via Portal", ""),
    ("<anna>", ""),
    ("Support Team", ""),
    ("Équipe Acme", ""),
    ("Buchhaltung", ""),
    ("Service client", ""),
    ("Atención al Cliente", ""),
    ("Klantenservice", ""),
    ("Team Berlin via Portal", ""),
    ("Timothy Teammann", "Timothy Teammann"),
    ("4711", ""),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "spoken"), NAMES)
def test_a_name_is_said_as_people_say_it(written: str, spoken: str) -> None:
    assert spoken_name(written) == spoken


@pytest.mark.parametrize(
    ("text", "greets"),
    [
        ("Hello Anna,\n\nit works again.", True),
        ("\n\nSehr geehrte Frau Schmidt,\nes geht wieder.", True),
        ("Bonjour Madame,\nc'est réparé.", True),
        ("Estimada Ana:\nya funciona.", True),
        ("It works again.", False),
        ("Historic figures are kept.", False),  # begins with the letters of "hi"
        ("Dear colleagues have often told us that this page is slow.", False),
    ],
)
def test_a_greeting_that_was_typed_is_seen(text: str, greets: bool) -> None:
    assert begins_with_greeting(text) is greets


@pytest.mark.parametrize(
    ("text", "closes", "signed"),
    [
        ("Open flap B.\n\nKind regards\nOmar", True, True),
        ("Open flap B.\n\nMit freundlichen Grüßen\nOmar Haddad", True, True),
        ("Open flap B.\n\nBest regards,", True, False),
        ("Open flap B.\n\nOmar", False, True),
        ("Open flap B.", False, False),
        ("Omar will call you.", False, False),
    ],
)
def test_a_closing_that_was_typed_is_seen(text: str, closes: bool, signed: bool) -> None:
    assert (ends_with_closing(text), ends_with_name(text, "Omar Haddad")) == (closes, signed)
