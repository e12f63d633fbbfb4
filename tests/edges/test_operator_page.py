"""The operator's page: who may look, what it shows, what it changes and who did it, and what other sites cannot make it do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from support.desk.story import StoryDesk
from support.servers.api import api_of
from support.servers.pages import PageSeen, PlainBrowser, pages_served

from helpdesk.gateway.cli.key import key_group
from helpdesk.gateway.node.operating import page_of_node
from helpdesk.gateway.operator.app import COOKIE, FAULTS, PAGES
from helpdesk.gateway.operator.deeds import DEEDS, SAID
from helpdesk.store.api_keys import KeyKind, Scope, add_key, add_operator_key, find_key, revoke_key
from helpdesk.store.hold import current_hold
from helpdesk.store.operator_acts import KEPT, ActKind, forget_acts, newest_acts
from helpdesk.store.outbox import list_letters
from helpdesk.store.suppressions import list_suppressions
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

ANNA, OMAR = "anna@acme.example", "omar@desk.example"


@dataclass
class OperatorDesk:
    """A desk with its operator's page."""

    desk: StoryDesk
    port: int
    key: str

    def signs_in(self) -> PlainBrowser:
        browser = PlainBrowser(self.port)
        assert browser.submit("/operator/sign-in", {"key": self.key}).status == 200
        return browser

    def does(self, browser: PlainBrowser, page: str, do: str, **fields: str) -> PageSeen:
        token = browser.get("/operator/letters").token
        return browser.submit(f"/operator/{page}", {"token": token, "do": do, **fields})

    def acts(self) -> list[tuple[str, ActKind, str]]:
        with self.desk.database.reading() as connection:
            return [(act.who, act.kind, act.subject) for act in newest_acts(connection, 20)]

    def put_in_quarantine(self) -> int:
        """The number of a mail that could not be worked on."""
        self.desk.person("eve@globex.example").writes("Broken", "It cannot be read.")
        [number] = [mail.id for mail in self.desk.mails() if mail.message_id and mail.state is not Disposition.PENDING][-1:]
        with self.desk.database.writing() as connection:
            connection.execute(
                text(
                    "UPDATE inbound SET state = 'quarantined', decision = NULL, ticket_id = NULL, last_error = 'the reader died' WHERE id = :id"
                ),
                {"id": number},
            )
        return number


@pytest.fixture
def page(desk: StoryDesk) -> Iterator[OperatorDesk]:
    desk.node.clock = lambda: desk.now
    with desk.database.writing() as connection:
        key = add_operator_key(connection, "ops on call", desk.now, None)
    with pages_served(page_of_node(desk.node).application()) as port:
        yield OperatorDesk(desk, port, key)


def test_the_first_page_tells_what_the_desk_does(page: OperatorDesk) -> None:
    desk = page.desk
    desk.person(ANNA).writes("Cannot log in", "The page says locked.")
    number = page.put_in_quarantine()
    seen = page.signs_in().get("/operator")
    words = seen.words
    for told in ("general", "billing", "no node is running", "1 mails could not be worked on", "maildir:", "the reader died"):
        assert told in words, told
    assert f"/operator/mail?id={number}" in seen.html
    assert seen.headers["cache-control"] == "no-store"


def test_a_mail_is_found_in_the_words_of_why(page: OperatorDesk) -> None:
    page.desk.person(ANNA).writes("Cannot log in", "The page says locked.")
    [mail] = page.desk.mails()
    browser = page.signs_in()
    for key in (str(mail.id), f"%3C{mail.message_id}%3E"):
        words = browser.get(f"/operator/mail?id={key}").words
        assert f"Mail {mail.id} came by" in words
        assert "Its author is" in words
    assert "No mail has this Message-ID" in browser.get("/operator/mail?id=%3Cnowhere%40example.org%3E").words
    assert "<script>" not in browser.get("/operator/mail?id=%3Cscript%3E").html


def test_what_is_done_with_a_mail_is_done_once_and_recorded(page: OperatorDesk) -> None:
    number, browser = str(page.put_in_quarantine()), page.signs_in()
    assert number in browser.get("/operator/quarantine").words
    assert SAID["unsure"][1] in page.does(browser, "quarantine", "drop", number=number).words
    assert SAID["not-released"][1] in page.does(browser, "quarantine", "release", number=number).words
    assert page.acts() == []
    assert SAID["replayed"][1] in page.does(browser, "quarantine", "replay", number=number).words
    page.desk.settle()
    page.desk.person(ANNA).writes("Cannot log in", "The page says locked.")
    worked_on = next(str(mail.id) for mail in page.desk.mails() if mail.state is Disposition.OPENED)
    assert SAID["not-replayed"][1] in page.does(browser, "quarantine", "replay", number=worked_on).words
    again = str(page.put_in_quarantine())
    assert SAID["dropped"][1] in page.does(browser, "quarantine", "drop", number=again, sure="yes").words
    assert page.acts() == [("ops on call", ActKind.MAIL_DROPPED, again), ("ops on call", ActKind.MAIL_REPLAYED, number)]
    assert "ops on call dropped a mail" in browser.get("/operator").words


