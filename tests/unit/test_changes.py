"""What a reload says about two configurations: what a running node takes, and what waits for a restart."""

from collections.abc import Callable

import pytest
from support.desk.story import configured

from helpdesk.config.changes import Changes, changes_of, identity_changes, secret_changes, settings_taken
from helpdesk.config.load import Configuration, load
from helpdesk.config.secret import Secret

PLAIN: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Configuration]:
    """The configuration of a story with one text in the place of another."""
    file = configured(tmp_path_factory.mktemp("desk"))
    text = file.read_text()

    def load_with(old: str, new: str) -> Configuration:
        assert old in text
        file.write_text(text.replace(old, new, 1))
        return load(file, {})

    return load_with


@pytest.mark.parametrize(
    ("old", "new", "taken", "restart"),
    [
        ("[desk]", "[desk]", PLAIN, PLAIN),
        ('name = "Accoraze Support"', 'name = "Help"', ("[desk] name",), PLAIN),
        ('role = "senior"', 'role = "manager"\nlanguage = "de"', ("[[staff]] ines@desk.example role, language",), PLAIN),
        (
            "[[staff]]",
            '[[staff]]\nname = "Zoe"\naddress = "zoe@desk.example"\n[[staff]]',
            ("[[staff]] zoe@desk.example is new",),
            PLAIN,
        ),
        ('plan = "starter"', 'plan = "business"', ("[[account]] globex plan",), PLAIN),
        ("[relay]", '[closing]\nsettle_after = "9d"\n[relay]', ("[closing] settle_after",), PLAIN),
        ("[relay]", "[relay]\nconnections = 9", PLAIN, ("[relay] connections",)),
        ("[smtp]", '[lmtp]\nlisten = "127.0.0.1:2424"\n[smtp]', PLAIN, ("[lmtp] is new",)),
        ('blobs = "blobs"', 'blobs = "others"', PLAIN, ("[database] blobs",)),
        ("[desk]", 'log_format = "json"\n[desk]', PLAIN, ("log_format",)),
        ("[desk]", "[node]\nworkers = 7\n[desk]", PLAIN, ("[node] workers",)),
    ],
)
def test_each_difference_is_one_line(
    loaded: Callable[[str, str], Configuration], old: str, new: str, taken: tuple[str, ...], restart: tuple[str, ...]
) -> None:
    before, after = loaded("[desk]", "[desk]"), loaded(old, new)
    assert changes_of((before.settings, before.policy), (after.settings, after.policy)) == Changes(taken, restart)
    kept = settings_taken(before.settings, after.settings)
    running = changes_of((kept, after.policy), (after.settings, after.policy))
    assert running == Changes((), restart)  # what was taken is no difference any more, and what waits is told again
    assert identity_changes(before.settings, after.settings) == ()


def test_many_differences_of_one_list_are_counted(loaded: Callable[[str, str], Configuration]) -> None:
    many = "".join(f'[[account]]\nid = "a{number}"\nplan = "free"\n' for number in range(30))
    before, after = loaded("[desk]", "[desk]"), loaded("[[account]]", f"{many}[[account]]")
    found = changes_of((before.settings, before.policy), (after.settings, after.policy))
    assert found.taken == ("[[account]]: 30 are new, 0 are gone, 0 differ",)


def test_the_desk_s_addresses_change_by_a_restart_alone(loaded: Callable[[str, str], Configuration]) -> None:
    before = loaded("[desk]", "[desk]").settings
    after = loaded("[desk]", '[desk]\nreply_address = "{token}@reply.example.com"').settings
    assert identity_changes(before, after) == ("[desk] reply_address",)


def test_keys_are_told_by_their_names_alone() -> None:
    old = Secret((("a", b"1" * 32), ("z", b"2" * 32)))
    new = Secret((("b", b"3" * 32), ("a", b"4" * 32)))
    assert list(secret_changes(old, new)) == [
        "secret: key b is new",
        "secret: key z is gone",
        "secret: key a is another one",
        "secret: key b signs from now on",
    ]
    assert list(secret_changes(old, old)) == []
