"""A session with a real Dovecot, cut at any octet: nothing is lost, nothing comes twice."""

from random import Random

import pytest
from support.campaigns.mailbox_cuts import MAILS, WAYS, Broken, cuts
from support.servers import dovecot
from support.servers.cutting_proxy import Plan
from support.servers.peers import missing

EACH = 9  # cuts of each way, spread over the whole session


def test_a_session_may_be_cut_at_any_octet() -> None:
    if dovecot.DOVECOT is None or not dovecot.POP3.exists():
        missing("dovecot with pop3d")
    random = Random(1)
    with cuts() as rig:
        for way in WAYS:
            down, up = rig.length(way)
            step = (down + up) / EACH
            for number in range(EACH):
                at = int(step * number + random.random() * step)
                rig.session(way, Plan(cut_down=at) if at < down else Plan(cut_up=at - down))
            assert rig.session(way, Plan(refuse=True)) == 0
            assert rig.session(way, Plan()) == len(MAILS)


def test_a_ledger_that_knows_too_little_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails stored without their lines: whoever cuts sessions must see it."""
    if dovecot.DOVECOT is None:
        missing("dovecot")
    from helpdesk.gateway.doors.mailbox.look import FolderLook

    monkeypatch.setattr(FolderLook, "_settle", lambda look: None)
    with cuts() as rig, pytest.raises(Broken, match="nothing is left to do"):
        rig.session("imap move", Plan())
