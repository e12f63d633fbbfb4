"""Three hundred sessions with servers that misbehave, and the pace of everything beside them. `make campaign` plays thousands."""

from datetime import timedelta
from pathlib import Path

import pytest
from edges.test_mailbox_oddities import Serve, serve
from edges.test_relay_domains import DomainDesk, RelayByDomain
from edges.test_sender import letter
from support.campaigns import server_faults
from support.servers.mailbox_rig import mail
from support.servers.scripted_imap import Refused

from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.doors.mailbox.session import MailboxAway

__all__ = ["serve"]

IN_CI = 100 // server_faults.SESSIONS  # a hundred sessions of each protocol
TURNS = 20
KEPT = 0.9  # of the pace without any fault


@pytest.mark.parametrize("protocol", ["imap", "pop3", "relay"])
def test_whatever_a_session_meets_every_mail_comes_once(protocol: str) -> None:
    assert getattr(server_faults, f"run_{protocol}")(2026, IN_CI)


def pace_of_letters(reply: RelayReply) -> int:
    """How many turns pass until a letter to another domain has gone out in each, with ten letters a turn to a domain in trouble."""
    desk, number, prompt = DomainDesk(RelayByDomain({"slow.test": reply})), 0, 0
    for turn in range(TURNS):
        desk.outbox.queue(*(letter(number + count, f"c{count}@slow.test") for count in range(1, 11)))
        number += 11
        desk.outbox.queue(letter(number, "anna@acme.test"))
        prompt += "anna@acme.test" in desk.go(5.0 if turn else 0.0)
    return prompt


@pytest.mark.parametrize("reply", [RelayReply(421, "down"), RelayReply(450, "later"), RelayReply(None, "broke off")], ids=str)
def test_other_domains_keep_their_pace(reply: RelayReply) -> None:
    assert pace_of_letters(RelayReply(250, "ok")) == TURNS
    assert pace_of_letters(reply) >= KEPT * TURNS


def pace_of_inbox(serve: Serve, trouble: str, folder: Path) -> int:
    """In how many turns a mail in INBOX is stored at the look after it came, beside a folder in trouble."""
    server, rig = serve({})
    rig.folder = folder
    shows = server._select

    def select(stream: object, command: str) -> bytes:
        if "Junk" in command and trouble == "refused":
            raise Refused
        return shows(stream, command)

    fetched = server._fetched
    server._select = server._examine = select  # type: ignore[method-assign]  # one folder that is not there
    if trouble == "withheld":
        server.mails[1] = mail("withheld")
        server._fetched = lambda uid, command: b"" if uid == 1 else fetched(uid, command)  # type: ignore[method-assign]  # and one mail
    watcher = rig.watcher(after="keep", folders=["INBOX", "Junk"] if trouble == "refused" else ["INBOX"])
    prompt = 0
    for turn in range(2, TURNS + 2):
        server.mails[turn] = mail(f"mail {turn}")
        try:
            watcher.look_once()
        except MailboxAway:
            assert trouble == "refused"
        prompt += rig.stored()[-1:] == [mail(f"mail {turn}")]
        rig.clock.by += timedelta(minutes=1)
    return prompt


@pytest.mark.parametrize("trouble", ["refused", "withheld"])
def test_other_folders_and_mails_keep_their_pace(serve: Serve, trouble: str, tmp_path: Path) -> None:
    assert pace_of_inbox(serve, trouble, tmp_path) >= KEPT * TURNS
