"""Letters whose words have a shape: a table, lists, code, pictures, another direction of writing, a long quotation."""

import hashlib
import struct
import zlib
from dataclasses import replace

from support.desk.letter_orders import LETTERHEAD, NOW, order

from helpdesk.templates.compose import compose
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.shaping import shaped, text_of


def _png(width: int, height: int) -> bytes:
    """A picture of stripes."""
    row = b"\0" + b"".join(bytes((90, 130 + x % 60, 200)) if (x // 20) % 2 else b"\xe8\xec\xf4" for x in range(width))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    )
    written = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


SCREENSHOT = _png(900, 260)
DIGEST = hashlib.sha256(SCREENSHOT).hexdigest()
PICTURE = Attachment("Screenshot.png", "image/png", len(SCREENSHOT), DIGEST, "shot", inline=True)
PICTURES = {"cid:shot": NamedPicture("Screenshot.png", DIGEST)}

PAGES = {
    "lists": (
        "<p>Hello Anna,</p><p><b>please</b> do it as <a href='https://docs.desk.example/export'>our guide</a> says. It costs <s>100</s> 120 € and is "
        "<i>not</i> urgent:</p><ol><li>Open the file.</li><li>Choose one of these:<ul><li>the whole year, which takes a while because all of it is "
        "read again and put in its order</li><li>one month</li></ul></li><li>Press <b>Import</b>.</li></ol><h2>And then</h2><p>Send me <code>import.log</code>.</p>"
        "<blockquote style='margin:0 0 0 40px'>An import never changes what is there already.</blockquote><p>Kind regards<br>Omar</p>"
    ),
    "a table": (
        "<p>Please correct these:</p><table border=1><tr><th>Order</th><th>Article</th><th>Wrong</th><th>Right</th></tr>"
        "<tr><td>4711</td><td>Toner, black, for the printer on the second floor</td><td></td><td>12,00</td></tr>"
        "<tr><td>4712</td><td>Paper<br>A4</td><td>9,00</td><td></td></tr></table><p>Thank you</p>"
    ),
    "code": (
        "<p>It says this when I run <code>accoraze import --all</code>:</p><pre>Traceback (most recent call last):\n"
        '  File "/opt/accoraze/import.py", line 12, in read_the_whole_year_and_put_it_in_order\n    raise Missing(month)\n\nMissing: May</pre><p>What is missing?</p>'
    ),
    "pictures": "<p>Before I press the button:</p><img src='cid:shot'><p>And afterwards it is the same. Which one is right?</p>",
    "right to left": (
        "<div dir=rtl><p>שלום אנה,</p><p><b>נא</b> לפתוח את הקובץ <a href='https://docs.desk.example/he'>כאן</a>:</p>"
        "<ol><li>פתחו את הקובץ</li><li>לחצו על Import</li></ol><table><tr><td>מאי</td><td>12</td></tr><tr><td>יוני</td><td>9</td></tr></table></div>"
    ),
}  # fmt: skip
LONG_QUOTE = "".join(
    f"<p>Line {number} of a letter that somebody else wrote, with <b>words</b> in it.</p>" for number in range(30)
)


def shaped_letter(audience: str, name: str) -> Letter:
    """A letter to a customer or to staff with the words of that page. A letter to staff has a long text below the message."""
    notice = Notice.NEW_TICKET if audience == "staff" else Notice.ANSWER
    below: tuple[Line, ...] = tuple(readable_lines(LONG_QUOTE)) if audience == "staff" else ()
    document = (*readable_lines(PAGES[name], PICTURES), *below)
    usual = order(audience, notice)
    attach = (PICTURE,) if name == "pictures" else ()
    text = text_of(shaped(text_of(readable_lines(PAGES[name], PICTURES)), document))
    words = replace(usual.words, body=text, attach=attach, document=document, below=text_of(below))
    return compose(replace(usual, words=words), LETTERHEAD, {DIGEST: SCREENSHOT}, NOW)
