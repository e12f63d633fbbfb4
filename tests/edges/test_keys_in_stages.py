"""A change of the keys that sign reply addresses, over several nodes: no node signs with a key that another does not verify with."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import configured

from helpdesk.config.load import load
from helpdesk.config.secret import with_first_key, with_new_key, without_key
from helpdesk.gateway.cli.token import token_group
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.signs_of_life import SignsOfLife, UnknownKey


@dataclass
class TwoNodes:
    """Two nodes of one desk, each with its sign of life, and the secret file that an operator gives to both."""

    folder: Path
    lives: list[SignsOfLife]
    nodes: list[Node]

    def token(self, *words: str) -> Result:
        return CliRunner().invoke(token_group, [*words, "--config", str(self.folder / "helpdesk.toml")])

    def reload(self, place: int) -> None:
        """Take the secret file on one node, as the housekeeper does. Raises UnknownKey."""
        configuration = load(self.folder / "helpdesk.toml", {})
        self.lives[place].check_signing_key(configuration.secret)
        self.nodes[place].take(configuration)
        self.lives[place].taken()

    def names(self) -> list[str]:
        return [line.split()[0] for line in (self.folder / "secret").read_text().splitlines()]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoNodes]:
    config = configured(tmp_path)
    nodes = [Node(load(config, {})) for _ in range(2)]
    nodes[0].prepare()
    lives = []
    for name, node in zip(("one", "two"), nodes, strict=True):
        monkeypatch.setattr("helpdesk.gateway.node.signs_of_life.socket.gethostname", lambda name=name: name)
        lives.append(SignsOfLife(node))
        lives[-1].beat()
    yield TwoNodes(tmp_path, lives, nodes)
    for node in nodes:
        node.close()


def test_a_key_is_added_everywhere_before_it_signs_and_signs_nowhere_before_it_goes(two: TwoNodes) -> None:
    refused = two.token("rotate")
    assert (refused.exit_code, "2 nodes are running" in refused.output, two.names()) == (1, True, ["a"])
    assert two.token("add").exit_code == 0
    assert two.names() == ["a", "b"]
    two.reload(0)

    early = two.token("use", "b")
    assert early.exit_code == 1 and "two:" in early.output and "does not verify with key b yet" in early.output
    assert two.names() == ["a", "b"]
    two.reload(1)
    assert two.token("use", "b").exit_code == 0
    assert two.names() == ["b", "a"]
    two.reload(0)

    assert "b signs" in two.token("remove", "b").output
    still = two.token("remove", "a")
    assert still.exit_code == 1 and "two:" in still.output and "still signs with key a" in still.output
    rows = [json.loads(line) for line in two.token("list", "--json").output.splitlines()]
    assert [(row["key"], row["does"], row["signs_on"].partition(":")[0]) for row in rows] == [
        ("b", "signs", "one"),
        ("a", "verifies", "two"),
    ]
    two.reload(1)
    assert two.token("remove", "a").exit_code == 0
    assert two.names() == ["b"]
    assert "has no key a" in two.token("use", "a").output


def test_a_node_refuses_to_sign_with_a_key_that_another_does_not_know(two: TwoNodes) -> None:
    secret = two.folder / "secret"
    secret.write_text("b " + "6e" * 32 + "\n" + secret.read_text())
    with pytest.raises(UnknownKey, match="key b would sign, and two:[0-9]+ does not verify with it"):
        two.reload(0)
    two.lives[1].end()  # a node that is stopped takes replies no more
    two.reload(0)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda text: with_new_key(text, "c 33\n"), "a 11\nb 22", "a 11\nb 22\nc 33\n"),
        (lambda text: with_new_key(text, "c 33\n"), "# old\n", "# old\nc 33\n"),
        (lambda text: with_new_key(text, "c 33\n"), "", "c 33\n"),
        (lambda text: with_first_key(text, "b"), "# note\na 11\nb 22", "b 22\n# note\na 11\n"),
        (lambda text: with_first_key(text, "a"), "a 11\nb 22\n", "a 11\nb 22\n"),
        (lambda text: without_key(text, "a"), "# a 11\na 11\nb 22\n", "# a 11\nb 22\n"),
    ],
)
def test_each_step_changes_one_line_of_the_file(change: Callable[[str], str], before: str, after: str) -> None:
    assert change(before) == after