def test_letters_are_held_and_released(page: OperatorDesk) -> None:
    browser = page.signs_in()
    assert SAID["held"][1] in page.does(browser, "letters", "hold", reason="The relay <b>moves</b>").words
    with page.desk.database.reading() as connection:
        hold = current_hold(connection)
    assert hold is not None
    assert hold.reason == "The relay <b>moves</b>"
    page.desk.person(ANNA).writes("Cannot log in", "The page says locked.")
    seen = browser.get("/operator/letters")
    assert "The relay &lt;b&gt;moves" in seen.html
    assert "confirmation to anna@acme.example" in seen.words
    assert SAID["held-already"][1] in page.does(browser, "letters", "hold").words
    assert SAID["letters-released"][1] in page.does(browser, "letters", "release").words
    assert SAID["not-held"][1] in page.does(browser, "letters", "release").words
    assert [kind for _, kind, _ in page.acts()] == [ActKind.LETTERS_RELEASED, ActKind.LETTERS_HELD]
    with page.desk.database.reading() as connection:
        assert list_letters(connection)


def test_addresses_are_suppressed_and_lifted(page: OperatorDesk) -> None:
    browser = page.signs_in()
    for fields, said in (
        ({"address": "no address"}, "no-address"),
        ({"address": ANNA, "span": "soon"}, "no-span"),
        ({"address": "Anna@ACME.example", "span": "30d", "reason": "asked us to"}, "suppressed"),
    ):
        assert SAID[said][1] in page.does(browser, "addresses", "suppress", **fields).words
    with page.desk.database.reading() as connection:
        [found] = list_suppressions(connection, page.desk.now)
    assert (found.address, found.diagnostic) == (ANNA, "asked us to")
    assert ANNA in browser.get("/operator/addresses").words
    assert SAID["lifted"][1] in page.does(browser, "addresses", "lift", address=ANNA).words
    assert SAID["not-lifted"][1] in page.does(browser, "addresses", "lift", address=ANNA).words
    assert page.acts() == [("ops on call", ActKind.ADDRESS_LIFTED, ANNA), ("ops on call", ActKind.ADDRESS_SUPPRESSED, ANNA)]


def test_promises_are_plotted_from_the_same_report(page: OperatorDesk) -> None:
    desk = page.desk
    desk.person(ANNA).writes("Cannot log in", "The page says locked.")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "Unlocked, please try again.")
    desk.now += timedelta(minutes=1)
    seen = page.signs_in().get("/operator/promises")
    assert "First answers 1 of 1 in time (100 %)" in seen.words
    assert "1 opened and 0 resolved" in seen.html
    assert "<svg" in seen.html
    assert "style=" not in seen.html  # the policy of the page forbids it


def test_nobody_looks_without_a_session(page: OperatorDesk) -> None:
    stranger, forged = PlainBrowser(page.port), PlainBrowser(page.port, {COOKIE: "x" * 43})
    for path in PAGES:
        seen = stranger.get(path)
        assert (seen.status, seen.headers["location"]) == (303, "/operator/sign-in")
        assert forged.get(path).status == 303


def test_no_form_of_another_page_does_anything(page: OperatorDesk) -> None:
    """Neither a page of another site, nor one that cannot be told from it, nor a form without the token of the session."""
    browser = page.signs_in()
    token = browser.get("/operator/letters").token
    for where, do in DEEDS:
        _refuses_forms_of_others(page, browser, token, f"/operator/{where}", do)


def _refuses_forms_of_others(page: OperatorDesk, browser: PlainBrowser, token: str, path: str, do: str) -> None:
    fields = {"do": do, "number": "1", "sure": "yes", "address": ANNA}
    before = page.acts()
    for site in ("cross-site", "same-site", "none"):
        assert browser.post(path, {**fields, "token": token}, Sec_Fetch_Site=site).status == 403
    old = PlainBrowser(page.port, dict(browser.cookies), as_old=True)
    for origin in ("https://evil.example", "null", ""):
        assert old.post(path, {**fields, "token": token}, Origin=origin).status == 403
    for given in ("", "0" * 64, token[:-1], PlainBrowser(page.port).get("/operator/sign-in").token):
        assert browser.post(path, {**fields, "token": given}).status == 400
    assert browser.get(f"{path}?do={do}&token={token}&number=1&address={ANNA}").status == 200  # a GET only shows
    assert page.acts() == before
    assert old.post(path, {**fields, "token": token}).status == 303


