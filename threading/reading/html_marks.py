"""What the attributes of an element say: a quote, a signature, the boundary of our letters, hidden.

Mail clients rename classes and ids when they quote: Outlook writes `x_` before them, Gmail `m_` and a number, Yahoo `yiv` and a number.
"""

import re
from collections.abc import Mapping

from helpdesk.threading.reading.lines import Style

Attributes = Mapping[str, str | None]

BOUNDARY_CLASS = "helpdesk-boundary"
BOUNDARY_MARK = "data-helpdesk"  # an attribute, which Outlook keeps where it renames classes
MARKING = {"class", "id", "style", "data-marker", BOUNDARY_MARK}  # attributes that may say what an element is
RENAMED = re.compile(r"(?:x_|m_-?\d{1,40}|yiv\d{1,20}|ydp[0-9a-f]{1,40}|qt-|ecx){1,20}")
MOST_CLASSES = 500  # characters
BOLD = re.compile(r"font-weight:(?:bold|bolder|[6-9]00)")
NOT_BOLD = re.compile(r"font-weight:(?:normal|lighter|[1-5]00)")

QUOTE_CLASSES = {
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "zmail_extra_hr",
    "front-blockquote",
    "OutlookMessageHeader",
    "msg_outlook_quote",
    "mb_quote",
    "ms-outlook-mobile-reference-message",
    "AppleOriginalContents",
    "mailcontent-quote",
    "nylas-quote",
    "gmail_attr",
    "helpscout_quote",
}
SIGNATURE_CLASSES = {"gmail_signature", "moz-signature", "protonmail_signature_block", "tutanota_signature", "k9mail-signature"}
SIGNATURE_IDS = {"Signature", "signature", "ms-outlook-mobile-signature", "AppleMailSignature"}
QUOTE_IDS = {
    "reply-intro",
    "isForwardContent",
    "OLK_SRC_BODY_SECTION",
    "mail-editor-reference-message-container",
    "yahoo_quoted",
    "qt",
}
END_IDS = {"appendonsend", "divRplyFwdMsg", "zwchr", "divtagdefaultwrapper_quote"}
OUTLOOK_RULES = (
    "border-top:solid#e1e1e11.0pt",
    "border-top:solid#b5c4df1.0pt",
    "border-top:solid#b5c4df1pt",
    "border-top:1ptsolid#b5c4df",
)


def own_name(name: str) -> str:
    """A class or an id as its author wrote it, before a mail client renamed it. The `qt` of Fastmail's quote is a whole id."""
    bare = name.removesuffix("_mr_css_attr")
    renamed = RENAMED.match(bare)
    return bare[renamed.end() :] or bare if renamed else bare


def classes_of(attributes: Attributes) -> list[str]:
    """The classes of an element, as their author wrote them."""
    written = attributes.get("class")
    return [own_name(name) for name in written[:MOST_CLASSES].split()] if written else []


def identity_of(attributes: Attributes) -> str:
    """The id of an element, as its author wrote it; "" without one."""
    written = attributes.get("id")
    return own_name(written[:200]) if written else ""


def is_boundary(attributes: Attributes) -> bool:
    """Whether one of our letters begins at the element, whatever a mail client has put before or behind our class."""
    return attributes.get(BOUNDARY_MARK) == "boundary" or BOUNDARY_CLASS in (attributes.get("class") or "")[:MOST_CLASSES]


def is_hidden(flat: str, attributes: Attributes) -> bool:
    """Whether the style `flat` hides an element. The boundary of our own letters is read although it is hidden."""
    return ("display:none" in flat or "mso-hide:all" in flat) and not is_boundary(attributes)


def flat_style(attributes: Attributes) -> str:
    """The beginning of the style of an element in lower case, without white space."""
    style = attributes.get("style")
    return style[:1000].lower().replace(" ", "") if style else ""


def styled(style: int, flat: str) -> int:
    """The style of a text inside an element whose `style` attribute is `flat`."""
    if "font-weight" in flat:
        style = style | Style.STRONG if BOLD.search(flat) else style & ~Style.STRONG if NOT_BOLD.search(flat) else style
    if "font-style:italic" in flat:
        style |= Style.EMPHASIS
    elif "font-style:normal" in flat:
        style &= ~Style.EMPHASIS
    return style | Style.STRUCK if "line-through" in flat else style


def holds_a_quote(tag: str, classes: list[str], identity: str, attributes: Attributes, *, in_gmail: bool) -> bool:
    """Whether an element holds a quote. Outside Gmail's container, authors make `blockquote.gmail_quote` by the button for quotations."""
    if tag == "blockquote":
        if not attributes or (attributes.get("type") or "").lower() == "cite" or "cite" in attributes or "iosymail" in classes:
            return True
        if "gmail_quote" in classes:
            return in_gmail
    return (
        not QUOTE_CLASSES.isdisjoint(classes)
        or identity in QUOTE_IDS
        or identity.startswith("yahoo_quoted")
        or attributes.get("data-marker") == "__QUOTED_TEXT__"
    )


def begins_old_mail(identity: str, attributes: Attributes) -> bool:
    """Whether all below an element is old text: Outlook's marks of a quote, and the rule that it draws above one."""
    return identity in END_IDS or ("border" in (attributes.get("style") or "").lower() and _is_outlook_rule(attributes))


def _is_outlook_rule(attributes: Attributes) -> bool:
    flat = (attributes.get("style") or "")[:500].lower().replace(" ", "")
    return any(rule in flat for rule in OUTLOOK_RULES)
