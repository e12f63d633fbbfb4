"""The public form: anybody can create a support request, it takes the way of any mail, and it tells nothing about anybody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.desk.story import StoryDesk, configured, direct_desk
from support.servers.api import Api, api_of
from support.servers.browser import Browser, Files, Page

from helpdesk.config.request_form import RequestFormSettings
from helpdesk.gateway.http.form_limits import HOUR, MOST_COUNTED, FormLimits, network_of
from helpdesk.gateway.http.form_seal import FASTEST, LIFE, FormSeal, Freshness
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import inbound
from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role

ORIGIN = "https://support.example.com"
PAGE = PageDesk(ORIGIN, "Accoraze Support", "Europe/Berlin", "en")
WORDS = {"address": "ida@home.example", "name": "Ida Ö", "subject": "Zoom", "text": "How do I zoom in?"}
NO_WORDS: Mapping[str, str] = {}
MANY = RequestFormSettings(per_address=1000, per_network=1000, per_hour=1000, files=1024 * 1024)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, reader: MailReader) -> Iterator[StoryDesk]:
    """One desk for all tests of this file; each has people of its own."""
    with direct_desk(configured(tmp_path_factory.mktemp("desk")), reader) as made:
        yield made


@pytest.fixture(scope="module")
def api(desk: StoryDesk) -> Iterator[Api]:
    with api_of(desk, page_desk=PAGE, form=MANY) as served:
        yield served


@dataclass
class Visitor:
    """Somebody who has opened the form, and takes some time to fill it in."""

    desk: StoryDesk
    browser: Browser

    def fills_in(self, **words: str) -> dict[str, str]:
        form = self.browser.opens("/request").form("/request") | WORDS | words
        self.desk.now += timedelta(minutes=1)
        return form

    def sends(self, words: Mapping[str, str] = NO_WORDS, files: Files = ()) -> Page:
        return self.browser.sends("/request", self.fills_in(**words), files)


@pytest.fixture
def visitor(api: Api, desk: StoryDesk) -> Visitor:
    return Visitor(desk, Browser(api))


def mails(desk: StoryDesk) -> int:
    with desk.database.reading() as connection:
        return len(connection.execute(select(inbound.c.id).where(inbound.c.door == "form")).all())


def test_a_stranger_s_request_takes_the_way_of_any_mail_and_an_answer_to_the_confirmation_proves_the_address(
    visitor: Visitor, desk: StoryDesk
) -> None:
    page = visitor.sends({"category": "billing and plans", "language": "de"}, [("Bild ä.png", b"\x89PNG\r\n\x1a\n" + bytes(99))])
    assert page.path == "/request/sent?language=de" and "Bitte sehen Sie in Ihr Postfach" in page.text
    desk.settle()
    ida, omar = desk.person("ida@home.example"), desk.person("omar@desk.example")
    [ticket] = [ticket for ticket in desk.tickets() if ticket.subject == "Zoom"]
    assert (ticket.account, ticket.assurance, ticket.language) == (None, Assurance.UNVERIFIED, "de")
    assert ticket.category == "billing and plans"
    assert [(person.address, person.name) for person in ticket.participants if person.number == 1] == [(ida.address, "Ida Ö")]
    confirmation = ida.letter(Notice.CONFIRMATION).text
    assert "Zoom" not in confirmation and "zoom" not in confirmation  # fixed words, which nobody can send to others by the form
    assert "Anfrage" in confirmation
    assert omar.letter(Notice.NEW_TICKET).files["Bild ä.png"].startswith(b"\x89PNG")
    assert "How do I zoom in?" in omar.letter(Notice.NEW_TICKET).text
    ida.replies(Notice.CONFIRMATION, "Ja, das bin ich.")
    [after] = [ticket for ticket in desk.tickets() if ticket.subject == "Zoom"]
    assert after.assurance is not Assurance.UNVERIFIED


def test_the_answer_is_the_same_whoever_is_named(visitor: Visitor, desk: StoryDesk) -> None:
    """A contact, somebody of an account's domain, a member of staff and a stranger: nobody learns who has an account."""
    seen = set()
    for address in ("anna@acme.example", "omar@desk.example", "stranger@nowhere.example"):
        page = visitor.sends({"address": address, "subject": f"From {address}"})
        seen.add((page.path, page.status, page.answer.body, tuple(sorted(set(page.answer.headers) - {"date"}))))
    assert len(seen) == 1 and {status for _, status, *_ in seen} == {200}
    desk.settle()
    assert "From anna@acme.example" not in [message.subject for message in desk.inbox()]  # nothing proves that Anna wrote it


def test_a_form_that_is_sent_twice_is_one_request(visitor: Visitor, desk: StoryDesk) -> None:
    form = visitor.fills_in(address="twice@home.example", subject="Once")
    assert [visitor.browser.sends("/request", form).status for _ in range(2)] == [200, 200]
    other = visitor.sends(
        {"address": "twice@home.example", "subject": "Once"}
    )  # the same words from another form are another request
    assert other.status == 200
    desk.settle()
    assert len([ticket for ticket in desk.tickets() if ticket.subject == "Once"]) == 2
    assert [mail.state for mail in desk.mails()][-2] is Disposition.DISCARDED


