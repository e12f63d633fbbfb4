"""The client of the benchmark hands over what it was given, and notices when it is not taken."""

from dataclasses import replace

import pytest
from support.servers.smtp_door import running_door

from helpdesk.gateway.bench.client import Unexpected, send
from helpdesk.gateway.bench.workload import Mail, Workload


def mails(count: int) -> list[Mail]:
    return [replace(request, recipient="help@desk.test") for request in Workload(7, 20).requests(count)]


def test_every_mail_arrives_once_as_it_is_also_with_dots_at_the_start_of_lines() -> None:
    given = mails(25)
    given[3] = replace(given[3], content=b"." + given[3].content + b".\r\n..\r\n.end\r\n")
    with running_door() as door:
        sent = send(door.port, given, connections=4)
        door.settled()
        taken = [(raw.envelope.reverse_path, raw.content) for raw in door.mails if raw.envelope]
    assert sorted(taken) == sorted((mail.reverse_path, mail.content) for mail in given)
    assert len(sent.waits) == 25
    assert 0 < sent.first_at <= sent.last_at


def test_a_mail_that_is_refused_breaks_the_run_off() -> None:
    with running_door() as door, pytest.raises(ExceptionGroup) as broken:
        send(door.port, [replace(mail, recipient="nobody@elsewhere.test") for mail in mails(1)], connections=1)
    assert broken.group_contains(Unexpected, match="where 250 was expected")
