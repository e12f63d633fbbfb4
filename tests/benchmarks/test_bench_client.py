"""The client of the benchmark hands over what it was given, and notices when it is not taken."""

from dataclasses import replace
from itertools import pairwise

import pytest
from support.servers.smtp_door import running_door

from helpdesk.gateway.bench.client import Unexpected, even_moments, random_moments, send, send_at, send_to
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
    assert set(sent.waited) == set(sent.acknowledged_at) == {mail.message_id for mail in given}
    assert 0 < sent.first_at <= sent.last_at


def test_in_the_open_loop_each_mail_comes_on_a_connection_of_its_own() -> None:
    given = mails(6)
    with running_door() as door:
        sent = send_at(door.port, given, even_moments(6, 200))
        door.settled()
        taken = [raw.content for raw in door.mails]
    assert sorted(taken) == sorted(mail.content for mail in given)
    assert len(sent.waited) == 6
    assert sent.last_at - sent.first_at >= 0


def test_the_moments_of_mails_are_even_or_random_with_the_same_mean() -> None:
    assert even_moments(4, 10) == [0, 0.1, 0.2, 0.3]
    moments = random_moments(2000, 50, seed=7)
    assert moments == sorted(moments) == random_moments(2000, 50, seed=7)
    assert moments[-1] == pytest.approx(2000 / 50, rel=0.1)
    pauses = [after - before for before, after in pairwise(moments)]
    assert sum(pause < 1 / 50 for pause in pauses) / len(pauses) == pytest.approx(0.632, abs=0.05)  # 1 - 1/e: exponential


def test_connections_are_shared_out_over_servers() -> None:
    given = mails(8)
    with running_door() as one, running_door() as other:
        send_to([one.port, other.port], given, connections=2)
        one.settled()
        other.settled()
        assert one.mails
        assert other.mails
        assert len(one.mails) + len(other.mails) == 8


def test_a_mail_that_is_refused_breaks_the_run_off() -> None:
    with running_door() as door, pytest.raises(ExceptionGroup) as broken:
        send(door.port, [replace(mail, recipient="nobody@elsewhere.test") for mail in mails(1)], connections=1)
    assert broken.group_contains(Unexpected, match="where 250 was expected")