def test_what_only_programs_do_stores_nothing_and_they_do_not_notice(visitor: Visitor, desk: StoryDesk) -> None:
    before = mails(desk)
    assert visitor.sends({"website": "https://spam.example"}).path.startswith("/request/sent")
    assert mails(desk) == before
    form = visitor.browser.opens("/request").form("/request") | WORDS
    early = visitor.browser.sends("/request", form)  # at once
    assert early.status == 422 and "press the button once more" in early.text
    assert mails(desk) == before
    desk.now += FASTEST
    assert visitor.browser.sends("/request", early.form("/request")).path.startswith("/request/sent")
    assert mails(desk) == before + 1


@pytest.mark.parametrize("mark", ["", "1.2.3", "x", "0." + "a" * 24 + "." + "0" * 32, "ä.ö.ü"])
def test_a_form_without_our_mark_comes_back_with_its_words(visitor: Visitor, desk: StoryDesk, mark: str) -> None:
    before = mails(desk)
    page = visitor.sends({"mark": mark, "text": "Keep <these> words."})
    assert page.status == 422 and mails(desk) == before
    assert page.form("/request")["text"].strip() == "Keep <these> words."
    desk.now += timedelta(minutes=1)
    assert visitor.browser.sends("/request", page.form("/request")).status == 200
    assert mails(desk) == before + 1


def test_a_form_that_was_open_for_a_day_is_sent_with_one_more_press(visitor: Visitor, desk: StoryDesk) -> None:
    form, before = visitor.fills_in(), mails(desk)
    desk.now += LIFE
    page = visitor.browser.sends("/request", form)
    assert page.status == 422 and "open for a long time" in page.text and mails(desk) == before


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {}]
)
def test_another_site_cannot_send_requests_by_its_visitors(visitor: Visitor, desk: StoryDesk, headers: dict[str, str]) -> None:
    before = mails(desk)
    page = visitor.browser.sends("/request", visitor.fills_in(), headers=headers)
    assert page.status == 403 and mails(desk) == before


