"""Whom the desk answers: the author, or the person for whom a machine writes; the answer never says who wrote."""

import pytest

from helpdesk.config.conduct import Form
from helpdesk.threading.matching.correspondent import correspondent_of
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import identity_of
from helpdesk.threading.trust.identity import Identity

FORMS = (Form(address="orders@webshop.example"), Form(domain="tickets.example"))
LIST = "List-Id: <support.corp.example>\r\nList-Post: <mailto:support@corp.example>\r\n"


def answered(fields: str) -> tuple[str, str]:
    message = read(fields.encode() + b"\r\n\r\nHello\r\n").message
    identity = Identity(identity_of(message), Assurance.UNVERIFIED, False, "")
    found = correspondent_of(identity, message, is_ours=lambda one: one.lower().endswith("@support.example.com"), forms=FORMS)
    return found.address, found.reason


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ("From: anna@acme.example", "anna@acme.example"),
        ("From: anna@acme.example\r\nReply-To: anna@acme.example", "anna@acme.example"),
        ("From: anna@acme.example\r\nReply-To: rosa@private.example", "anna@acme.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: lea@home.example", "lea@home.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: lea@home.example, sales@shop.example", "lea@home.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: sales@shop.example, Lea <lea@home.example>", "lea@home.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: sales@shop.example", "sales@shop.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: sales@shop.example, info@shop.example", "sales@shop.example"),
        ("From: Shop <noreply@shop.example>\r\nReply-To: lea@home.example, kai@home.example", "lea@home.example"),
        ("From: Shop <ne-pas-repondre@boutique.example>\r\nReply-To: lea@home.example", "lea@home.example"),
        ("From: Shop <orders.no_reply@shop.example>\r\nReply-To: lea@home.example", "lea@home.example"),
        ("From: Norah <norah.eply@shop.example>\r\nReply-To: lea@home.example", "norah.eply@shop.example"),
        ("From: Web <webmaster@site.example>\r\nReply-To: lea@home.example", "lea@home.example"),
        ("From: Web <webmaster@site.example>", "webmaster@site.example"),
        ("From: Shop <noreply@shop.example>", "noreply@shop.example"),
        ("From: form@shop.example\r\nReply-To: nina@home.example", "nina@home.example"),
        ("From: form@shop.example", "form@shop.example"),
        ("From: WordPress <wordpress@site.example>\r\nReply-To: nina@home.example", "nina@home.example"),
        ("From: orders@webshop.example\r\nReply-To: nina@home.example", "nina@home.example"),
        ("From: orders@webshop.example", ""),
        ("From: boss@acme.example\r\nSender: desk1@acme.example", "boss@acme.example"),
        ("From: 4711@tickets.example\r\nReply-To: nina@home.example", "nina@home.example"),
        ("From: help@support.example.com\r\nReply-To: ida@home.example", "ida@home.example"),
        ("From: help@support.example.com\r\nReply-To: billing@support.example.com", ""),
        ("From: help@support.example.com", ""),
        ("From: noreply@shop.example\r\nReply-To: help@support.example.com", "noreply@shop.example"),
        (f"From: Greta via Support <support@corp.example>\r\n{LIST}X-Original-From: Greta <greta@client.example>", "greta@client.example"),
        (f"From: Greta via Support <support@corp.example>\r\n{LIST}Reply-To: Greta <greta@client.example>", "greta@client.example"),
        (f"From: Greta via Support <support@corp.example>\r\n{LIST}Reply-To: support@corp.example", ""),
        (f"From: Greta <greta@client.example>\r\n{LIST}Reply-To: support@corp.example", "greta@client.example"),
        (f"From: Greta tramite Corp <support@corp.example>\r\n{LIST}Cc: Bo <bo@b.example>, Greta <greta@c.example>", "greta@c.example"),
        (f"From: Greta via Corp <support@corp.example>\r\n{LIST}Cc: Bo <bo@b.example>", ""),
        ("From: a..b@mobile.example", "a..b@mobile.example"),
        ("From: anna@acme.example, bob@globex.example", "anna@acme.example"),
        ("Reply-To: anna@acme.example", ""),
    ],
)  # fmt: skip
def test_who_is_answered(fields: str, address: str) -> None:
    assert answered(fields)[0] == address


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("From: anna@acme.example\r\nReply-To: rosa@private.example", "asks to be answered at rosa@private.example"),
        (
            "From: noreply@shop.example\r\nReply-To: lea@home.example, sales@shop.example",
            "lea@home.example, sales@shop.example",
        ),
        ("From: noreply@shop.example", "nobody to answer"),
        ("From: orders@webshop.example", "nobody to answer"),
        ("From: boss@acme.example\r\nSender: Pia <pia@acme.example>", "pia@acme.example sent it on behalf of boss@acme.example"),
        (f"From: Greta via Support <support@corp.example>\r\n{LIST}", "nobody to answer"),
    ],
)
def test_staff_are_told_where_the_answer_is_not_simply_the_authors(fields: str, words: str) -> None:
    assert words in answered(fields)[1]


@pytest.mark.parametrize("sender", ["bounces@acme.example", "x@mailing.example", "anna@acme.example"])
def test_a_sender_that_is_a_machine_is_no_remark(sender: str) -> None:
    assert answered(f"From: anna@acme.example\r\nSender: {sender}")[1] == ""


def test_an_ordinary_mail_needs_no_remark() -> None:
    assert answered("From: anna@acme.example\r\nReply-To: Anna <anna@acme.example>")[1] == ""
