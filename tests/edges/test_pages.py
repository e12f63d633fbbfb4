"""The frame of all pages for browsers: the files that they load, their headers, and forms of other sites."""

from datetime import UTC, datetime

import pytest
from support.desk.story import StoryDesk
from support.servers.api import api_of

from helpdesk.gateway.http.pages import cookie, page_answer
from helpdesk.gateway.private_pages import form_token, is_own_form, is_token_of
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.pages import page_files
from helpdesk.templates.render import page_by

OWN = "https://support.example.com"


def test_stylesheet_and_script_come_from_this_server_and_may_be_kept(desk: StoryDesk) -> None:
    with api_of(desk) as served:
        for file in page_files().values():
            answer = served.asks("GET", file.address, None)
            assert (answer.status, answer.body) == (200, file.content)
            assert answer.headers["content-type"] == file.media_type
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["x-content-type-options"] == "nosniff"
        for path in ("/assets/0000000000000000/style.css", "/assets/..%2f..%2fetc/passwd", "/assets/x/%2e%2e"):
            assert served.asks("GET", path, None).status == 404


def test_a_page_is_kept_nowhere_and_framed_by_nobody_but_those_named() -> None:
    headers = page_answer("<p>").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
    embedded = page_answer("<p>", embed=["https://app.example.com"]).headers["content-security-policy"]
    assert embedded.endswith("frame-ancestors https://app.example.com")


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-site", "origin": OWN}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": OWN}, True),
        ({"origin": "https://support.example.com.evil.example"}, False),
        ({"origin": "http://support.example.com"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)  # fmt: skip
def test_a_form_comes_from_a_page_of_ours(headers: dict[str, str], is_own: bool) -> None:
    assert is_own_form(headers, (OWN,)) is is_own


def test_a_form_s_token_belongs_to_one_session() -> None:
    assert is_token_of("one", form_token("one"))
    assert not any(is_token_of("one", given) for given in ("", form_token("other"), form_token("one")[:-1], "ä"))


def test_a_cookie_in_a_frame_of_another_site_is_partitioned() -> None:
    plain, framed = (cookie("inbox", "x", seconds=60, embedded=embedded) for embedded in (False, True))
    assert plain == "__Host-inbox=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
    assert framed == "__Host-inbox=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=None; Partitioned"


def test_what_stands_in_the_frame_is_escaped() -> None:
    speech = Speech("fr", "UTC")
    values = {"lang": "fr", "say": speech.say, "title": "<b>", "desk": "A & B", "style": "/s", "script": "/j"}
    html = page_by("base", values)
    assert "<title>&lt;b&gt; · A &amp; B</title>" in html
    assert 'lang="fr"' in html and "Aller au contenu" in html
    assert speech.moment(datetime(2026, 11, 30, tzinfo=UTC))