WRONG = [
    ({"address": "nobody"}, "Write your email address"),
    ({"address": "a@b.example, c@d.example"}, "Write your email address"),
    ({"address": "help@support.example.com"}, "Write your email address"),
    ({"address": "noreply@shop.example"}, "Write your email address"),
    ({"subject": "  "}, "Write a subject"),
    ({"subject": "x" * 201}, "at most 200"),
    ({"text": ""}, "Write a message"),
    ({"text": "x" * 100_001}, "at most 100,000"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_a_mistake_is_named_at_its_field_and_nothing_is_lost(
    visitor: Visitor, desk: StoryDesk, words: dict[str, str], told: str
) -> None:
    before = mails(desk)
    page = visitor.sends(words)
    [field] = words
    assert page.status == 422 and told in page.text and mails(desk) == before
    node = page.tree.css_first(f"#{field}")
    assert node is not None and node.attributes["aria-invalid"] == "true"
    assert page.form("/request")["name"] == "Ida Ö"


def test_header_fields_cannot_be_smuggled(visitor: Visitor, desk: StoryDesk) -> None:
    evil = "\r\nBcc: all@world.example\r\nHelpdesk-Category: data concern\r\n\r\n"
    for field in ("name", "subject", "language", "category", "address"):
        visitor.sends({"subject": f"Smuggled by {field}", field: f"Smuggled by {field} {evil}"})
    visitor.sends({"subject": "Smuggled by file"}, [("x%22;%0D%0ABcc: all@world.example", b"1")])
    desk.settle()
    found = [ticket for ticket in desk.tickets() if ticket.subject.startswith("Smuggled")]
    assert len(found) == 5  # with an address that is none, there is no request
    for ticket in found:
        assert [person.address for person in ticket.participants if "omar" not in person.address] == ["ida@home.example"]
        assert ticket.category != "data concern"


def test_what_the_form_says_by_its_header_counts_in_no_other_mail(desk: StoryDesk) -> None:
    eve = desk.person("eve@home.example")
    eve.writes("Hello", "I cannot log in.", headers={"Helpdesk-Category": "data concern", "Helpdesk-Language": "de"})
    [ticket] = [ticket for ticket in desk.tickets() if ticket.participant_at(eve.address, Role.CUSTOMER)]
    assert (ticket.category, ticket.language) == ("account access", "en")


def test_too_much_is_refused_before_it_is_read(visitor: Visitor, desk: StoryDesk) -> None:
    before = mails(desk)
    page = visitor.sends(files=[("a", bytes(600_000)), ("b", bytes(600_000))])
    assert page.status == 422 and "smaller or fewer files" in page.text
    assert visitor.sends(files=[("a", bytes(27 * 1024 * 1024))]).status == 413
    assert visitor.sends(files=[(str(number), b"") for number in range(30)]).status == 400
    assert mails(desk) == before


@pytest.mark.parametrize("limit", ["per_network", "per_address", "per_hour"])
def test_a_flood_ends_at_a_limit_with_the_same_words_and_an_address_for_mail(desk: StoryDesk, limit: str) -> None:
    with api_of(desk, page_desk=PAGE, form=MANY.model_copy(update={limit: 2})) as served:
        visitor, before = Visitor(desk, Browser(served)), mails(desk)
        shown = []
        for number in range(4):
            fields = visitor.fills_in(address=f"i.d.a+{number}@home.example", subject=str(number))
            headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
            shown.append(visitor.browser.sends("/request", fields, headers=headers))
        assert [page.status for page in shown] == [200, 200, 429, 429]
        assert shown[-1].text.startswith("Create a support request Too many requests have reached us from here")
        assert "help@support.example.com" in shown[-1].text and shown[-1].answer.headers["retry-after"] == "3600"
        assert mails(desk) == before + 2


def test_a_disk_without_room_says_so_and_takes_nothing(desk: StoryDesk, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    visitor, before = Visitor(desk, Browser(api)), mails(desk)
    monkeypatch.setattr("helpdesk.gateway.http.request_form.routes.store_raw", fail)
    page = visitor.sends()
    assert page.status == 503 and "can’t take requests right now" in page.text and mails(desk) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_chosen_language_and_is_labelled(visitor: Visitor, language: str) -> None:
    browser = Browser(visitor.browser.api, language=language)
    faulty = browser.sends("/request", browser.opens("/request").form("/request") | {"language": language})
    for page in (browser.opens("/request"), visitor.browser.opens(f"/request?language={language}"), faulty,
                 browser.opens(f"/request/sent?language={language}"), browser.opens("/request/nothing")):  # fmt: skip
        html = page.tree.css_first("html")
        assert html is not None and html.attributes["lang"] == language
        assert len(page.tree.css("h1")) == len(page.tree.css("main")) == 1
        assert not page.tree.css("[style], style, script:not([src])")
        labelled = {node.attributes["for"] for node in page.tree.css("label")}
        assert {node.attributes["id"] for node in page.tree.css("textarea, select, input:not([type=hidden])")} <= labelled
        assert page.answer.headers["cache-control"] == "no-store" and "set-cookie" not in page.answer.headers
        assert "default-src 'none'" in page.answer.headers["content-security-policy"]


def test_the_form_tells_what_each_plan_gets(visitor: Visitor) -> None:
    text = visitor.browser.opens("/request").text
    assert "business We answer within 4 h of our working hours." in text
    assert "free We answer as soon as we can. (without an account, too)" in text


def test_without_the_section_there_is_no_form(desk: StoryDesk) -> None:
    with api_of(desk, page_desk=PAGE) as served:
        assert served.asks("GET", "/request", None).status == 404


# --- its parts

PROXIES = ("127.0.0.0/8", "::1/128")
NETWORKS = [
    ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ("127.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),  # what the visitor wrote there does not count
    ("127.0.0.1", ["6.6.6.6", "203.0.113.9, 127.0.0.2"], "203.0.113.9"),  # two proxies
    ("127.0.0.1", [], ""),
    ("127.0.0.1", ["unknown"], ""),
    ("203.0.113.9", ["6.6.6.6"], "203.0.113.9"),  # no proxy of ours: its word counts for nothing
    ("2001:db8:1:2:3::9", [], "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.9", [], "203.0.113.9"),
    ("", [], ""),
]


@pytest.mark.parametrize(("peer", "forwarded", "network"), NETWORKS)
def test_a_visitor_s_network(peer: str, forwarded: list[str], network: str) -> None:
    assert network_of(peer, forwarded, PROXIES) == network


def test_a_limit_begins_anew_after_an_hour_and_its_memory_is_bounded() -> None:
    now = [0.0]
    limits = FormLimits(2, 2, MOST_COUNTED * 3, lambda: now[0])
    assert [limits.allow_network("a") for _ in range(3)] == [True, True, False]
    now[0] = HOUR
    assert limits.allow_network("a")
    for number in range(MOST_COUNTED * 2):
        limits.allow_request(str(number))
    assert len(limits._counted) <= MOST_COUNTED + 1


def test_a_mark_is_good_for_a_time(desk: StoryDesk) -> None:
    seal = FormSeal(lambda: b"k")
    mark = seal.mark(desk.now)
    ages = {
        timedelta(0): Freshness.EARLY,
        FASTEST + timedelta(seconds=1): Freshness.GOOD,
        LIFE + timedelta(seconds=2): Freshness.LATE,
    }
    assert {age: seal.freshness(mark, desk.now + age) for age in ages} == ages
    assert FormSeal(lambda: b"other").freshness(mark, desk.now + FASTEST) is Freshness.FOREIGN
