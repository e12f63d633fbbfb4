"""People in texts and octets: found in every encoding of mail, and never within another address."""

import base64
import quopri
from email.message import EmailMessage

import pytest

from helpdesk.store.mentions import Person, mask, mask_tree, mentions
from helpdesk.store.persons import COVERS
from helpdesk.store.schema import metadata

ANNA = Person(("anna@acme.example",), ("erased-1@erased.invalid",), ("Anna Berg", "Anna"))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to anna@acme.example.", "Write to erased-1@erased.invalid."),
        ("<mailto:Anna@ACME.example>", "<mailto:erased-1@erased.invalid>"),
        ("bounce+anna=acme.example@lists.example", "bounce+anna=acme.example@lists.example"),  # the rest of a local part
        ("anna=acme.example", "erased-1=erased.invalid"),
        ("anna%40acme.example", "erased-1%40erased.invalid"),
        ("joanna@acme.example, anna@acme.example.org, anna@acme.example-shop.de", None),
        ("x.anna@acme.example", None),
        ("anna@acme.example, anna@acme.example", "erased-1@erased.invalid, erased-1@erased.invalid"),
        ("Dear Anna Berg,", "Dear [erased],"),
        ("ANNA BERG said", "[erased] said"),
        ("Anna said; Susanna Bergmann and Anna Bergmann too", None),
        ("Grüße İ anna@acme.example ß", "Grüße İ erased-1@erased.invalid ß"),
        ("", None),
    ],
)
def test_a_mention_is_masked_where_it_stands_by_itself(text: str, masked: str | None) -> None:
    assert mask(text, [ANNA]) == (text if masked is None else masked)


def test_every_text_of_a_tree_is_masked() -> None:
    tree = {"anna@acme.example": [1, None, {"to": "anna@acme.example"}], "plain": True}
    masked = {"erased-1@erased.invalid": [1, None, {"to": "erased-1@erased.invalid"}], "plain": True}
    assert mask_tree(tree, [ANNA]) == masked


def written(encoding: str, text: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Plain"
    message.set_content(text, cte=encoding)
    return message.as_bytes()


@pytest.mark.parametrize("name", ["anna@acme.example", "Anna Berg"])
def test_a_mention_is_found_in_every_encoding(name: str) -> None:
    text = f"Häuser, and {name} wrote.\n" * 3
    for encoding in ("8bit", "quoted-printable", "base64"):
        assert mentions(written(encoding, text), [ANNA]), encoding
        assert not mentions(written(encoding, text.replace("nn", "mm")), [ANNA]), encoding
    inner = base64.encodebytes(written("base64", text))
    assert mentions(b"Content-Transfer-Encoding: base64\n\n" + inner, [ANNA])
    header = EmailMessage()
    header["From"] = f"{name.replace('@', ' at ')} Österreich <x@y.example>"
    assert mentions(header.as_bytes(), [ANNA]) == ("@" not in name)
    assert mentions(quopri.encodestring(text.encode("utf-8")).replace(b"a", b"=61"), [ANNA])


@pytest.mark.parametrize(
    "content", [b"", b"=", b"=?", b"=?utf-8?b?A?=", b"=?x?b", b"A" * 9, b"AAAAAAAA\nA", b"=3", bytes(range(256)) * 40]
)
def test_any_octets_can_be_looked_at(content: bytes) -> None:
    assert not mentions(content, [ANNA])


def test_looking_takes_time_in_proportion_to_the_octets() -> None:
    from time import process_time

    def cost(size: int) -> float:
        begin = process_time()
        for piece in (b"anna@acme.example.org ", b"=?b?", b"QUJDREVGR0g=\n"):
            mentions(piece * size, [ANNA])
        return process_time() - begin

    cost(100)
    assert cost(16_000) < 16 * max(cost(4_000), 0.005)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_column_says_whether_it_may_name_somebody(table: str) -> None:
    """A new column has to be declared in `store.persons`: as one that an erasure looks into, or with the reason why it need not."""
    declared = list(COVERS[table].columns())
    assert sorted(declared) == sorted(metadata.tables[table].columns.keys())
    assert len(set(declared)) == len(declared)
    assert set(COVERS[table].owners) | set(COVERS[table].emptied) <= set(declared)
    assert all(COVERS[table].free)  # each with a reason


def test_no_table_is_declared_that_is_not_there() -> None:
    assert COVERS.keys() == metadata.tables.keys()


@pytest.mark.parametrize("table", sorted(name for name, cover in COVERS.items() if cover.is_exported))
def test_every_text_of_an_own_row_is_given_to_its_person_or_withheld_with_a_reason(table: str) -> None:
    """A new column has to be declared in `store.persons`: what an export does with it is a decision."""
    cover = COVERS[table]
    decided = [*cover.given.split(), *(name for names in cover.withheld.values() for name in names.split())]
    assert sorted(decided) == sorted([*cover.words.split(), *cover.trees.split()])


def test_every_table_with_rows_of_a_person_is_exported() -> None:
    of_requests = {table.name for table in metadata.sorted_tables if "ticket_id" in table.c} - {"timer", "measurement", "related"}
    of_people = {name for name, cover in COVERS.items() if cover.owners} | of_requests | {"ticket", "staff"}
    assert {name for name, cover in COVERS.items() if cover.is_exported} >= of_people
