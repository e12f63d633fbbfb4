"""Mail fetched from a real Dovecot by IMAP: what is stored, what the ledger says, and what is left on the server."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dovecot as support
import pytest
from dovecot import Dovecot, dovecot
from mailbox_rig import MailboxRig, mail
from peers import missing, wait_for

from helpdesk.store.database import Database
from helpdesk.store.mailboxes import folder_states

A, B, C = mail("a"), mail("b"), mail("c")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if support.DOVECOT is None:
        missing("dovecot")
    running = dovecot()
    running.start()
    yield running
    running.close()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return f"u{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"


@pytest.fixture
def rig(tmp_path: Path, server: Dovecot, user: str, sqlite_url: str) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, f"imap://{user}@127.0.0.1:{server.imap}")
    database.close()


@pytest.mark.parametrize(
    ("after", "left", "moved"),
    [("move:Processed", 0, 3), ("flag", 3, 0), ("flag:$Helpdesk", 3, 0), ("delete", 0, 0), ("keep", 3, 0)],
)
def test_mail_is_stored_once_and_then_tidied_up(
    rig: MailboxRig, server: Dovecot, user: str, after: str, left: int, moved: int
) -> None:
    server.put(user, A, B, C)
    for _ in range(2):
        rig.watcher(after=after).look_once()
        assert rig.stored() == [A, B, C]
    assert rig.ledger() == [("1", "stored"), ("2", "stored"), ("3", "stored")]
    assert rig.unsettled() == 0
    assert len(server.contents(user)) == left
    assert server.contents(user, "Processed") == [A, B, C][:moved]
    assert server.count(user, "SEEN") == (left if after == "flag" else 0)
    assert server.count(user, "KEYWORD $Helpdesk") == (left if after == "flag:$Helpdesk" else 0)


def test_a_watcher_hears_of_new_mail_at_once(rig: MailboxRig, server: Dovecot, user: str) -> None:
    """It idles for much longer than this test may take."""
    woken: list[float] = []
    watcher = rig.watcher(lambda: woken.append(time.monotonic()), poll_every="9m", after="move:Processed")
    watcher.start()
    try:
        for content in (A, B):
            server.put(user, content)
            wait_for(lambda content=content: content in rig.stored(), "the mail has been fetched")  # type: ignore[misc]
        wait_for(lambda: server.contents(user, "Processed") == [A, B], "both have been moved")
    finally:
        watcher.stop()
        watcher.join(30)
    assert not watcher._thread.is_alive()
    assert len(woken) == 2


def test_only_what_comes_after_the_first_look_where_that_is_wanted(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A)
    rig.options["start_at"] = "new"
    rig.watcher().look_once()
    assert rig.stored() == []
    server.put(user, B)
    [compared] = rig.watcher().look_once(reconcile=True)
    assert rig.stored() == [B]
    assert (compared.on_server, compared.in_ledger, compared.missing) == (1, 1, ())


def test_several_folders_are_read(rig: MailboxRig, server: Dovecot, user: str, open_states: Callable[[], list[str]]) -> None:
    server.put(user, A)
    server.put(user, B, folder="Support")
    rig.watcher(folders=["INBOX", "Support"], after="keep").look_once()
    assert sorted(rig.stored()) == [A, B]
    assert open_states() == ["INBOX", "Support"]


@pytest.fixture
def open_states(rig: MailboxRig) -> Callable[[], list[str]]:
    def states() -> list[str]:
        with rig.database.reading() as connection:
            return [one.folder for one in folder_states(connection)]

    return states
