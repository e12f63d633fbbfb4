"""Letters over SMTP: what the smarthost gets to see, and what its answers mean."""

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.servers.relay_stories import over_the_wire
from support.servers.scripted_relay import CLOSE, CUT_READING, CUT_SILENTLY, HANG, STOP_READING, ScriptedRelay

from helpdesk.gateway.delivery import smtp_relay
from helpdesk.gateway.delivery.breaker import FAILURES, PAUSES
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.delivery.smtp_connection import on_the_wire, utf8_xtext, with_crlf, xtext

HEAD = b"From: help@desk.test\r\nTo: anna@acme.test\r\nSubject: Received\r\nMessage-ID: <1@desk.test>\r\n\r\n"
LETTER = HEAD + b"Hello\r\n"
OURS = "bounce+x@desk.test"
ANNA = "anna@acme.test"


def sent(
    server: ScriptedRelay, content: bytes = LETTER, recipient: str = ANNA, reverse_path: str = OURS, **how: float
) -> RelayReply:
    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send(reverse_path, recipient, content)

    return over_the_wire(server, story, timeout=how.get("timeout", 20), final_dot=how.get("final_dot", 20))


def test_a_letter_arrives_with_its_envelope_and_the_fixed_name() -> None:
    server = ScriptedRelay()
    assert sent(server) == RelayReply(250, "2.0.0 queued")
    assert server.lines[0] == "EHLO mail.desk.test"
    assert server.letters[0].mail == f"MAIL FROM:<{OURS}> SIZE={len(LETTER)}"
    assert server.letters[0].rcpt == f"RCPT TO:<{ANNA}>"
    assert server.letters[0].content == LETTER


def test_the_null_reverse_path_stays_null() -> None:
    server = ScriptedRelay(extensions=())
    assert sent(server, reverse_path="").code == 250
    assert server.letters[0].mail == "MAIL FROM:<>"


@pytest.mark.parametrize(
    "body",
    [
        b".\r\n..\r\n.hidden\r\n...\r\n",
        b"before\r\n.\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<victim@x.test>\r\nDATA\r\nsmuggled\r\n.\r\n",
        "Grüße aus Köln, 你好\r\n".encode(),
        b"\x00\xff\x80 binary\r\n",
        b"x" * 300_000 + b"\r\n." + b"y" * 70_000 + b"\r\n",
        b"",
    ],
    ids=["dots", "smuggling", "eight-bit", "any-octet", "many-blocks", "empty"],
)
def test_bytes_arrive_as_they_were_queued(body: bytes) -> None:
    server = ScriptedRelay()
    assert sent(server, HEAD + body).code == 250
    assert [letter.content for letter in server.letters] == [HEAD + body]


@pytest.mark.parametrize("ending", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("dots", [b".", b"..", b". "])
@pytest.mark.parametrize("closing", [b"\n", b"\r", b"\r\n"])
def test_no_variant_of_an_end_of_data_makes_two_letters(ending: bytes, dots: bytes, closing: bytes) -> None:
    server = ScriptedRelay()
    body = b"one" + ending + dots + closing + b"MAIL FROM:<evil@x.test>\r\n"
    assert sent(server, HEAD + body).code == 250
    assert server.count("MAIL") == server.connections == len(server.letters) == 1
    assert server.letters[0].content == HEAD + b"one\r\n" + dots + b"\r\nMAIL FROM:<evil@x.test>\r\n"


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"\x00", b"\xff"])).map(b"".join))
@example(b"\r\n.\r\n.\n.\r")
def test_the_wire_has_one_final_dot_and_no_bare_line_end(content: bytes) -> None:
    wire = on_the_wire(with_crlf(content))
    assert wire.find(b"\r\n.\r\n", 0) in (-1, len(wire) - 5) and wire.endswith(b".\r\n") and not wire.startswith(b".\r\n")
    rest = wire.replace(b"\r\n", b"")
    assert b"\r" not in rest and b"\n" not in rest
    lines = wire.removesuffix(b".\r\n").split(b"\r\n")
    assert b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines) == with_crlf(content)


def test_a_bare_line_feed_never_leaves() -> None:
    server = ScriptedRelay()
    assert sent(server, LETTER.replace(b"\r\n", b"\n") + b"no end").code == 250
    assert server.letters[0].content == LETTER + b"no end\r\n"


