"""Where a mail comes from, by our own checks: real signatures, and DNS from a server of the test's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.mails.checked_origins import EVIL, NOW, OURS, OWN, PEER, A, F, U, checked, mail, settings
from support.mails.signed_mails import Stamp, key_of
from support.servers.dns_server import Zone

from helpdesk.config.settings import Authentication
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.origin.verification import Verification
from helpdesk.gateway.reader import Reader, ReaderDied
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import Result
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge
from helpdesk.threading.trust.signature_fields import SignatureClaim

MAILS = [
    ("signed by its own domain", OWN.sign(mail()), "x@elsewhere.example", A, True),
    ("signed with simple canonicalisation", replace(OWN, canonical=(b"simple", b"simple")).sign(mail()), "x@elsewhere.example", A, True),
    ("by SPF alone: enough for a customer, not for staff", mail(), "anna@acme.example", A, False),
    ("by SPF of a host below its domain", mail(), "anna@mail.acme.example", A, False),
    ("not at all", mail(), "x@elsewhere.example", F, False),
    ("signed by a stranger, sent by a stranger", EVIL.sign(mail()), "x@evil.example", F, False),
    ("two signatures, the second by its domain", EVIL.sign(OWN.sign(mail())), "x@evil.example", A, True),
    ("its text was changed", OWN.sign(mail()).replace(b"jams", b"burns"), "x@evil.example", F, False),
    ("its text was added to", OWN.sign(mail()) + b"Send money.\r\n", "x@evil.example", F, False),
    ("signed over a part of the text", replace(OWN, length=True).sign(mail()) + b"Send money.\r\n", "x@evil.example", F, False),
    ("signed with a length, over all of it", replace(OWN, length=True).sign(mail()), "x@evil.example", A, True),
    ("its subject is not signed", replace(OWN, covered=(b"from", b"date", b"to", b"message-id")).sign(mail()), "x@evil.example", A, False),
    ("its recipient is not signed", replace(OWN, covered=(b"from", b"subject", b"date", b"message-id")).sign(mail()), "x@e.example", A, False),
    ("a second recipient above the signed one", b"To: omar@desk.example\r\n" + OWN.sign(mail()), "x@evil.example", U, False),
    ("a second subject below the signed one",
     OWN.sign(mail()).replace(b"Message-ID", b"Subject: other\r\nMessage-ID"), "x@evil.example", U, False),
    ("SHA-1", replace(OWN, algorithm="rsa-sha1").sign(mail()), "x@evil.example", F, False),
    ("written long ago", replace(OWN, signed_at=NOW).sign(mail(date=NOW - timedelta(days=8))), "x@evil.example", A, False),
    ("signed long ago", replace(OWN, signed_at=NOW - timedelta(days=8)).sign(mail()), "x@evil.example", A, False),
    ("without a date", OWN.sign(mail().replace(b"Date:", b"X-Date:")), "x@evil.example", A, False),
    ("signed in the name of a host below", replace(OWN, domain="mail.acme.example").sign(mail()), "x@evil.example", A, True),
    ("a header that two readers may read differently", OWN.sign(mail()).replace(b"\r\nTo:", b"\r\nno field\r\nTo:"), "x@e.example", U, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "sender", "assurance", "authority"), MAILS, ids=[case[0] for case in MAILS])
def test_who_wrote_it(
    zone: Zone, reader: Reader, name: str, content: bytes, sender: str, assurance: Assurance, authority: bool
) -> None:
    replace(OWN, domain="mail.acme.example").publish(zone)
    _, judgement = checked(zone, reader, content, sender)
    assert (judgement.assurance, judgement.authority) == (assurance, authority), judgement.reason


def test_ed25519(zone: Zone, reader: Reader) -> None:
    stamp = Stamp("acme.example", "e1", "ed25519").publish(zone)
    assert checked(zone, reader, stamp.sign(mail()), "x@evil.example")[1].authority
    zone.text("e1._domainkey.acme.example", key_of("ed25519", 7).record)
    assert checked(zone, reader, stamp.sign(mail()), "x@evil.example")[1].assurance is F


POLICIES = [
    ("no policy: its own signature proves it", [], OWN.sign(mail()), "x@evil.example", Result.NONE, A, True),
    ("no policy: SPF of the very domain", [], mail(), "anna@acme.example", Result.NONE, A, False),
    ("no policy: SPF of a host below is another domain", [], mail(), "anna@mail.acme.example", Result.NONE, U, False),
    ("a policy that asks for nothing", ["v=DMARC1; p=none"], mail(), "x@evil.example", Result.FAIL, U, False),
    ("quarantine", ["v=DMARC1; p=quarantine"], mail(), "x@evil.example", Result.FAIL, F, False),
    ("strict alignment of SPF", ["v=DMARC1; p=reject; aspf=s"], mail(), "anna@mail.acme.example", Result.FAIL, F, False),
    ("two policies are none", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], mail(), "x@evil.example", Result.NONE, U, False),
    ("something else at that name", ["hello"], mail(), "x@evil.example", Result.NONE, U, False),
    ("a policy nobody knows", ["v=DMARC1; p=burn"], mail(), "x@evil.example", Result.FAIL, U, False),
]


@pytest.mark.parametrize(
    ("name", "texts", "content", "sender", "result", "assurance", "authority"), POLICIES, ids=[policy[0] for policy in POLICIES]
)
def test_the_policy_of_its_domain(
    zone: Zone, reader: Reader, name: str, texts: list[str], content: bytes, sender: str, result: Result, assurance: Assurance,
    authority: bool,
) -> None:  # fmt: skip
    zone.text("_dmarc.acme.example", *texts)
    if not texts:
        del zone.records["_dmarc.acme.example", "TXT"]
    origin, judgement = checked(zone, reader, content, sender)
    assert (origin.dmarc.result, judgement.assurance, judgement.authority) == (result, assurance, authority)


def test_a_host_below_has_the_policy_of_its_organisation(zone: Zone, reader: Reader) -> None:
    zone.text("_dmarc.acme.example", "v=DMARC1; p=none; sp=reject; adkim=s")
    origin, judgement = checked(zone, reader, OWN.sign(mail("From: a@mail.acme.example")), "x@evil.example")
    assert (origin.dmarc.result, origin.dmarc.policy, judgement.assurance) == (Result.FAIL, "reject", F)


def test_two_organisations_under_one_public_suffix_are_strangers(zone: Zone, reader: Reader) -> None:
    zone.text("_dmarc.acme.co.uk", "v=DMARC1; p=reject")
    content = Stamp("evil.co.uk").publish(zone).sign(mail("From: a@acme.co.uk"))
    assert checked(zone, reader, content, "x@evil.co.uk")[1].assurance is F


SENDERS = [
    ("the null path: the HELO name stands in", f"v=spf1 ip4:{PEER} -all", "", "mx.acme.example", Result.PASS),
    ("a host that is not among them", "v=spf1 ip4:192.0.2.1 -all", "anna@acme.example", "x", Result.FAIL),
    ("would rather not", "v=spf1 ~all", "anna@acme.example", "x", Result.SOFTFAIL),
    ("ten look-ups are allowed", "v=spf1 " + "include:in.acme.example " * 9 + f"ip4:{PEER} -all", "anna@acme.example", "x", Result.PASS),
    ("eleven are not", "v=spf1 " + "include:in.acme.example " * 11 + f"ip4:{PEER} -all", "anna@acme.example", "x", Result.PERMERROR),
    ("two void look-ups are allowed", f"v=spf1 a:n1.example a:n2.example ip4:{PEER} -all", "anna@acme.example", "x", Result.PASS),
    ("three are not", f"v=spf1 a:n1.example a:n2.example a:n3.example ip4:{PEER} -all", "anna@acme.example", "x", Result.PERMERROR),
    ("itself for ever", "v=spf1 include:acme.example -all", "anna@acme.example", "x", Result.PERMERROR),
    ("its mail exchanger sends", "v=spf1 mx -all", "anna@acme.example", "x", Result.PASS),
    ("its pointer", "v=spf1 ptr -all", "anna@acme.example", "x", Result.PASS),
    ("a macro", "v=spf1 exists:%{ir}.%{v}.acme.example -all", "anna@acme.example", "x", Result.PASS),
    ("no mechanism that anybody knows", "v=spf1 moo -all", "anna@acme.example", "x", Result.PERMERROR),
    ("macros without end", "v=spf1 exists:" + "%{l99999}" * 200 + ".acme.example -all", "anna@acme.example", "x", Result.FAIL),
    ("not ASCII", "v=spf1 a:\\228.example -all", "anna@acme.example", "x", Result.PERMERROR),
    ("no domain at all", "v=spf1 +all", "", "[203.0.113.9]", Result.NONE),
    ("a domain that is none", "v=spf1 +all", "x@..", "x", Result.NONE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "record", "sender", "helo", "result"), SENDERS, ids=[case[0] for case in SENDERS])
def test_sender_policies(zone: Zone, reader: Reader, name: str, record: str, sender: str, helo: str, result: Result) -> None:
    zone.text("acme.example", record)
    zone.text("mx.acme.example", record)
    zone.text("in.acme.example", "v=spf1 ip4:192.0.2.7 -all")
    zone.records["acme.example", "MX"] = ["10 out.acme.example."]
    zone.records["out.acme.example", "A"] = [PEER]
    zone.records["9.113.0.203.in-addr.arpa", "PTR"] = ["out.acme.example."]
    zone.records[f"{'.'.join(reversed(PEER.split('.')))}.in-addr.acme.example", "A"] = ["127.0.0.2"]
    origin, _ = checked(zone, reader, mail(), sender, helo=helo)
    assert origin.spf is not None
    assert origin.spf.result is result


class Dying:
    """A verifier that does not survive its mail."""

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        raise ReaderDied("the reader ended on this mail (signal 24)")

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        raise ReaderDied("the reader ended on this mail (signal 24)")


def test_a_signature_that_kills_its_verifier_is_an_error_of_its_own(zone: Zone) -> None:
    authentication, content = settings(zone), OWN.sign(mail())
    raw = RawMessage("smtp", Envelope("x@evil.example", ()), content, NOW, PEER, "x")
    origin = OriginCheck(authentication, Resolver(authentication.nameservers), Dying()).check(raw, read(content).message)
    assert origin.signatures[0].result is Result.PERMERROR
    assert judge(replace(raw, origin=origin), read(content).message, authentication).assurance is F


class Faulty(Resolver):
    def records(self, name: str, kind: str, deadline: object) -> list[object]:
        raise ZeroDivisionError("a fault of ours")


def test_a_fault_of_ours_is_an_error_and_no_authority(zone: Zone, reader: Reader) -> None:
    content = OWN.sign(mail())
    raw = RawMessage("smtp", Envelope("anna@acme.example", ()), content, NOW, PEER, "x")
    origin = OriginCheck(settings(zone), Faulty(), reader).check(raw, read(content).message)
    assert origin.dmarc.result is Result.PERMERROR
    assert judge(replace(raw, origin=origin), read(content).message, settings(zone), OURS).assurance is U


RELAYED = Authentication(trusted_authserv_ids=("mx.desk.example",), assume_from=("192.0.2.0/24",))
WANTED = [
    ("from outside", RELAYED, RawMessage("smtp", Envelope("", ()), b"", NOW, PEER), True),
    ("by LMTP", RELAYED, RawMessage("lmtp", Envelope("", ()), b"", NOW, PEER), True),
    ("a relay whose word is taken", RELAYED, RawMessage("smtp", Envelope("", ()), b"", NOW, "127.0.0.1"), False),
    ("a relay that says nothing", Authentication(), RawMessage("smtp", Envelope("", ()), b"", NOW, "127.0.0.1"), True),
    ("assumed", RELAYED, RawMessage("smtp", Envelope("", ()), b"", NOW, "192.0.2.9"), False),
    ("with a password", RELAYED, RawMessage("smtp", Envelope("", ()), b"", NOW, PEER, "", "omar@desk.example"), False),
    ("of a mailbox whose server is believed", RELAYED, RawMessage("imap", None, b"", NOW), False),
    ("of any other mailbox", Authentication(), RawMessage("pop3", None, b"", NOW), True),
    ("of an archive", Authentication(), RawMessage("archive", None, b"", NOW), False),
    ("from a pipe", RELAYED, RawMessage("pipe", Envelope("", ()), b"", NOW, ""), False),
    ("switched off", Authentication(check=False), RawMessage("smtp", Envelope("", ()), b"", NOW, PEER), False),
]


@pytest.mark.parametrize(("name", "authentication", "raw", "wanted"), WANTED, ids=[case[0] for case in WANTED])
def test_which_mail_is_checked(name: str, authentication: Authentication, raw: RawMessage, wanted: bool) -> None:
    check = OriginCheck(authentication, Resolver(("127.0.0.1:53",)), Dying())
    assert check.wants(raw) is wanted


def test_a_settled_origin_stands_and_an_unsettled_one_is_asked_for_again(zone: Zone, reader: Reader) -> None:
    check = OriginCheck(settings(zone), Resolver((zone.address,)), reader)
    origin, _ = checked(zone, reader, mail())
    raw = RawMessage("smtp", Envelope("anna@acme.example", ()), mail(), NOW, PEER, "x", origin=origin)
    assert not check.wants(raw)
    assert check.wants(replace(raw, origin=replace(origin, dmarc=replace(origin.dmarc, result=Result.TEMPERROR))))


def test_the_peer_of_a_relay_is_not_the_author_s(zone: Zone, reader: Reader) -> None:
    """Behind a relay that says nothing a signature still counts; the relay's own address says nothing about SPF."""
    zone.text("acme.example", "v=spf1 ip4:127.0.0.1 -all")
    assert checked(zone, reader, mail(), peer="127.0.0.1")[0].spf is None
    assert checked(zone, reader, mail(), peer="127.0.0.1")[1].assurance is U