def test_a_key_of_the_api_opens_no_operator_s_page_and_the_other_way_round(page: OperatorDesk) -> None:
    desk = page.desk
    with desk.database.writing() as connection:
        platform = add_key(connection, "portal", [scope.value for scope in Scope], ["*"], desk.now, None)
        assert find_key(connection, page.key.replace("hdo_", "hdk_", 1)) is None
        assert find_key(connection, platform.replace("hdk_", "hdo_", 1), KeyKind.OPERATOR) is None
    stranger = PlainBrowser(page.port)
    for key in (platform, platform.replace("hdk_", "hdo_", 1), "", page.key[:-1], page.key + "0"):
        seen = stranger.submit("/operator/sign-in", {"key": key})
        assert (seen.status, stranger.cookies) == (401, {})
        assert not key or key not in seen.html
    with api_of(desk) as api:
        assert api.asks("GET", "/api/v1/threads", page.key).status == 401
        assert api.asks("GET", "/operator", None).status == 404
        assert api.asks("GET", "/operator/sign-in", None).status == 404


def test_a_session_is_new_at_each_sign_in_and_ends_with_its_key(page: OperatorDesk) -> None:
    fixed = PlainBrowser(page.port, {COOKIE: "chosen-by-somebody-else"})
    fixed.submit("/operator/sign-in", {"key": page.key})
    assert fixed.cookies[COOKIE] != "chosen-by-somebody-else"
    other = page.signs_in()
    assert other.cookies != fixed.cookies
    assert other.post("/operator/sign-out", {"token": other.get("/operator").token}).status == 303
    assert other.get("/operator").status == 303
    assert fixed.get("/operator").status == 200
    page.desk.now += timedelta(hours=12)
    assert fixed.get("/operator").status == 303
    last = page.signs_in()
    with page.desk.database.writing() as connection:
        assert revoke_key(connection, page.key.split("_")[1], page.desk.now)
    assert last.get("/operator").status == 303
    assert last.submit("/operator/sign-in", {"key": page.key}).status == 401


def test_the_cookie_is_for_these_pages_and_no_script(page: OperatorDesk) -> None:
    """Browsers give a cookie to every port of a host: its path keeps it from the pages of customers."""
    set_by = PlainBrowser(page.port).post("/operator/sign-in", {"key": page.key}).headers["set-cookie"]
    assert {"Path=/operator", "HttpOnly", "SameSite=Strict"} <= set(set_by.split("; "))
    assert "Secure" not in set_by
    by_proxy = PlainBrowser(page.port).post("/operator/sign-in", {"key": page.key}, Origin="https://ops.example")
    assert "Secure" in by_proxy.headers["set-cookie"].split("; ")


def test_every_answer_is_private_and_runs_nothing_of_others(page: OperatorDesk) -> None:
    browser = page.signs_in()
    answers = [browser.get(path) for path in PAGES]
    answers += [
        PlainBrowser(page.port).get("/operator/sign-in"),
        browser.get("/operator/nothing"),
        browser.get("/operator/../etc/passwd"),
    ]
    for seen in answers:
        policy = seen.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert (seen.headers["cache-control"], seen.headers["x-content-type-options"]) == ("no-store", "nosniff")
        assert "<script>" not in seen.html
        assert "http://" not in seen.html.replace("http://www.w3.org/2000/svg", "")
    assert [seen.status for seen in answers[-2:]] == [404, 404]


def test_what_a_page_cannot_take_is_said_in_one_sentence(page: OperatorDesk) -> None:
    browser = page.signs_in()
    assert FAULTS[413] in browser.post("/operator/letters", {"reason": "x" * 1_100_000}).words
    assert FAULTS[405] in browser._ask("DELETE", "/operator", None, {}).words
    assert browser.get("/operator/letters?said=<script>").status == 200
    head = browser._ask("HEAD", "/operator", None, {})
    assert (head.status, head.html) == (200, "")


def test_the_command_makes_keys_of_operators_that_reach_no_account(page: OperatorDesk) -> None:
    config = str(page.desk.node.configuration.settings.folder / "helpdesk.toml")
    made = CliRunner().invoke(key_group, ["add", "--operator", "ops", "--config", config])
    assert made.exit_code == 0, made.output
    assert made.output.startswith("hdo_")
    listed = CliRunner().invoke(key_group, ["list", "--json", "--config", config]).output
    assert '"scopes": ["operator"], "accounts": []' in listed
    refused = CliRunner().invoke(key_group, ["add", "--operator", "ops", "--all-accounts", "--config", config])
    assert refused.exit_code == 2
    revoked = CliRunner().invoke(key_group, ["revoke", made.output.split()[0], "--config", config])
    assert revoked.exit_code == 0, revoked.output


def test_acts_are_kept_for_a_year(page: OperatorDesk) -> None:
    page.does(page.signs_in(), "letters", "hold")
    assert forget_acts(page.desk.database, page.desk.now + KEPT - timedelta(seconds=1)) == 0
    assert forget_acts(page.desk.database, page.desk.now + KEPT + timedelta(seconds=1)) == 1