def test_eight_bit_bodies_are_declared_where_that_is_offered() -> None:
    offering, silent = ScriptedRelay(), ScriptedRelay(extensions=())
    assert sent(offering, HEAD + "Grüße\r\n".encode()).code == sent(silent, HEAD + "Grüße\r\n".encode()).code == 250
    assert offering.letters[0].mail.endswith(" BODY=8BITMIME")
    assert silent.letters[0].mail == f"MAIL FROM:<{OURS}>"


@pytest.mark.parametrize(
    ("recipient", "content"),
    [("jörg@müller.test", LETTER), ("用户@例子.test", LETTER), (ANNA, "Subject: Grüße\r\n\r\nx\r\n".encode())],
)
def test_letters_outside_ascii_need_smtputf8(recipient: str, content: bytes) -> None:
    offering, silent = ScriptedRelay(), ScriptedRelay(extensions=("8BITMIME",))
    assert sent(offering, content, recipient).code == 250
    assert offering.letters[0].mail.endswith(" SMTPUTF8")
    assert offering.letters[0].rcpt == f"RCPT TO:<{recipient}>"
    reply = sent(silent, content, recipient)
    assert reply.permanent and reply.text.startswith("5.6.7 ")
    assert silent.count("MAIL") == 0


@pytest.mark.parametrize("address", ["anna@bücher.test", "anna@例子.test", "anna@xn--bcher-kva.test"])
def test_where_the_domain_alone_is_international_its_a_labels_are_tried(address: str) -> None:
    silent, offering = ScriptedRelay(extensions=()), ScriptedRelay()
    assert sent(silent, recipient=address, reverse_path=address).code == 250
    ascii_form = address.encode("idna").decode() if address.isascii() else f"anna@{address[5:].encode('idna').decode()}"
    assert silent.letters[0].rcpt == f"RCPT TO:<{ascii_form}>"
    assert silent.letters[0].mail == f"MAIL FROM:<{ascii_form}>"
    assert sent(offering, recipient=address).code == 250
    assert offering.letters[0].rcpt == f"RCPT TO:<{address}>"


def test_a_domain_that_has_no_a_labels_fails_cleanly() -> None:
    server = ScriptedRelay(extensions=())
    assert sent(server, recipient=f"anna@{'ü' * 80}.test").text.startswith("5.6.7 ")
    assert server.count("MAIL") == 0


def reports(server: ScriptedRelay, recipient: str = ANNA, reverse_path: str = OURS) -> tuple[str, str]:
    """The parameters of MAIL and RCPT for letter 4711."""

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send(reverse_path, recipient, LETTER, envelope_id="4711")

    assert over_the_wire(server, story).code == 250
    return server.letters[0].mail.partition("> ")[2], server.letters[0].rcpt.rpartition("> ")[2]


def test_delivery_reports_are_asked_for_where_they_are_offered() -> None:
    wanted = ("RET=HDRS ENVID=4711", "NOTIFY=FAILURE,DELAY ORCPT=rfc822;anna@acme.test")
    assert reports(ScriptedRelay(extensions=("DSN",))) == wanted
    assert reports(ScriptedRelay(extensions=())) == ("", f"RCPT TO:<{ANNA}>")


def test_from_the_null_path_no_report_is_asked_for() -> None:
    assert reports(ScriptedRelay(extensions=("DSN",)), reverse_path="") == ("", f"RCPT TO:<{ANNA}>")


def test_the_original_recipient_is_written_so_that_nothing_can_end_it() -> None:
    _, plus = reports(ScriptedRelay(extensions=("DSN",)), recipient="anna+a=b@acme.test")
    assert plus.endswith("ORCPT=rfc822;anna+2Ba+3Db@acme.test")
    _, quoted = reports(ScriptedRelay(extensions=("DSN",)), recipient='"anna <b>"@acme.test')
    assert quoted.endswith('ORCPT=rfc822;"anna+20<b>"@acme.test')
    _, utf8 = reports(ScriptedRelay(extensions=("DSN", "SMTPUTF8")), recipient="jörg@acme.test")
    assert utf8.endswith(r"ORCPT=utf-8;j\x{F6}rg@acme.test")


@given(st.text(st.characters(max_codepoint=127)))
def test_xtext_can_be_read_back_and_has_no_space_or_control(text: str) -> None:
    written = xtext(text)
    assert all(0x21 <= octet <= 0x7E and octet != ord("=") for octet in written)
    assert re.sub(rb"\+([0-9A-F]{2})", lambda code: bytes([int(code[1], 16)]), written) == text.encode()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf8_xtext_can_be_read_back_and_is_ascii_without_space_or_control(text: str) -> None:
    written = utf8_xtext(text)
    assert all(0x21 <= octet <= 0x7E for octet in written)
    assert re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: chr(int(code[1], 16)), written.decode()) == text


