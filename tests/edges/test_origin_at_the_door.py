"""Checks of origin behind a real SMTP door: they come after the 250, and what the door writes above a mail does not disturb them."""

from pathlib import Path

from support.desk.origin_desk import COLLEAGUE, OMAR, letter, publish
from support.desk.story import SUPPORT, configured, wired_desk
from support.servers.dns_server import dns_server

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.origin import Result


def test_a_signature_holds_behind_the_door_and_silence_of_dns_delays_no_reply(tmp_path: Path, reader: Reader) -> None:
    with dns_server() as zone:
        publish(zone)
        config = configured(tmp_path)
        assumed = 'assume_from = ["127.0.0.1/32"]'
        config.write_text(config.read_text().replace(assumed, f'nameservers = ["{zone.address}"]\ndns_timeout = "1s"'))
        with wired_desk(config, reader) as desk:
            signed = COLLEAGUE.sign(letter(f"From: <p@{OMAR.partition('@')[2]}>", SUPPORT, "Hello.", desk.now, "p@desk.example"))
            desk.deliver("p@desk.example", [SUPPORT], signed, "127.0.0.1")
            desk.settle()
            (mail,) = desk.mails()
            assert (mail.state, mail.decision["assurance"]) == (Disposition.OPENED, "authenticated")
            assert mail.origin is not None
            assert [signature.result for signature in mail.origin.signatures] == [Result.PASS]
            zone.everything = "SILENCE"
            asked = len(zone.asked)
            other = letter("From: <q@else.example.info>", SUPPORT, "Hello.", desk.now, "q@else.example.info")
            desk.deliver("q@else.example.info", [SUPPORT], other, "127.0.0.1")
            assert len(desk.mails()) == 2  # it is stored, whatever becomes of its check
            desk.settle()
            mail = desk.why("q@else.example.info")
            assert len(zone.asked) > asked
            assert (mail.state, mail.decision["assurance"]) == (Disposition.OPENED, "unverified")