def test_mail_of_a_mailbox_is_proved_by_its_signature(zone: Zone, reader: Reader) -> None:
    """Nobody knows any more which host brought it: that proves nothing, and disproves nothing."""
    check = OriginCheck(settings(zone), Resolver((zone.address,)), reader)
    for content, assurance, authority in ((OWN.sign(mail()), A, True), (mail(), U, False), (EVIL.sign(mail()), U, False)):
        raw, message = RawMessage("imap", None, content, NOW), read(content).message
        judgement = judge(replace(raw, origin=check.check(raw, message)), message, settings(zone), OURS)
        assert (judgement.assurance, judgement.authority) == (assurance, authority), judgement.reason
    assert checked(zone, reader, OWN.sign(mail()), peer="127.0.0.1")[1].authority


def test_an_origin_of_another_author_counts_for_nobody(zone: Zone, reader: Reader) -> None:
    origin, _ = checked(zone, reader, OWN.sign(mail()))
    content = mail("From: omar@desk.example")
    raw = RawMessage("smtp", Envelope("x@evil.example", ()), content, NOW, PEER, origin=origin)
    assert judge(raw, read(content).message, settings(zone), OURS).assurance is U


@pytest.mark.parametrize("name", ["desk.example", "mail.example.com", "x.test", "_dmarc.acme.invalid", "localhost"])
def test_names_for_examples_are_asked_nobody(name: str) -> None:
    assert Resolver().knows_nothing_of(name)
    assert not Resolver(("127.0.0.1:53",)).knows_nothing_of(name)