@pytest.mark.parametrize(
    "recipient",
    [
        "a@b.test>\r\nRCPT TO:<c@d.test",
        "a@b.test> NOTIFY=NEVER",
        "a b@c.test",
        "a@b@c.test",
        "",
        "anna",
        "a\x00@b.test",
        "a\ud800@b.test",
        "<a@b.test>",
    ],
)
def test_an_address_cannot_end_its_command(recipient: str) -> None:
    server = ScriptedRelay()
    reply = sent(server, recipient=recipient)
    assert reply.permanent and reply.text.startswith("5.1.3 ")
    assert sent(server, reverse_path=recipient or " ").text.startswith("5.1.7 ")
    assert server.count("MAIL") == server.count("RCPT") == 0


def test_a_quoted_local_part_is_an_address() -> None:
    server = ScriptedRelay()
    assert sent(server, recipient='"anna \\"a\\" <b>"@acme.test').code == 250
    assert server.letters[0].rcpt == 'RCPT TO:<"anna \\"a\\" <b>"@acme.test>'


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("code", [421, 450, 451, 499, 550, 552, 554, 599])
def test_a_refusal_keeps_its_code(verb: str, code: int) -> None:
    server = ScriptedRelay({verb: [f"{code} because"]})
    assert sent(server) == RelayReply(code, "because", before_recipient=verb == "MAIL")
    assert server.letters == []


@pytest.mark.parametrize("code", [530, 535, 538])
def test_a_refusal_of_our_login_is_not_about_the_letter(code: int) -> None:
    assert sent(ScriptedRelay({"MAIL": [f"{code} authentication required"]})).permanent is False


@pytest.mark.parametrize(("verb", "code"), [("MAIL", 252), ("RCPT", 251), ("RCPT", 299), ("DOT", 299)])
def test_an_unknown_success_is_a_success(verb: str, code: int) -> None:
    server = ScriptedRelay({verb: [f"{code} fine"]})
    assert (sent(server).code or 0) // 100 == 2
    assert len(server.letters) == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("BANNER", "554 not today"),
        ("BANNER", "421 busy"),
        ("EHLO", "550 go away"),
        ("MAIL", "354 what"),
        ("MAIL", "150 hm"),
        ("RCPT", "hello?"),
        ("DATA", "250 done already"),
        ("RCPT", "250 ok\r\n250 and one more"),
        ("DATA", "354 go\r\n250 too soon"),
        ("BANNER", CLOSE),
        ("MAIL", CLOSE),
        ("RCPT", CLOSE),
        ("DATA", CLOSE),
    ],
)
def test_a_broken_conversation_is_a_fault_and_the_letter_was_surely_not_taken(verb: str, answer: str) -> None:
    server = ScriptedRelay({verb: [answer]})
    reply = sent(server)
    assert reply.code is None and reply.permanent is None and not reply.uncertain and reply.text
    assert server.letters == []


def test_a_cut_in_the_middle_of_content_is_certain() -> None:
    reply = sent(ScriptedRelay({"DATA": [CUT_READING]}), HEAD + b"line\r\n" * 4_000_000)
    assert reply.code is None and not reply.uncertain


def test_a_relay_that_stops_reading_is_given_up_before_the_final_dot() -> None:
    reply = sent(ScriptedRelay({"DATA": [STOP_READING]}), HEAD + b"line\r\n" * 4_000_000, timeout=0.2, final_dot=3600)
    assert reply.code is None and not reply.uncertain


@pytest.mark.parametrize("ending", [CUT_SILENTLY, CLOSE, "354 more?", "150 hm", "999 hm", "oops"])
def test_a_loss_after_the_final_dot_is_uncertain(ending: str) -> None:
    reply = sent(ScriptedRelay({"DOT": [ending]}))
    assert reply.code is None and reply.uncertain and reply.permanent is None


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_relay_that_hangs_is_a_fault(verb: str) -> None:
    reply = sent(ScriptedRelay({verb: [HANG]}), timeout=0.2)
    assert reply.code is None and not reply.uncertain


def test_silence_after_the_final_dot_is_waited_for_longer_and_uncertain() -> None:
    reply = sent(ScriptedRelay({"DOT": [HANG]}), final_dot=0.2)
    assert reply.code is None and reply.uncertain


def test_what_a_relay_says_is_one_printable_line() -> None:
    server = ScriptedRelay({"RCPT": ["550-5.1.1 no\x1b[31m such\r\n550 user\x07 \u202e" + "x" * 5000]})
    reply = sent(server)
    assert reply.code == 550 and reply.text.startswith("5.1.1 no [31m such user x") and reply.text.isprintable()
    assert len(reply.text) <= 500


