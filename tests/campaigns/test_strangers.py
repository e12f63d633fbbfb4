"""A node of its own among strangers: the few of them that the suite has time for."""

from contextlib import ExitStack

from support.campaigns.strangers_rig import (
    OWNER,
    RELAY,
    TRAVELLER,
    addresses,
    deliver,
    login,
    running_node,
    stand_about,
    unverified,
)


def test_a_node_serves_whom_it_knows_among_guessers_and_idle_strangers() -> None:
    """`make campaign` does it with thousands: strangers_guesses, strangers_idle."""
    with running_node(most=20) as node, ExitStack() as places:
        assert login(node.port, OWNER, unverified()) == 235
        assert [login(node.port, source, unverified(), "guess") for source in addresses(3)] == [535] * 3
        assert login(node.port, OWNER, unverified()) == 235
        assert login(node.port, TRAVELLER, unverified()) == 235
        failed = node.events("login.failed")
        assert len(failed) == 3 and all("account=…@desk.example" in line for line in failed)
        told = stand_about(node.port, 40, places)
        assert told == {b"220": 18, b"421": 22}
        deliver(node.port, RELAY)