def test_connections_are_kept_and_reset_between_letters() -> None:
    server = ScriptedRelay()

    async def story(relay: LetterRelay) -> list[RelayReply]:
        return [await relay.send(OURS, ANNA, LETTER) for _ in range(20)]

    assert {reply.code for reply in over_the_wire(server, story)} == {250}
    assert (server.connections, server.count("EHLO"), server.count("RSET"), len(server.letters)) == (1, 1, 19, 20)


def test_a_refused_letter_leaves_the_connection_to_the_next() -> None:
    server = ScriptedRelay({"RCPT": ["550 no", "250 yes"], "DOT": ["554 spam", "250 fine"]})

    async def story(relay: LetterRelay) -> list[int | None]:
        return [(await relay.send(OURS, ANNA, LETTER)).code for _ in range(3)]

    assert over_the_wire(server, story) == [550, 554, 250]
    assert server.connections == 1


@pytest.mark.parametrize(
    "script", [{"RSET": [CLOSE]}, {"RSET": ["421 bye"]}, {"RSET": ["500 what"]}, {"DOT": ["421 bye", "250 ok"]}]
)
def test_a_connection_that_was_lost_while_idle_costs_no_letter(script: dict[str, list[str]]) -> None:
    server = ScriptedRelay(script)

    async def story(relay: LetterRelay) -> RelayReply:
        await relay.send(OURS, ANNA, LETTER)
        return await relay.send(OURS, ANNA, LETTER)

    assert over_the_wire(server, story).code == 250
    assert server.connections == 2


def test_connections_are_bounded_and_a_hang_holds_only_its_own() -> None:
    server = ScriptedRelay({"RCPT": [HANG, "250 ok"]})

    async def story(relay: LetterRelay) -> int:
        stuck = asyncio.create_task(relay.send(OURS, "stuck@acme.test", LETTER))
        while server.count("RCPT") == 0:
            await asyncio.sleep(0)
        replies = await asyncio.gather(*(relay.send(OURS, ANNA, LETTER) for _ in range(30)))
        assert not stuck.done()
        server.released.set()
        assert (await stuck).code is None
        return [reply.code for reply in replies].count(250)

    assert over_the_wire(server, story, connections=3) == 30
    assert server.most_at_once == 3


def test_an_old_connection_is_closed_politely() -> None:
    server = ScriptedRelay()

    async def story(relay: LetterRelay) -> None:
        for _ in range(101):
            assert (await relay.send(OURS, ANNA, LETTER)).code == 250

    over_the_wire(server, story)
    assert (server.connections, server.count("QUIT")) == (2, 2)


@pytest.mark.parametrize(("longest_idle", "connections"), [(0.0, 2), (30.0, 1)])
def test_only_a_connection_that_was_idle_for_long_is_closed_between_rounds(
    monkeypatch: pytest.MonkeyPatch, longest_idle: float, connections: int
) -> None:
    monkeypatch.setattr(smtp_relay, "LONGEST_IDLE", longest_idle)
    server = ScriptedRelay()

    async def story(relay: LetterRelay) -> int:
        await relay.send(OURS, ANNA, LETTER)
        await relay.rest()
        await relay.send(OURS, ANNA, LETTER)
        return server.connections

    assert over_the_wire(server, story) == connections


class Seconds:
    """A clock that a story sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_relay_that_is_away_is_left_alone_for_a_growing_time_and_probed_by_one_letter() -> None:
    server = ScriptedRelay({"BANNER": ["421 closed"] * 5 + ["220 open again"]}, extensions=())
    seconds = Seconds()

    async def story(relay: LetterRelay) -> None:
        for failures in range(1, FAILURES + 1):
            assert not relay.trouble and relay.room == 4
            assert (await relay.send(OURS, ANNA, LETTER)).untried
            assert server.connections == failures
        for pause in PAUSES[:2]:
            assert relay.trouble == "421 closed" and relay.room == 0
            replies = await asyncio.gather(*(relay.send(OURS, ANNA, LETTER) for _ in range(9)))
            assert all(reply.untried and reply.text == "421 closed" for reply in replies)
            failures += 1
            seconds.now += pause.total_seconds() - 0.1
            assert relay.room == 0
            seconds.now += 0.1
            assert relay.room == 1 and server.connections == failures - 1
            assert (await relay.send(OURS, ANNA, LETTER)).untried
            assert server.connections == failures
        seconds.now += PAUSES[2].total_seconds()
        assert (await relay.send(OURS, ANNA, LETTER)).code == 250
        assert not relay.trouble and relay.room == 4

    over_the_wire(server, story, monotonic=seconds)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("answer", ["421 shutting down", CLOSE])
def test_a_relay_that_breaks_off_again_and_again_is_left_alone_but_the_letters_were_tried(verb: str, answer: str) -> None:
    server = ScriptedRelay({verb: [answer]})

    async def story(relay: LetterRelay) -> list[bool]:
        domains = [f"anna@{number}.example" for number in range(FAILURES + 1)]
        replies = [(await relay.send(OURS, recipient, LETTER)).untried for recipient in domains]
        assert relay.trouble
        return replies

    assert over_the_wire(server, story) == [False] * FAILURES + [True]
    assert server.connections == FAILURES


@pytest.mark.parametrize("answer", ["550 5.1.1 unknown", "451 4.7.1 later", "250 ok"])
def test_what_a_relay_says_about_letters_is_no_trouble_with_the_relay(answer: str) -> None:
    server = ScriptedRelay({"BANNER": ["421 no"] * (FAILURES - 1) + ["220 hello"], "RCPT": [answer]})

    async def story(relay: LetterRelay) -> None:
        for _ in range(FAILURES + 5):
            await relay.send(OURS, ANNA, LETTER)
            assert not relay.trouble

    over_the_wire(server, story)


def test_a_relay_that_limits_connections_is_not_taken_for_one_that_is_away() -> None:
    server = ScriptedRelay(
        {"BANNER": ["220 hello", *["421 too many connections"] * FAILURES, "220 hello"], "RCPT": [HANG, "250 ok"]}
    )

    async def story(relay: LetterRelay) -> list[int | None]:
        stuck = asyncio.create_task(relay.send(OURS, "stuck@acme.test", LETTER))
        while server.count("RCPT") == 0:
            await asyncio.sleep(0)
        replies = [await relay.send(OURS, ANNA, LETTER) for _ in range(FAILURES + 1)]
        assert not relay.trouble and all(reply.untried for reply in replies[:-1])
        server.released.set()
        await stuck
        return [reply.code for reply in replies]

    assert over_the_wire(server, story) == [None] * FAILURES + [250]


def test_a_letter_whose_claim_ran_out_is_not_sent() -> None:
    server = ScriptedRelay()

    async def story(relay: LetterRelay) -> RelayReply:
        for _ in range(FAILURES):
            reply = await relay.send(OURS, ANNA, LETTER, claim_lasts=lambda _: False)
        assert not relay.trouble
        return reply

    reply = over_the_wire(server, story)
    assert reply.code is None and reply.untried and not reply.uncertain
    assert server.count("RCPT") == FAILURES and server.count("DATA") == 0


def test_a_node_that_was_stopped_in_the_middle_of_a_letter_leaves_it_without_a_final_dot() -> None:
    """The claim holds when DATA is asked for, and no longer when the last of the content would go."""
    server = ScriptedRelay()
    answers, asked = [True, False], []

    def claim_lasts(time_needed: timedelta) -> bool:
        asked.append(time_needed)
        return answers[len(asked) - 1]

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send(OURS, ANNA, LETTER, claim_lasts=claim_lasts)

    reply = over_the_wire(server, story, timeout=20, final_dot=30)
    assert reply.untried and not reply.uncertain
    assert server.letters == [] and server.count("DATA") == 1 and server.count("DOT") == 0
    assert asked[0] == timedelta(seconds=50) and timedelta() < asked[1] <= timedelta(seconds=30)


def test_a_cancelled_letter_leaves_no_connection_in_the_middle_of_it() -> None:
    server = ScriptedRelay({"DOT": [HANG]})

    async def story(relay: LetterRelay) -> RelayReply:
        stuck = asyncio.create_task(relay.send(OURS, ANNA, LETTER))
        while server.count("DOT") == 0:
            await asyncio.sleep(0)
        stuck.cancel()
        await asyncio.wait([stuck])
        server.script["DOT"] = ["250 ok"]
        return await relay.send(OURS, ANNA, LETTER)

    assert over_the_wire(server, story, connections=1, timeout=3600).code == 250
    assert server.connections == 2


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no..name", "x" * 70 + ".test"])
def test_nobody_listening_is_a_fault(host: str) -> None:
    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send(OURS, ANNA, LETTER)

    reply = over_the_wire(ScriptedRelay(), story, url=f"smtp://{host}")
    assert reply.code is None and reply.permanent is None and reply.text
